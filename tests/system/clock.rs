//! The clock: what a killed process left undone is done in time, by whoever is there.

use std::time::Duration;

use serde_json::json;
use sqlx::{query, query_scalar};
use testkit::{Host, Program, wait};
use threadly_tests::{house::House, log::Stranger};

const LIMIT: Duration = Duration::from_secs(60);

async fn a_relay_lost_to_a_kill_is_repaired(host: Host) -> anyhow::Result<()> {
    let mut house = House::hosted(host, "clock", 1).await?;
    let targets = format!("directory={},auth={}", house.directory.url(), house.auth.url());
    house.lab.settings.push(("THREADLY_CLOCK_FUNCTIONS".to_owned(), targets));
    let mut clocks = [
        house.lab.spawn(Program::Clock, "clock-0", "all").await?,
        house.lab.spawn(Program::Clock, "clock-1", "all").await?,
    ];
    let ada = house.person("ada").await?;
    let channel = ada.make_channel(&house.directory.url(), "public").await?;
    let mut socket = ada.connect(&house.edges[0].url(), None).await?;
    socket.next_of("ready", LIMIT).await?;
    let stranger = Stranger::of(&house).await?;
    clocks[0].kill().await?;

    // As a process leaves it that is killed between its commit and its relay, and never comes back.
    query("insert into control.due (workspace, function, purpose, holder, at) values ($1, 'directory', 'outbox', 'gone', now() + interval '4 s')")
        .bind(house.workspace.id.as_str())
        .execute(&house.lab.control.pool)
        .await?;
    let change = json!({"event": "CHANNEL_CHANGED", "data": {"channelId": channel, "name": "renamed", "topic": "",
        "visibility": "public", "version": 2}});
    query("insert into outbox (topic, key, event) values ('messages', $1, $2)")
        .bind(channel.0)
        .bind(change)
        .execute(&stranger.pool)
        .await?;
    let told = wait::until("the change is told", LIMIT, async || {
        let frame = socket.next_of("event", LIMIT).await.ok()?;
        (frame.json["event"] == "CHANNEL_CHANGED").then_some(frame.json)
    })
    .await?;
    assert_eq!(told["data"]["name"], "renamed");
    wait::until("nothing is due any more", LIMIT, async || {
        let due =
            query_scalar::<_, i64>("select count(*) from control.due where workspace = $1 and purpose = 'outbox'");
        let due = due.bind(house.workspace.id.as_str()).fetch_one(&house.lab.control.pool).await.ok()?;
        (due == 0).then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_away_is_asked_again_once_it_is_back() -> anyhow::Result<()> {
    let mut house = House::start("away", 1).await?;
    let targets = format!("directory={}", house.directory.url());
    house.lab.settings.push(("THREADLY_CLOCK_FUNCTIONS".to_owned(), targets));
    let clock = house.lab.spawn(Program::Clock, "clock-0", "all").await?;
    house.directory.kill().await?;
    let stranger = Stranger::of(&house).await?;
    query("insert into control.due (workspace, function, purpose, holder, at) values ($1, 'directory', 'outbox', 'gone', now())")
        .bind(house.workspace.id.as_str())
        .execute(&house.lab.control.pool)
        .await?;
    query("insert into outbox (topic, key, event) values ('directory', gen_random_uuid(), $1)")
        .bind(json!({"event": "SESSION_REVOKED", "data": {"sessionId": uuid(), "userId": uuid()}}))
        .execute(&stranger.pool)
        .await?;
    wait::until("the clock asked in vain", LIMIT, async || {
        let metrics = reqwest::get(format!("{}/metrics", clock.url())).await.ok()?.text().await.ok()?;
        metrics.lines().any(|line| line.starts_with("threadly_clock_failures_total")).then_some(())
    })
    .await?;
    house.directory.restart().await?;
    wait::until("the outbox is relayed", LIMIT, async || {
        let waiting = query_scalar::<_, i64>("select count(*) from outbox").fetch_one(&stranger.pool).await.ok()?;
        (waiting == 0).then_some(())
    })
    .await
}

fn uuid() -> String {
    domain::UserId::random().to_string()
}

on_both_hosts! {
    a_relay_lost_to_a_kill_is_repaired,
}
