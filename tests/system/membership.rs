//! Delivery begins at the join marker and ends at the leave marker, live and on resume.

use std::time::Duration;

use domain::ChannelId;
use serde_json::Value;
use testkit::{Host, Person, Socket};
use threadly_tests::house::House;

const LIMIT: Duration = Duration::from_secs(20);

/// Everything that a person receives up to and including a text said in a channel that they are surely in.
async fn until(socket: &mut Socket, text: &str) -> anyhow::Result<Vec<Value>> {
    let mut frames = Vec::new();
    loop {
        let frame = socket.next_of("event", LIMIT).await?.json;
        let end = frame["data"]["text"] == text;
        frames.push(frame);
        if end {
            return Ok(frames);
        }
    }
}

fn texts(frames: &[Value]) -> Vec<&str> {
    frames.iter().filter_map(|frame| frame["data"]["text"].as_str()).collect()
}

struct Scene {
    house: House,
    ada: Person,
    ben: Person,
    /// Where Ben comes and goes.
    secret: ChannelId,
    /// In the same partition or not, Ben is always here.
    common: ChannelId,
}

async fn scene(host: Host, name: &str) -> anyhow::Result<Scene> {
    let house = House::hosted(host, name, 1).await?;
    let (ada, ben) = (house.person("ada").await?, house.person("ben").await?);
    let secret = ada.make_channel(&house.directory.url(), "private").await?;
    let partition = domain::position::partition_of(secret.0, 2);
    // One order for both channels makes "nothing came in between" provable.
    let common = loop {
        let channel = ada.make_channel(&house.directory.url(), "public").await?;
        if domain::position::partition_of(channel.0, 2) == partition {
            break channel;
        }
    };
    ada.add_member(&house.directory.url(), common, ben.id).await?;
    Ok(Scene { house, ada, ben, secret, common })
}

async fn nothing_before_the_join_and_nothing_after_the_leave(host: Host) -> anyhow::Result<()> {
    let Scene { house, ada, ben, secret, common } = scene(host, "joins").await?;
    let (directory, messages) = (house.directory.url(), house.messages[0].url());
    let mut at_ben = ben.connect(&house.edges[0].url(), None).await?;
    at_ben.next_of("ready", LIMIT).await?;

    ada.post(&messages, secret, "before").await?;
    ada.add_member(&directory, secret, ben.id).await?;
    ada.post(&messages, secret, "inside").await?;
    let renamed = serde_json::json!({"name": format!("renamed-{secret}"), "visibility": "private"});
    ada.request(reqwest::Method::PUT, &directory, &format!("/channels/{secret}"), Some(renamed)).await?.ok()?;
    ada.remove_member(&directory, secret, ben.id).await?;
    ada.post(&messages, secret, "after").await?;
    ada.post(&messages, common, "end").await?;

    let frames = until(&mut at_ben, "end").await?;
    assert_eq!(texts(&frames), ["inside", "end"]);
    let here = frames.iter().filter(|frame| frame["data"]["channelId"] == secret.to_string());
    let kinds: Vec<_> = here.filter_map(|frame| frame["event"].as_str()).collect();
    let expected = ["CHANNEL_MEMBER_ADDED", "THREAD_MESSAGE_CREATED", "CHANNEL_CHANGED", "CHANNEL_MEMBER_REMOVED"];
    assert_eq!(kinds, expected);
    Ok(())
}

async fn a_resume_brings_what_was_missed_in_the_channels_of_now(host: Host) -> anyhow::Result<()> {
    let Scene { mut house, ada, ben, secret, common } = scene(host, "resume").await?;
    let (directory, messages, edge) = (house.directory.url(), house.messages[0].url(), house.edges[0].url());
    ada.add_member(&directory, secret, ben.id).await?;
    let mut at_ben = ben.connect(&edge, None).await?;
    at_ben.next_of("ready", LIMIT).await?;
    ada.post(&messages, common, "seen").await?;
    until(&mut at_ben, "seen").await?;
    let cursor = at_ben.cursor.clone().map(|cursor| cursor.to_string());
    at_ben.close().await;

    ada.post(&messages, secret, "missed and then taken away").await?;
    ada.remove_member(&directory, secret, ben.id).await?;
    ada.post(&messages, common, "missed").await?;

    // From the edge's memory, and, after a kill, from the log.
    for round in ["memory", "log"] {
        if round == "log" {
            house.edges[0].kill().await?;
            house.edges[0].restart().await?;
        }
        let mut again = ben.connect(&edge, cursor.as_deref()).await?;
        let end = format!("live after {round}");
        ada.post(&messages, common, &end).await?;
        let frames = until(&mut again, &end).await?;
        let expected: &[&str] =
            if round == "memory" { &["missed", "live after memory"] } else { &["missed", "live after memory", &end] };
        assert_eq!(texts(&frames), expected, "from {round}");
        again.close().await;
    }
    Ok(())
}

async fn a_cursor_of_another_epoch_is_reset(host: Host) -> anyhow::Result<()> {
    let Scene { house, ada, ben, common, .. } = scene(host, "epochs").await?;
    let mut socket = ben.connect(&house.edges[0].url(), Some("c7.0.0")).await?;
    let reset = socket.next_of("reset", LIMIT).await?.json;
    assert!(reset["cursor"].as_str().is_some_and(|cursor| cursor.starts_with("c1.")), "{reset}");
    ada.post(&house.messages[0].url(), common, "live").await?;
    assert_eq!(texts(&until(&mut socket, "live").await?), ["live"]);
    Ok(())
}

on_both_hosts! {
    nothing_before_the_join_and_nothing_after_the_leave,
    a_resume_brings_what_was_missed_in_the_channels_of_now,
    a_cursor_of_another_epoch_is_reset,
}
