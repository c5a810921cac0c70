//! Bad input: each kind has a problem of its own, and nothing panics.

use std::time::Duration;

use domain::{ChannelId, MessageId, UserId};
use reqwest::{Client, Method};
use serde_json::json;
use testkit::{Closed, Host, Person};
use threadly_tests::house::House;

use crate::delivery::next_message;

const LIMIT: Duration = Duration::from_secs(20);

async fn scene(host: Host, name: &str) -> anyhow::Result<(House, Person, ChannelId)> {
    let house = House::hosted(host, name, 1).await?;
    let ada = house.person("ada").await?;
    let channel = ada.make_channel(&house.directory.url(), "public").await?;
    Ok((house, ada, channel))
}

async fn each_kind_of_bad_body_has_its_own_code(host: Host) -> anyhow::Result<()> {
    let (house, ada, channel) = scene(host, "bodies").await?;
    let url =
        format!("{}/w/{}/v1/channels/{channel}/messages/{}", house.messages[0].url(), ada.handle, MessageId::random());
    let huge = format!("{{\"text\":\"{}\"}}", "x".repeat(300 * 1024));
    let long = json!({"text": "é".repeat(20_001)}).to_string();
    let cases: [(&str, &str, u16, &str); 16] = [
        ("application/json", "", 400, "invalid-json"),
        ("application/json", "{", 400, "invalid-json"),
        ("application/json", "{\"text\":\"a\"} {}", 400, "invalid-json"),
        ("application/json", "\u{feff}{\"text\":\"a\"}", 400, "invalid-json"),
        ("application/json", "[]", 400, "invalid-field"),
        ("application/json", "null", 400, "invalid-field"),
        ("application/json", "{}", 400, "invalid-field"),
        ("application/json", "{\"text\":7}", 400, "invalid-field"),
        ("application/json", "{\"text\":\"a\",\"parentMessageId\":\"b\"}", 400, "invalid-field"),
        ("application/json", "{\"text\":\"a\",\"colour\":1}", 400, "unknown-field"),
        ("text/plain", "{\"text\":\"a\"}", 415, "not-json"),
        ("application/json", &huge, 413, "body-too-large"),
        ("application/json", &long, 422, "text-too-long"),
        ("application/json", "{\"text\":\" \\n \"}", 422, "text-empty"),
        ("application/json", "{\"text\":\"a\\u0000b\"}", 422, "text-control-character"),
        ("application/json", "{\"text\":\"a\\u001b[31m\"}", 422, "text-control-character"),
    ];
    for (kind, body, status, code) in cases {
        let request = Client::new().put(&url).bearer_auth(&ada.token).header("content-type", kind);
        let answer = request.body(body.to_owned()).send().await?;
        let head: String = body.chars().take(40).collect();
        assert_eq!(answer.status().as_u16(), status, "{head}");
        let kind = answer.headers()["content-type"].to_str()?.to_owned();
        assert_eq!(kind, "application/problem+json", "{head}");
        assert!(answer.headers().contains_key("x-request-id"), "{head}");
        let problem: serde_json::Value = answer.json().await?;
        assert_eq!(problem["code"], code, "{head}: {problem}");
    }
    // Invalid UTF-8, a broken surrogate, a nesting bomb.
    let bomb = "[".repeat(200_000);
    let bodies = [&b"{\"text\":\"\\ud800\"}"[..], bomb.as_bytes(), b"{\"text\":\"\xff\xfe\"}"];
    // What is called JSON and no text, the emulator of Lambda refuses by itself.
    for body in &bodies[..if host == Host::Lambda { 2 } else { 3 }] {
        let request = Client::new().put(&url).bearer_auth(&ada.token).header("content-type", "application/json");
        let answer = request.body(body.to_vec()).send().await?;
        assert_eq!(answer.status().as_u16(), 400);
    }
    Ok(())
}

async fn ids_limits_and_cursors_of_others_are_refused_by_name(host: Host) -> anyhow::Result<()> {
    let (house, ada, channel) = scene(host, "ids").await?;
    let (directory, messages) = (house.directory.url(), house.messages[0].url());
    let (foreign, stranger) = (ChannelId::random(), UserId::random());
    let list = |query: &str| format!("/channels/{channel}/messages?{query}");
    let cases = [
        (Method::GET, &messages, "/channels/not-a-uuid/messages".to_owned(), 400, "invalid-path"),
        (Method::GET, &messages, format!("/channels/{foreign}/messages"), 404, "channel-not-found"),
        (Method::GET, &messages, list("limit=0"), 400, "invalid-limit"),
        (Method::GET, &messages, list("limit=201"), 400, "invalid-limit"),
        (Method::GET, &messages, list("limit=many"), 400, "invalid-query"),
        (Method::GET, &messages, list("cursor=zzz"), 400, "invalid-cursor"),
        (Method::GET, &messages, list("atLeast=p1.2"), 400, "invalid-query"),
        (Method::GET, &messages, list("colour=1"), 400, "invalid-query"),
        (Method::GET, &messages, "/nothing/here".to_owned(), 404, "no-such-path"),
        (Method::POST, &messages, format!("/channels/{channel}/messages"), 405, "method-not-allowed"),
        (Method::GET, &directory, format!("/people/{stranger}"), 404, "person-not-found"),
        (Method::GET, &directory, format!("/channels/{foreign}"), 404, "channel-not-found"),
        (Method::GET, &directory, "/channels?cursor=%00%ff".to_owned(), 400, "invalid-cursor"),
        (Method::PUT, &directory, format!("/channels/{channel}/members/{stranger}"), 404, "person-not-found"),
    ];
    for (method, base, path, status, code) in cases {
        let answer = ada.request(method, base, &path, None).await?;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{path}: {}", answer.json);
    }
    let nowhere = Person { handle: "no-such-workspace".to_owned(), ..ada.clone() };
    assert_eq!(nowhere.request(Method::GET, &messages, "/me", None).await?.code(), "no-such-path");
    assert_eq!(nowhere.request(Method::GET, &directory, "/me", None).await?.code(), "workspace-not-found");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_on_a_socket_closes_that_socket_alone() -> anyhow::Result<()> {
    let (house, ada, channel) = scene(Host::Hyper, "garbage").await?;
    let edge = house.edges[0].url();
    let mut bystander = ada.connect(&edge, None).await?;
    bystander.next_of("ready", LIMIT).await?;
    for garbage in ["not json", "{\"type\":\"token\"}", "{\"type\":\"token\",\"accessToken\":\"x\"}", "[]"] {
        let mut socket = ada.connect(&edge, None).await?;
        socket.next_of("ready", LIMIT).await?;
        socket.send(garbage).await?;
        assert!(ended(&mut socket).await?.code.is_some_and(|code| code != 1000), "{garbage}");
    }
    let mut socket = ada.connect(&edge, None).await?;
    socket.next_of("ready", LIMIT).await?;
    // It may be cut off while it is still being sent.
    let _ = socket.send_bytes(vec![7; 1 << 20]).await;
    ended(&mut socket).await?;
    for cursor in ["x", "c1", "c1.-1", "c99999999999999999999.0"] {
        assert!(ada.connect(&edge, Some(cursor)).await.is_err(), "{cursor}");
    }
    ada.post(&house.messages[0].url(), channel, "still here").await?;
    let frame = next_message(&mut bystander).await?;
    assert_eq!(frame["data"]["text"], "still here");
    Ok(())
}

async fn ended(socket: &mut testkit::Socket) -> anyhow::Result<Closed> {
    loop {
        if let Err(error) = socket.next(LIMIT).await {
            return error.downcast();
        }
    }
}

on_both_hosts! {
    each_kind_of_bad_body_has_its_own_code,
    ids_limits_and_cursors_of_others_are_refused_by_name,
}
