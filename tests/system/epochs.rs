//! A log that lost records stops projection for everybody, aloud, until somebody acknowledges it; nothing is skipped.

use std::time::Duration;

use domain::{MessageId, ids::TopicKind};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool, query, query_scalar};
use testkit::{
    Closed, Lab,
    servers::{OwnKafka, OwnPostgres},
    wait,
};
use threadly_tests::{
    house::House,
    log::{Stranger, database},
};

const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_tail_halts_projection_until_the_epoch_is_raised_and_loses_nothing_that_still_exists()
-> anyhow::Result<()> {
    let mut house = House::start("lost", 1).await?;
    let (directory, messages) = (house.directory.url(), house.messages[0].url());
    let ada = house.person("ada").await?;
    let channel = ada.make_channel(&directory, "public").await?;
    let partition = i32::try_from(domain::position::partition_of(channel.0, 2))?;
    let (_, first) = ada.post(&messages, channel, "before").await?;
    assert_eq!(ada.history(&messages, channel, Some(&first.to_string())).await?.len(), 1);

    // The database stands further than the log reaches, as after the broker lost its tail.
    house.projector.kill().await?;
    let pool = database(&house).await?;
    query("update projection_positions set next_offset = next_offset + 3 where partition = $1")
        .bind(partition)
        .execute(&pool)
        .await?;
    house.projector.restart().await?;
    wait::until("projection is halted", LIMIT, async || {
        let halted = query_scalar::<_, Option<String>>("select halted from projection_positions where partition = $1");
        halted.bind(partition).fetch_one(&pool).await.ok().flatten().filter(|reason| reason == "LogLost")
    })
    .await?;

    // Posting goes on, beyond where the log stood; still nobody projects over the hole, not even a reader.
    let mut last = first;
    for number in 0..6 {
        last = ada.post(&messages, channel, &format!("after {number}")).await?.1;
    }
    house.projector.kill().await?;
    house.projector.restart().await?;
    assert_eq!(ada.history(&messages, channel, Some(&last.to_string())).await?.len(), 1);

    // Somebody acknowledges: a new epoch, in which everything that still exists is projected.
    raise_epoch(&house).await?;
    let texts = wait::until("the new epoch is projected", LIMIT, async || {
        let history = ada.history(&messages, channel, None).await.ok()?;
        (history.len() == 7).then(|| history.iter().map(|item| item["text"].clone()).collect::<Vec<_>>())
    })
    .await?;
    let expected: Vec<_> =
        std::iter::once("before".to_owned()).chain((0..6).map(|number| format!("after {number}"))).collect();
    assert_eq!(texts, expected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_made_anew_halts_projection_though_it_is_as_long_and_clients_start_afresh() -> anyhow::Result<()> {
    let mut house = House::start("anew", 1).await?;
    let (directory, messages) = (house.directory.url(), house.messages[0].url());
    let ada = house.person("ada").await?;
    let channel = ada.make_channel(&directory, "public").await?;
    let stranger = Stranger::of(&house).await?;
    let mut last = ada.post(&messages, channel, "old 0").await?.1;
    for number in 1..4 {
        last = ada.post(&messages, channel, &format!("old {number}")).await?.1;
    }
    assert_eq!(ada.history(&messages, channel, Some(&last.to_string())).await?.len(), 4);

    house.projector.kill().await?;
    stranger.make_anew().await?;
    // A producer knows the topic's identity: what meets the old one is refused, and goes through when it is tried again.
    let mut new = Vec::new();
    while new.len() < 8 {
        let id = MessageId::random();
        let text = format!("new {}", new.len());
        wait::until("a post is taken", LIMIT, async || {
            let answer = ada.try_post(&messages, channel, id, &text).await.ok()?;
            answer.status.is_success().then_some(())
        })
        .await?;
        new.push(text);
    }
    // A reader does not project over the loss, and neither does the projector.
    assert_eq!(ada.history(&messages, channel, Some("p1.0.9")).await?.len(), 4);
    assert_eq!(ada.history(&messages, channel, Some("p1.1.9")).await?.len(), 4);
    house.projector.restart().await?;
    assert_eq!(stranger.until_halted(channel).await?, "LogLost");
    let mut socket = ada.connect(&house.edges[0].url(), None).await?;
    socket.next_of("ready", LIMIT).await?;

    raise_epoch(&house).await?;
    wait::until("the socket is closed or starts afresh", LIMIT, async || match socket.next(LIMIT).await {
        Ok(frame) if frame.kind == "reset" => Some(()),
        Ok(_) => None,
        Err(error) => error.is::<Closed>().then_some(()),
    })
    .await?;
    let cursor = socket.cursor.as_ref().map(ToString::to_string);
    wait::until("a resume from the old epoch starts afresh", LIMIT, async || {
        let mut again = ada.connect(&house.edges[0].url(), cursor.as_deref()).await.ok()?;
        again.next_of("reset", LIMIT).await.ok()
    })
    .await?;
    let texts = wait::until("the new epoch is projected", LIMIT, async || {
        let history = ada.history(&messages, channel, None).await.ok()?;
        (history.len() == 12).then(|| history.iter().map(|item| item["text"].clone()).collect::<Vec<_>>())
    })
    .await?;
    let old = (0..4).map(|number| format!("old {number}"));
    assert_eq!(texts, old.chain(new).map(Value::from).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projector_at_work_notices_that_its_topic_was_made_anew() -> anyhow::Result<()> {
    let house = House::start("atwork", 1).await?;
    let (directory, messages) = (house.directory.url(), house.messages[0].url());
    let ada = house.person("ada").await?;
    let channel = ada.make_channel(&directory, "public").await?;
    let stranger = Stranger::of(&house).await?;
    let last = ada.post(&messages, channel, "old").await?.1;
    assert_eq!(ada.history(&messages, channel, Some(&last.to_string())).await?.len(), 1);
    stranger.make_anew().await?;
    let halted = async {
        loop {
            let _ = ada.try_post(&messages, channel, MessageId::random(), "new").await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = halted => {}
        reason = stranger.until_halted(channel) => assert_eq!(reason?, "LogLost"),
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_rolled_back_to_an_old_dump_is_brought_up_to_date_from_the_log() -> anyhow::Result<()> {
    let house = House::start("dump", 1).await?;
    let (directory, messages) = (house.directory.url(), house.messages[0].url());
    let (ada, ben) = (house.person("ada").await?, house.person("ben").await?);
    let channel = ada.make_channel(&directory, "private").await?;
    ada.add_member(&directory, channel, ben.id).await?;
    let first = ada.post(&messages, channel, "in the dump").await?.1;
    assert_eq!(ada.history(&messages, channel, Some(&first.to_string())).await?.len(), 1);
    let (name, dump) = (house.workspace.id.database(), format!("{}_dump", house.workspace.id.database()));
    let admin = &house.lab.control.pool;
    copy(admin, &name, &dump).await?;

    // After the dump: ben goes and comes back, so that the log knows versions that the dump does not.
    ada.remove_member(&directory, channel, ben.id).await?;
    ada.add_member(&directory, channel, ben.id).await?;
    let mut last = first;
    for number in 0..20 {
        last = ada.post(&messages, channel, &format!("later {number}")).await?.1;
    }
    assert_eq!(ada.history(&messages, channel, Some(&last.to_string())).await?.len(), 21);

    closed(admin, &name, true).await?;
    query(AssertSqlSafe(format!("drop database {name} with (force)"))).execute(admin).await?;
    query(AssertSqlSafe(format!("alter database {dump} rename to {name}"))).execute(admin).await?;
    closed(admin, &name, false).await?;

    // The next record shows the projector that it has to go back; a reader who knows more goes ahead of it.
    let last = wait::until("a post is taken", LIMIT, async || {
        ada.post(&messages, channel, "since then").await.ok().map(|(_, position)| position)
    })
    .await?;
    let texts = wait::until("everything is projected again", LIMIT, async || {
        let history = ada.history(&messages, channel, Some(&last.to_string())).await.ok()?;
        (history.len() == 22).then(|| history.iter().map(|item| item["text"].clone()).collect::<Vec<_>>())
    })
    .await?;
    assert_eq!((&texts[20], &texts[21]), (&"later 19".into(), &"since then".into()));
    let mut socket = ben.connect(&house.edges[0].url(), None).await?;
    socket.next_of("ready", LIMIT).await?;
    // Whoever is removed now is removed, although the log has seen the versions that the dump would give next.
    ada.remove_member(&directory, channel, ben.id).await?;
    wait::until("ben is told", LIMIT, async || {
        let frame = socket.next_of("event", LIMIT).await.ok()?;
        (frame.json["event"] == "CHANNEL_MEMBER_REMOVED").then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_that_was_lost_and_filled_again_halts_projection() -> anyhow::Result<()> {
    let (mut kafka, postgres) = (OwnKafka::start().await?, OwnPostgres::start().await?);
    let mut house = House::start_on(Lab::start_on(&postgres, &kafka).await?, "refilled", 1).await?;
    let (directory, messages) = (house.directory.url(), house.messages[0].url());
    let ada = house.person("ada").await?;
    let channel = ada.make_channel(&directory, "public").await?;
    let stranger = Stranger::of(&house).await?;
    let mut last = ada.post(&messages, channel, "old 0").await?.1;
    for number in 1..6 {
        last = ada.post(&messages, channel, &format!("old {number}")).await?.1;
    }
    assert_eq!(ada.history(&messages, channel, Some(&last.to_string())).await?.len(), 6);

    house.projector.kill().await?;
    kafka.kill().await?;
    let end = kafka.lose_tail(&house.workspace.id.topic(TopicKind::Messages), last.partition, 2)?;
    assert_eq!(end, last.offset - 1);
    kafka.restart().await?;
    let mut texts: Vec<Value> = (0..6).map(|number| format!("old {number}").into()).collect();
    for number in 0..5 {
        let (id, text) = (MessageId::random(), format!("new {number}"));
        last = wait::until("a post is taken", LIMIT, async || {
            let answer = ada.try_post(&messages, channel, id, &text).await.ok()?.ok().ok()?;
            answer["position"].as_str()?.parse().ok()
        })
        .await?;
        texts.push(text.into());
    }
    // The log is longer than the projection again: only its last record tells.
    assert!(last.offset > end + 2);
    assert_eq!(ada.history(&messages, channel, Some(&last.to_string())).await?.len(), 6, "a reader sees it too");
    house.projector.restart().await?;
    assert_eq!(stranger.until_halted(channel).await?, "LogLost");

    raise_epoch(&house).await?;
    let found = wait::until("the new epoch is projected", LIMIT, async || {
        let history = ada.history(&messages, channel, None).await.ok()?;
        (history.len() == 11).then(|| history.iter().map(|item| item["text"].clone()).collect::<Vec<_>>())
    })
    .await?;
    assert_eq!(found, texts);
    Ok(())
}

async fn raise_epoch(house: &House) -> anyhow::Result<()> {
    let known = operator::registry::raise_epoch(&house.lab.control.pool, &house.workspace.id, 1).await?;
    assert_eq!(known, 2);
    Ok(())
}

/// A copy of a database; nobody may be connected to it meanwhile.
async fn copy(admin: &PgPool, name: &str, to: &str) -> anyhow::Result<()> {
    closed(admin, name, true).await?;
    query(AssertSqlSafe(format!("create database {to} template {name} strategy wal_log"))).execute(admin).await?;
    closed(admin, name, false).await
}

/// Lets nobody in, and everybody out; or lets people in again.
async fn closed(admin: &PgPool, name: &str, closed: bool) -> anyhow::Result<()> {
    query(AssertSqlSafe(format!("alter database {name} with allow_connections {}", !closed))).execute(admin).await?;
    if closed {
        query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1")
            .bind(name)
            .execute(admin)
            .await?;
        wait::until("everybody is out", LIMIT, async || {
            let inside = query_scalar::<_, i64>("select count(*) from pg_stat_activity where datname = $1");
            (inside.bind(name).fetch_one(admin).await.ok()? == 0).then_some(())
        })
        .await?;
    }
    Ok(())
}
