//! Whatever is posted to any function process is received on every edge, once, in order.

use std::{collections::HashSet, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Host, Socket};
use threadly_tests::{
    checker::{Placed, Run, Stay, check},
    house::House,
};

const LIMIT: Duration = Duration::from_secs(20);

async fn from_a_manifest_to_both_sockets(host: Host) -> anyhow::Result<()> {
    let house = House::hosted(host, "first", 1).await?;
    let (ada, ben) = (house.person("ada").await?, house.person("ben").await?);
    let directory = house.directory.url();
    let channel = ada.make_channel(&directory, "public").await?;
    ada.add_member(&directory, channel, ben.id).await?;

    let edge = house.edges[0].url();
    let (mut at_ada, mut at_ben) = (ada.connect(&edge, None).await?, ben.connect(&edge, None).await?);
    at_ada.next_of("ready", LIMIT).await?;
    at_ben.next_of("ready", LIMIT).await?;
    let (id, position) = ada.post(&house.messages[0].url(), channel, "Good morning!").await?;

    for socket in [&mut at_ada, &mut at_ben] {
        let frame = next_message(socket).await?;
        assert_eq!(frame["event"], "THREAD_MESSAGE_CREATED");
        assert_eq!(frame["position"], position.to_string());
        assert_eq!(frame["data"]["messageId"], id.to_string());
        assert_eq!(frame["data"]["channelId"], channel.to_string());
        assert_eq!(frame["data"]["userId"], ada.id.to_string());
        assert_eq!(frame["data"]["text"], "Good morning!");
    }
    let history = ben.history(&house.messages[0].url(), channel, Some(&position.to_string())).await?;
    assert_eq!(history.len(), 1);
    assert_eq!(history[0]["text"], "Good morning!");
    Ok(())
}

async fn two_edges_two_functions_and_one_projector_agree(host: Host) -> anyhow::Result<()> {
    let house = House::hosted(host, "shared", 2).await?;
    let directory = house.directory.url();
    let mut people = Vec::new();
    for name in ["ada", "ben", "cai", "dee"] {
        people.push(house.person(name).await?);
    }
    let mut channels = Vec::new();
    for _ in 0..3 {
        let channel = people[0].make_channel(&directory, "private").await?;
        for person in &people[1..] {
            people[0].add_member(&directory, channel, person.id).await?;
        }
        channels.push(channel);
    }

    let mut sockets = Vec::new();
    for (index, person) in people.iter().enumerate() {
        let mut socket = person.connect(&house.edges[index % 2].url(), None).await?;
        socket.next_of("ready", LIMIT).await?;
        sockets.push(socket);
    }
    let mut run = Run::default();
    for number in 0..60 {
        let (person, channel) = (&people[number % people.len()], channels[number % channels.len()]);
        let url = house.messages[number % 2].url();
        let (id, position) = person.post(&url, channel, &format!("message {number}")).await?;
        run.acknowledged.push(Placed { channel, id, position });
        run.attempted.insert(id);
    }
    for (person, socket) in people.iter().zip(&mut sockets) {
        let mut reader = threadly_tests::checker::Reader {
            name: person.id.to_string(),
            stays: channels.iter().map(|channel| (*channel, vec![Stay::ALWAYS])).collect(),
            received: Vec::new(),
        };
        let mut missing: HashSet<_> = run.attempted.clone();
        while !missing.is_empty() {
            let placed = placed(&next_message(socket).await?)?;
            missing.remove(&placed.id);
            reader.received.push(placed);
        }
        run.readers.push(reader);
    }
    let last = sockets[0].cursor.clone().map(|cursor| cursor.to_string());
    for channel in channels {
        let history = people[1].history(&house.messages[1].url(), channel, last.as_deref()).await?;
        run.history.insert(channel, history.iter().map(kept).collect::<anyhow::Result<_>>()?);
    }
    let report = check(&run);
    println!("{report}");
    assert!(report.faults.is_empty(), "{report}");
    assert_eq!(report.received, 4 * 60);
    Ok(())
}

async fn edits_deletions_and_threads_reach_readers_and_history(host: Host) -> anyhow::Result<()> {
    let house = House::hosted(host, "edits", 1).await?;
    let (directory, messages) = (house.directory.url(), house.messages[0].url());
    let (ada, ben) = (house.person("ada").await?, house.person("ben").await?);
    let channel = ada.make_channel(&directory, "public").await?;
    ada.add_member(&directory, channel, ben.id).await?;
    let mut at_ben = ben.connect(&house.edges[0].url(), None).await?;
    at_ben.next_of("ready", LIMIT).await?;

    let (root, _) = ada.post(&messages, channel, "first").await?;
    let path = format!("/channels/{channel}/messages/{root}");
    // A message can be edited and replied to the moment it is acknowledged, projected or not.
    ada.request(Method::PATCH, &messages, &path, Some(json!({"text": "second"}))).await?.ok()?;
    let reply = domain::MessageId::random();
    let reply_path = format!("/channels/{channel}/messages/{reply}");
    let body = json!({"text": "a reply", "parentMessageId": root});
    ben.request(Method::PUT, &messages, &reply_path, Some(body)).await?.ok()?;
    let nested = format!("/channels/{channel}/messages/{}", domain::MessageId::random());
    let body = json!({"text": "too deep", "parentMessageId": reply});
    let refused = ben.request(Method::PUT, &messages, &nested, Some(body)).await?;
    assert_eq!(refused.code(), "parent-is-a-reply");
    let deleted = ben.request(Method::DELETE, &messages, &reply_path, None).await?.ok()?;

    let mut kinds = Vec::new();
    while kinds.len() < 4 {
        kinds.push(next_message(&mut at_ben).await?["event"].as_str().unwrap_or_default().to_owned());
    }
    let expected =
        ["THREAD_MESSAGE_CREATED", "THREAD_MESSAGE_EDITED", "THREAD_MESSAGE_CREATED", "THREAD_MESSAGE_DELETED"];
    assert_eq!(kinds, expected);
    let at_least = deleted["position"].as_str();
    let history = ada.history(&messages, channel, at_least).await?;
    assert_eq!(history.len(), 1, "replies stand in their thread");
    assert_eq!(history[0]["text"], "second");
    let thread = ada.request(Method::GET, &messages, &format!("{path}/thread"), None).await?.ok()?;
    let texts: Vec<&Value> = thread["items"].as_array().into_iter().flatten().map(|item| &item["text"]).collect();
    assert_eq!(texts, [&json!("second"), &Value::Null]);
    Ok(())
}

async fn a_retry_changes_nothing_and_another_message_under_the_same_id_is_refused(host: Host) -> anyhow::Result<()> {
    let house = House::hosted(host, "retry", 2).await?;
    let (ada, ben) = (house.person("ada").await?, house.person("ben").await?);
    let channel = ada.make_channel(&house.directory.url(), "public").await?;
    ada.add_member(&house.directory.url(), channel, ben.id).await?;
    let mut at_ben = ben.connect(&house.edges[0].url(), None).await?;
    at_ben.next_of("ready", LIMIT).await?;

    let id = domain::MessageId::random();
    let first = ada.try_post(&house.messages[0].url(), channel, id, "once").await?;
    assert_eq!(first.status, 201);
    // Whether or not it is projected by now.
    for url in [house.messages[1].url(), house.messages[0].url()] {
        ada.try_post(&url, channel, id, "once").await?.ok()?;
    }
    let at_least = first.json["position"].as_str();
    assert_eq!(ada.history(&house.messages[0].url(), channel, at_least).await?.len(), 1);
    let other = ada.try_post(&house.messages[0].url(), channel, id, "twice").await?;
    assert_eq!((other.status.as_u16(), other.code()), (409, "message-id-taken"));
    let foreign = ben.try_post(&house.messages[1].url(), channel, id, "once").await?;
    assert_eq!(foreign.code(), "message-id-taken");

    let (end, _) = ada.post(&house.messages[0].url(), channel, "end").await?;
    let first = next_message(&mut at_ben).await?;
    let second = next_message(&mut at_ben).await?;
    assert_eq!(first["data"]["messageId"], id.to_string());
    assert_eq!(second["data"]["messageId"], end.to_string(), "the retries were not delivered");
    Ok(())
}

/// The next event of a message; membership markers are skipped.
pub(crate) async fn next_message(socket: &mut Socket) -> anyhow::Result<Value> {
    loop {
        let frame = socket.next_of("event", LIMIT).await?.json;
        if frame["data"]["messageId"].is_string() {
            return Ok(frame);
        }
    }
}

pub(crate) fn placed(frame: &Value) -> anyhow::Result<Placed> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(Placed {
        channel: text(&frame["data"]["channelId"]).parse()?,
        id: text(&frame["data"]["messageId"]).parse()?,
        position: text(&frame["position"]).parse()?,
    })
}

pub(crate) fn kept(item: &Value) -> anyhow::Result<(Placed, i64)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let placed = Placed {
        channel: text(&item["channelId"]).parse()?,
        id: text(&item["messageId"]).parse()?,
        position: text(&item["position"]).parse()?,
    };
    Ok((placed, item["sequence"].as_i64().unwrap_or_default()))
}

on_both_hosts! {
    from_a_manifest_to_both_sockets,
    two_edges_two_functions_and_one_projector_agree,
    edits_deletions_and_threads_reach_readers_and_history,
    a_retry_changes_nothing_and_another_message_under_the_same_id_is_refused,
}
