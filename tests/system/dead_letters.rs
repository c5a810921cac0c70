//! Bad messages: what nobody can project is kept apart and told of, and holds up nothing else; what a newer version might
//! project stops its partition instead.

use std::{fs, process::Stdio, time::Duration};

use domain::{MessageId, ids::TopicKind};
use serde_json::{Value, json};
use sqlx::query_as;
use testkit::{program, wait};
use threadly_tests::{house::House, log::Stranger};
use tokio::process::Command;

const LIMIT: Duration = Duration::from_secs(30);

/// A message that the database's text refuses.
fn with_a_nul(channel: domain::ChannelId, author: domain::UserId, id: MessageId) -> Vec<u8> {
    let data = json!({"messageId": id, "channelId": channel, "userId": author, "text": "a\u{0}b"});
    json!({"event": "THREAD_MESSAGE_CREATED", "data": data}).to_string().into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_project_goes_to_the_dead_letters_and_the_rest_goes_on() -> anyhow::Result<()> {
    let mut house = House::start("dead", 1).await?;
    let (directory, messages) = (house.directory.url(), house.messages[0].url());
    let ada = house.person("ada").await?;
    let channel = ada.make_channel(&directory, "public").await?;
    let mut socket = ada.connect(&house.edges[0].url(), None).await?;
    socket.next_of("ready", LIMIT).await?;
    let stranger = Stranger::of(&house).await?;

    // In one batch: the projector is away while it is written.
    house.projector.kill().await?;
    let refused = MessageId::random();
    let mut texts = Vec::new();
    for number in 0..5 {
        let text = format!("good {number}");
        ada.post(&messages, channel, &text).await?;
        texts.push(Value::from(text));
        stranger.append(channel, b"no event").await?;
    }
    stranger.append(channel, &with_a_nul(channel, ada.id, refused)).await?;
    ada.post(&messages, channel, "last").await?;
    texts.push("last".into());
    house.projector.restart().await?;

    let history = wait::until("the good ones are projected", LIMIT, async || {
        let history = ada.history(&messages, channel, None).await.ok()?;
        (history.len() >= texts.len()).then_some(history)
    })
    .await?;
    assert_eq!(history.iter().map(|item| item["text"].clone()).collect::<Vec<_>>(), texts);
    let letters: Vec<(String, Vec<u8>)> =
        query_as("select reason, record_value from dead_letters order by id").fetch_all(&stranger.pool).await?;
    assert_eq!(letters.len(), 6);
    assert!(letters[..5].iter().all(|letter| *letter == ("Undecodable".to_owned(), b"no event".to_vec())));
    assert_eq!(letters[5].0, "Rejected");

    // The channel is told what became of the message, and the topic of dead letters of everything.
    let rejected = wait::until("the channel is told", LIMIT, async || {
        let frame = socket.next_of("event", LIMIT).await.ok()?;
        (frame.json["event"] == "THREAD_MESSAGE_REJECTED").then_some(frame.json)
    })
    .await?;
    assert_eq!(rejected["data"]["messageId"], refused.to_string());
    let told = wait::until("all are told", LIMIT, async || {
        let told = stranger.records(TopicKind::DeadLetters).await.ok()?;
        (told.len() >= 6).then_some(told)
    })
    .await?;
    assert!(told.iter().all(|letter| letter.contains("DEAD_LETTER")), "{told:?}");

    redriven_by_command(&house, &stranger).await
}

/// `threadly dead-letters`, as a person uses it.
async fn redriven_by_command(house: &House, stranger: &Stranger) -> anyhow::Result<()> {
    let folder = house.lab.keys()?;
    let command = async |arguments: &[&str]| {
        let output = Command::new(program("threadly")?)
            .args(["dead-letters"])
            .args(arguments)
            .env("THREADLY_KAFKA", &house.lab.kafka)
            .env("THREADLY_POSTGRES_URL", &house.lab.admin_url)
            .env("THREADLY_CONTROL_DATABASE", &house.lab.control_database)
            .env("THREADLY_DATA_DIR", folder.path())
            .env("THREADLY_LOG", "warn")
            .stdin(Stdio::null())
            .output()
            .await?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        anyhow::Ok(String::from_utf8(output.stdout)?)
    };
    let listed = command(&["list"]).await?;
    assert_eq!(listed.matches("passed over by messages").count(), 6, "{listed}");
    let redriven = command(&["redrive", &house.workspace.handle, "6"]).await?;
    assert!(redriven.starts_with("6 is in the log once more"), "{redriven}");
    // Still no version can project it.
    wait::until("it is among the dead letters again", LIMIT, async || {
        let letters: Vec<(i64,)> =
            query_as("select id from dead_letters where reason = 'Rejected'").fetch_all(&stranger.pool).await.ok()?;
        (letters.len() == 2).then_some(())
    })
    .await?;
    assert!(command(&["list", &house.workspace.handle]).await?.contains("appended once more"));
    assert!(fs::read_dir(folder.path())?.count() > 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_a_newer_version_stops_its_partition_and_no_other() -> anyhow::Result<()> {
    let house = House::start("newer", 1).await?;
    let (directory, messages) = (house.directory.url(), house.messages[0].url());
    let ada = house.person("ada").await?;
    let stranger = Stranger::of(&house).await?;
    // One channel in each partition.
    let mut channels = Vec::new();
    for partition in 0..2 {
        let channel = loop {
            let channel = ada.make_channel(&directory, "public").await?;
            if domain::position::partition_of(channel.0, 2) == partition {
                break channel;
            }
        };
        channels.push(channel);
    }
    ada.post(&messages, channels[0], "before").await?;
    stranger.append(channels[0], br#"{"event":"REACTION_ADDED","data":{}}"#).await?;
    for channel in &channels {
        ada.post(&messages, *channel, "after").await?;
    }
    wait::until("the other partition goes on", LIMIT, async || {
        (ada.history(&messages, channels[1], None).await.ok()?.len() == 1).then_some(())
    })
    .await?;
    wait::until("what came before it is projected, and the alert fires", LIMIT, async || {
        let before = ada.history(&messages, channels[0], None).await.ok()?;
        let metrics = reqwest::get(format!("{}/metrics", house.projector.url())).await.ok()?.text().await.ok()?;
        let fired = metrics.lines().any(|line| line.starts_with("threadly_projection_stopped") && line.ends_with(" 1"));
        (before.len() == 1 && fired).then_some(())
    })
    .await?;
    let (letters,): (i64,) = query_as("select count(*) from dead_letters").fetch_one(&stranger.pool).await?;
    assert_eq!(letters, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_trouble_sends_nothing_to_the_dead_letters() -> anyhow::Result<()> {
    let house = House::start("trouble", 1).await?;
    let directory = house.directory.url();
    let ada = house.person("ada").await?;
    let channel = ada.make_channel(&directory, "public").await?;
    let stranger = Stranger::of(&house).await?;
    sqlx::query("alter table messages rename to messages_away").execute(&stranger.pool).await?;
    stranger.append(channel, &with_a_nul(channel, ada.id, MessageId::random())).await?;
    wait::until("the projector has tried", LIMIT, async || {
        let metrics = reqwest::get(format!("{}/metrics", house.projector.url())).await.ok()?.text().await.ok()?;
        metrics.lines().any(|line| line.starts_with("threadly_projection_failures_total")).then_some(())
    })
    .await?;
    let (letters,): (i64,) = query_as("select count(*) from dead_letters").fetch_one(&stranger.pool).await?;
    assert_eq!(letters, 0);
    sqlx::query("alter table messages_away rename to messages").execute(&stranger.pool).await?;
    wait::until("the database is well, and the bad one alone goes", LIMIT, async || {
        let (letters,): (i64,) = query_as("select count(*) from dead_letters").fetch_one(&stranger.pool).await.ok()?;
        (letters == 1).then_some(())
    })
    .await
}
