//! The contract: what the documents say, the house does, and what it does, they say.

mod events;
mod house;
mod operations;
mod schemathesis;

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use domain::ids::TopicKind;
use reqwest::Method;
use serde_json::{Value, json};

use events::{Described, LIMIT, records};
use house::{Person, Single};
use operations::{Operation, operations};
use schemathesis::{CI_EXAMPLES, Pass, Summary};

/// Operations that end the session, or the person, that they are asked with: each is asked with a person of its own, last.
const ENDS_THE_CALLER: [(&str, &str); 1] = [("signOut", "ends the session of the token")];

/// Codes that say that a request was not even understood.
const NOT_UNDERSTOOD: [&str; 6] =
    ["invalid-json", "invalid-field", "unknown-field", "not-json", "invalid-path", "invalid-query"];

/// How many requests are made at least; without it, what is proper beside other tests.
const REQUESTS: &str = "THREADLY_TEST_SCHEMATHESIS_REQUESTS";
/// The first seed; each further run counts on.
const SEED: u32 = 6;
/// Examples per operation of one run, where many requests are asked for: a run must end before its token does.
const BIG_EXAMPLES: u32 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn no_request_finds_an_error_of_ours_or_an_answer_that_is_not_documented() -> anyhow::Result<()> {
    let house = Single::start().await?;
    let document = house.document("openapi.json").await?;
    let operations = operations(&document);
    let unknown: Vec<_> = ENDS_THE_CALLER.iter().filter(|(id, _)| operations.iter().all(|one| one.id != *id)).collect();
    ensure!(unknown.is_empty(), "these are no operations: {unknown:?}");

    let mut owner = house.owner().await?;
    let other = house.register("other").await?;
    let known = make_what_can_be_made(&operations, &owner, &other).await?;
    let wanted: u64 = std::env::var(REQUESTS).ok().map(|text| text.parse()).transpose()?.unwrap_or(1);
    let examples = if wanted > 1 { BIG_EXAMPLES } else { CI_EXAMPLES };
    let (mut sum, mut seed) = (Summary::default(), SEED);
    while sum.requests < wanted {
        // Half of them on what is there, half on what may or may not be.
        // Every border of every field takes minutes.
        let phases = if wanted > 1 { "examples,coverage,fuzzing" } else { "examples,fuzzing" };
        for (phases, ids) in [(phases, &known), ("fuzzing", &BTreeMap::new())] {
            owner.renew().await?;
            let pass = Pass { token: &owner.token, ids, phases, seed, examples, ends_the_caller: false };
            sum += schemathesis::run(&house, &document, &pass).await?;
            let answer = owner.ask(&Method::GET, "/me", None).await?;
            ensure!(answer.status == 200, "an operation ended its caller: name it in ENDS_THE_CALLER; {}", answer.json);
        }
        let leaver = house.register("leaver").await?;
        let pass = Pass {
            token: &leaver.token,
            ids: &known,
            phases: "examples,fuzzing",
            seed,
            examples,
            ends_the_caller: true,
        };
        sum += schemathesis::run(&house, &document, &pass).await?;
        seed += 1;
    }
    println!("{sum}, seeds {SEED} to {}", seed - 1);
    ensure!(sum.failures.is_empty(), "{}", sum.failures.join("\n\n"));
    house.stop().await
}

/// Sends each PUT's example, so that there is something under the ids of paths: their names, and an id for each.
async fn make_what_can_be_made(
    operations: &[Operation],
    caller: &Person,
    other: &Person,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut known = BTreeMap::from([("userId".to_owned(), other.id.clone())]);
    let mut makers: Vec<&Operation> = operations.iter().filter(|one| one.method == Method::PUT).collect();
    makers.sort_by_key(|one| one.path.len());
    for maker in makers {
        let Some(body) = &maker.example else { continue };
        let made = maker.unknown(&known);
        let [name] = &made[..] else { continue };
        let mut ids = known.clone();
        ids.insert(name.clone(), uuid::Uuid::now_v7().to_string());
        let answer = caller.ask(&maker.method, &maker.filled(&ids), Some(body)).await?;
        if answer.status.is_success() {
            known = ids;
        }
    }
    ensure!(known.contains_key("channelId") && known.contains_key("messageId"), "only {known:?} could be made");
    Ok(known)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_needed_exactly_where_the_document_says_so() -> anyhow::Result<()> {
    let house = Single::start().await?;
    let nobody = house.nobody();
    let (mut open, mut closed) = (0, 0);
    for operation in operations(&house.document("openapi.json").await?) {
        let path = operation.filled(&BTreeMap::new());
        let answer = nobody.ask(&operation.method, &path, operation.example.as_ref()).await?;
        let refused = answer.json["code"] == "token-missing";
        let says = if operation.open { "no token" } else { "a token" };
        ensure!(refused != operation.open, "{} says that it needs {says}, and answers {answer:?}", operation.id);
        if operation.open { open += 1 } else { closed += 1 }
    }
    ensure!(open >= 5 && closed >= 20, "{open} open, {closed} closed");
    house.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_is_understood_when_it_is_sent() -> anyhow::Result<()> {
    let house = Single::start().await?;
    let (owner, other) = (house.owner().await?, house.register("other").await?);
    let operations = operations(&house.document("openapi.json").await?);
    let known = make_what_can_be_made(&operations, &owner, &other).await?;
    let mut sent = 0;
    for operation in &operations {
        let Some(example) = &operation.example else { continue };
        if ENDS_THE_CALLER.iter().any(|(id, _)| operation.id == *id) {
            continue;
        }
        let answer = owner.ask(&operation.method, &operation.filled(&known), Some(example)).await?;
        let code = answer.json["code"].as_str().unwrap_or_default();
        ensure!(!NOT_UNDERSTOOD.contains(&code), "{}: {example} is answered {answer:?}", operation.id);
        ensure!(!answer.status.is_server_error(), "{}: {example} is answered {answer:?}", operation.id);
        sent += 1;
    }
    ensure!(sent >= 8, "only {sent} operations have examples");
    house.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_and_events_are_those_that_the_asyncapi_document_describes() -> anyhow::Result<()> {
    let house = Single::start().await?;
    let described = Described::of(&house.document("asyncapi.json").await?)?;
    let (mut ada, ben) = (house.owner().await?, house.register("ben").await?);
    let mut socket = testkit::Socket::open(&house.url(), house::HANDLE, &ada.token, None).await?;
    let mut seen = BTreeMap::from([("ready".to_owned(), 0_u32)]);
    described.check_frame(&socket.next_of("ready", LIMIT).await?.json)?;

    let (channel, message) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    let channel = format!("/channels/{channel}");
    let message = format!("{channel}/messages/{message}");
    ada.ok(&Method::PUT, &channel, Some(&json!({"name": "frames", "visibility": "public"}))).await?;
    ada.ok(&Method::PUT, &format!("{channel}/members/{}", ben.id), None).await?;
    ada.ok(&Method::PUT, &message, Some(&json!({"text": "Good morning!"}))).await?;
    ada.ok(&Method::PATCH, &message, Some(&json!({"text": "Good morning, all!"}))).await?;
    ada.ok(&Method::DELETE, &message, None).await?;
    ada.ok(&Method::DELETE, &format!("{channel}/members/{}", ben.id), None).await?;
    ben.ok(&Method::POST, "/auth/sign-out", None).await?;
    while !seen.contains_key("CHANNEL_MEMBER_REMOVED") {
        let frame = socket.next(LIMIT).await?.json;
        described.check_frame(&frame)?;
        let kind = frame["event"].as_str().or_else(|| frame["type"].as_str()).context("a frame without a type")?;
        *seen.entry(kind.to_owned()).or_default() += 1;
    }
    for kind in ["CHANNEL_MEMBER_ADDED", "THREAD_MESSAGE_CREATED", "THREAD_MESSAGE_EDITED", "THREAD_MESSAGE_DELETED"] {
        ensure!(seen.contains_key(kind), "no {kind} came, only {seen:?}");
    }
    // The socket is still there once it was sent what the document shows, with a token that is good.
    ada.renew().await?;
    socket.send(&described.token(&ada.token)?.to_string()).await?;
    let another = format!("{channel}/messages/{}", uuid::Uuid::now_v7());
    ada.ok(&Method::PUT, &another, Some(&json!({"text": "Good night!"}))).await?;
    described.check_frame(&socket.next_of("event", LIMIT).await?.json)?;

    let mut kinds = BTreeMap::new();
    for topic in TopicKind::ALL {
        for record in records(&house.kafka, &house.workspace_id.topic(topic)).await? {
            described.check_record(topic, &record)?;
            *kinds.entry(record.header("ce_type").unwrap_or_default().to_owned()).or_insert(0_u32) += 1;
        }
    }
    println!("{kinds:?}");
    for kind in ["CHANNEL_CHANGED", "USER_CHANGED", "SESSION_REVOKED", "THREAD_MESSAGE_EDITED", "CHANNEL_MEMBER_ADDED"]
    {
        ensure!(kinds.contains_key(kind), "no {kind} in any topic, only {kinds:?}");
    }
    house.stop().await
}

/// A schema with the components that it refers to.
fn schema(document: &Value, part: &Value) -> anyhow::Result<jsonschema::Validator> {
    let draft = "http://json-schema.org/draft-07/schema#";
    let root = json!({"$schema": draft, "components": document["components"], "allOf": [part]});
    Ok(jsonschema::options().should_validate_formats(true).build(&root)?)
}
