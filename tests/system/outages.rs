//! Kafka and Postgres are killed, frozen, and run out of space, in turn, under a steady load: nothing acknowledged is lost,
//! doubled or reordered, what doesn't need the lost server goes on, and everything catches up by itself. Of Threadly no
//! process is ever started again.

mod fault;
mod row;
mod scene;
mod without_kafka;
mod without_postgres;

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, ensure};
use testkit::{Lab, Person};
use threadly_tests::house::House;

use fault::{Outage, Server, Servers};
use row::Row;
use scene::Scene;

/// For whatever must happen in the end. Below the 60 s for which a fact outlasts Postgres, so that posts go on.
const LIMIT: Duration = Duration::from_secs(50);
/// Seconds between the edges' pings, so that a socket's life is seen soon.
const PING: &str = "1";

/// The people of every scene.
struct People {
    /// In every channel but the outsider's.
    members: Vec<Person>,
    /// In none but their own.
    outsider: Person,
    /// Comes and goes.
    visitor: Person,
    /// Is let in during an outage.
    guest: Person,
}

impl People {
    async fn register(house: &House) -> anyhow::Result<Self> {
        let mut members = Vec::new();
        for name in ["ada", "ben", "cai"] {
            members.push(house.person(name).await?);
        }
        Ok(Self {
            members,
            outsider: house.person("out").await?,
            visitor: house.person("vis").await?,
            guest: house.person("gus").await?,
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_outage_of_kafka_or_postgres_loses_doubles_or_reorders_anything_and_all_catches_up() -> anyhow::Result<()> {
    let mut servers = Servers::start().await?;
    let mut lab = Lab::start_on(&servers.postgres, &servers.kafka).await?;
    lab.settings.push(("THREADLY_EDGE_PING_SECONDS".to_owned(), PING.to_owned()));
    let house = House::start_on(lab, "outages", 2).await?;
    let people = People::register(&house).await?;
    let mut rows = Vec::new();
    for outage in Outage::ALL {
        if let Some(reason) = servers.cannot(outage) {
            println!("{outage}: NOT RUN: {reason}");
            continue;
        }
        let outcome = suffer(&house, &people, &mut servers, outage).await;
        let row = outcome.with_context(|| format!("{outage}\n{}", servers.last_words(outage)))?;
        println!("{row}");
        rows.push(row);
    }
    println!("{}", row::table(&rows));
    assert!(rows.iter().all(|row| row.report.faults.is_empty()), "see above");
    Ok(())
}

/// One outage, from the load before it to the judgement after it.
async fn suffer(house: &House, people: &People, servers: &mut Servers, outage: Outage) -> anyhow::Result<Row> {
    let mut scene = Scene::begin(house, people).await?;
    servers.inflict(outage).await?;
    let (seen, programs) = match outage.server {
        Server::Postgres => without_postgres::watch(&mut scene, servers, outage).await?,
        Server::Kafka => without_kafka::watch(&mut scene, servers, outage).await?,
    };
    let down = servers.down_for();
    servers.mend(outage).await?;
    let again = scene.recovery().await?;
    if outage.server == Server::Kafka {
        scene.receives(&people.guest, scene.channels[1]).await.context("let in while Kafka was away")?;
    }
    for program in programs {
        scene.joins_in(program).await?;
    }
    let (run, counts) = scene.end().await?;
    ensure!(counts.reconnections == 0, "a socket was closed though no edge was lost: {counts:?}");
    let clear: &[&str] = match outage.server {
        // Who was there before posts on; only a question that was under way when Postgres froze may hold somebody up.
        Server::Postgres => &["outcome-unknown"],
        Server::Kafka => &["log-unavailable", "outcome-unknown"],
    };
    ensure!(counts.refusals.keys().all(|code| clear.contains(&code.as_str())), "posts were refused: {counts:?}");
    Ok(Row { outage, seen, down, again, counts, report: threadly_tests::checker::check(&run) })
}

/// What was seen during an outage: how long each thing took.
type Seen = BTreeMap<&'static str, Duration>;
