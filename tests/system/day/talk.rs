//! The afternoon: people talk.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use futures::future::try_join_all;
use serde_json::{Value, json};

use super::people::{Person, each, fresh, text};

/// A good client's.
const TRIES: u8 = 20;

/// A reply of Dan's in general.
pub(super) async fn talk(ben: &Person, cleo: &Person, dan: &Person, general: &str) -> anyhow::Result<String> {
    let acme = &ben.company;
    let messages = format!("/channels/{general}/messages");
    let path = |message: &str| format!("{messages}/{message}");
    acme.act("Dan listens; Cleo says good morning, twice over a bad line, and it is heard and kept once");
    let mut ear = dan.listens().await?;
    let (morning, body) = (fresh(), json!({"text": "Good morning!"}));
    let first = cleo.put(&path(&morning), body.clone()).await?.is(201)?;
    let again = cleo.put(&path(&morning), body).await?.is(200)?;
    ensure!(first == again, "{first} {again}");
    ear.hears(|frame| frame["data"]["text"] == "Good morning!").await?;

    acme.act("Dan answers in a thread, Cleo mends her words, and nobody mends another's");
    let reply = fresh();
    let body = json!({"text": "And a good one to you.", "parentMessageId": morning});
    dan.put(&path(&reply), body).await?.is(201)?;
    let nested = json!({"text": "And to you.", "parentMessageId": reply});
    cleo.put(&path(&fresh()), nested).await?.refused(422, "parent-is-a-reply")?;
    dan.patch(&path(&morning), json!({"text": "Bad morning!"})).await?.refused(403, "not-the-author")?;
    let edited = cleo.patch(&path(&morning), json!({"text": "Good morning, all!"})).await?.is(200)?;
    ear.hears(|frame| frame["event"] == "THREAD_MESSAGE_EDITED").await?;

    acme.act("Cleo reads what she has just written, in the channel and in the thread");
    let at_least = text(&edited["position"])?;
    let read = cleo.get(&format!("{messages}?atLeast={at_least}")).await?.is(200)?;
    ensure!(each(&read, "text") == ["Good morning, all!"] && each(&read, "replyCount") == [json!(1)], "{read}");
    let thread = cleo.get(&format!("{}/thread", path(&morning))).await?.is(200)?;
    ensure!(each(&thread, "text") == ["Good morning, all!", "And a good one to you."], "{thread}");

    acme.act("Dan says too much, and Ben, an admin, deletes it");
    let secret = fresh();
    dan.put(&path(&secret), json!({"text": "The password is swordfish."})).await?.is(201)?;
    cleo.patch(&path(&secret), json!({"text": "…"})).await?.refused(403, "not-the-author")?;
    let deleted = ben.delete(&path(&secret)).await?.is(200)?;
    ear.hears(|frame| frame["event"] == "THREAD_MESSAGE_DELETED").await?;
    let read = dan.get(&format!("{messages}?limit=1&atLeast={}", text(&deleted["position"])?)).await?.is(200)?;
    ensure!(each(&read, "text") == [Value::Null], "{read}");
    dan.patch(&path(&secret), json!({"text": "Never mind."})).await?.refused(410, "message-deleted")?;

    conversations(ben, cleo, dan).await?;
    Ok(reply)
}

async fn conversations(ben: &Person, cleo: &Person, dan: &Person) -> anyhow::Result<()> {
    ben.company.act("Cleo and Dan both open a conversation with each other: it is the same, and nobody joins it");
    let open = async |by: &Person, with: &[&Person]| {
        let ids: Vec<&str> = with.iter().map(|person| person.id.as_str()).collect();
        by.post("/conversations", json!({"userIds": ids})).await
    };
    let opened = open(cleo, &[dan]).await?.is(201)?;
    let again = open(dan, &[cleo]).await?.is(200)?;
    ensure!(opened["channelId"] == again["channelId"] && opened["kind"] == "direct", "{opened} {again}");
    let channel = text(&opened["channelId"])?;
    let joins = format!("/channels/{channel}/members/{}", ben.id);
    cleo.put(&joins, Value::Null).await?.refused(403, "conversation-fixed")?;
    dan.put(&format!("/channels/{channel}/messages/{}", fresh()), json!({"text": "Lunch?"})).await?.is(201)?;

    ben.company.act("Ben opens one of all three, and lists it");
    let group = open(ben, &[cleo, dan]).await?.is(201)?;
    let listed = ben.get("/conversations").await?.is(200)?;
    ensure!(each(&listed, "channelId") == [group["channelId"].clone()] && group["kind"] == "group", "{listed}");
    open(ben, &[]).await?.refused(422, "conversation-alone")
}

/// Globex may post once a second. A message of Hana's.
pub(super) async fn slowly(hana: &Person, lobby: &str) -> anyhow::Result<String> {
    hana.company.act("Hana posts faster than Globex may; what was refused goes in a moment later, under the same id");
    let paths: Vec<String> = (0..8).map(|_| format!("/channels/{lobby}/messages/{}", fresh())).collect();
    let post = async |path: &str| hana.put(path, json!({"text": "Hello, Globex!"})).await;
    let answers = try_join_all(paths.iter().map(|path| post(path))).await?;
    let refused = answers.iter().position(|answer| answer.code() == "workspace-rate-limited");
    let Some(refused) = refused else { bail!("eight at once are let through: {answers:?}") };
    let (path, mut answer) = (&paths[refused], answers.into_iter().nth(refused).context("it was there")?);
    // As a good client does.
    for _ in 0..TRIES {
        if answer.status == 201 {
            return text(&answer.json["messageId"]);
        }
        tokio::time::sleep(Duration::from_secs(answer.header("retry-after")?.parse()?)).await;
        answer = post(path).await?;
    }
    bail!("it may never be posted: {answer:?}")
}
