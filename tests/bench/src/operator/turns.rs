//! One workspace after the other: alone, and beside one that keeps failing. Both take turns, so that what else happens on
//! the machine meets both.

use std::time::Duration;

use serde_json::json;

use super::{Options, Stage};
use crate::{
    latency::Latency,
    usage::{Reading, Spent},
};

/// The one that keeps failing.
const BAD: &str = "bad";
/// Its manifest is edited that often, so that its back-off begins anew each time.
const EDITED: Duration = Duration::from_secs(1);
const FAILS_WITHIN: Duration = Duration::from_secs(60);

/// One of the two series.
struct Series {
    name: &'static str,
    accepted: Latency,
    ready: Latency,
    spent: Spent,
    made: usize,
}

impl Series {
    fn new(name: &'static str) -> anyhow::Result<Self> {
        Ok(Self { name, accepted: Latency::new()?, ready: Latency::new()?, spent: Spent::default(), made: 0 })
    }

    async fn make(&mut self, stage: &Stage<'_>, count: usize) -> anyhow::Result<()> {
        let watched = stage.watched();
        let before = Reading::take(&watched);
        for _ in 0..count {
            let name = format!("{}-{}", self.name, self.made);
            let (begun, accepted) = stage.objects.apply(&name).await?;
            let ready = stage.objects.until_ready(&name).await?;
            self.accepted.record(u64::try_from(accepted.as_micros())?);
            self.ready.record(u64::try_from(ready.duration_since(begun).as_micros())?);
            self.made += 1;
        }
        self.spent.add(Reading::take(&watched).since(&before, &watched));
        Ok(())
    }

    fn tell(&self) {
        println!("{:<7} accepted {}", self.name, self.accepted.columns());
        println!("{:<7} ready    {}", self.name, self.ready.columns());
        let each = |seconds: f64| seconds * 1000.0 / self.made.max(1) as f64;
        let parts: Vec<String> =
            self.spent.by_process.iter().map(|(name, seconds)| format!("{name} {:.0}", each(*seconds))).collect();
        println!("{:<7} CPU ms each: {}, others {:.0}", self.name, parts.join(", "), each(self.spent.strangers));
    }
}

/// Runs both.
pub async fn run(stage: &Stage<'_>, options: &Options) -> anyhow::Result<()> {
    println!("\nOne after the other, {} each, in {} rounds", options.turns, options.rounds);
    let (mut alone, mut beside) = (Series::new("alone")?, Series::new("beside")?);
    stage.store.refuse(BAD).await?;
    stage.objects.apply(BAD).await?;
    let failures = |text: &str| text.lines().filter(|line| line.contains("not in order")).count();
    let log = stage.bed.log_path("operator");
    for round in 0..options.rounds.max(1) {
        let count = options.turns * (round + 1) / options.rounds.max(1) - alone.made;
        stage.objects.change(BAD, &json!({"paused": true})).await?;
        stage.objects.until(FAILS_WITHIN, |seen| seen.get(BAD).is_some_and(|bad| bad.reason == "Paused")).await?;
        stage.settle().await;
        alone.make(stage, count).await?;
        stage.objects.change(BAD, &json!({"paused": false})).await?;
        let fails = |reason: &str| !matches!(reason, "" | "Paused" | "Provisioning");
        stage.objects.until(FAILS_WITHIN, |seen| seen.get(BAD).is_some_and(|bad| fails(&bad.reason))).await?;
        tokio::select! {
            made = beside.make(stage, count) => made?,
            failed = edit(stage) => failed?,
        }
    }
    stage.store.refuse_nothing().await?;
    stage.objects.delete(BAD).await?;
    println!("milliseconds          p50      p90      p99      max   (targets for ready: p50 500, p99 2000)");
    alone.tell();
    beside.tell();
    let ratio = |share: f64| beside.ready.quantile(share) / alone.ready.quantile(share).max(0.001);
    println!(
        "ready beside / alone: p50 {:.2}, p90 {:.2}, p99 {:.2} (target 1.1), with {} failures of the one that fails",
        ratio(0.5),
        ratio(0.9),
        ratio(0.99),
        failures(&std::fs::read_to_string(log)?)
    );
    println!("(it has topics, database and bucket, which each try looks at; its last step is refused by Postgres)");
    Ok(())
}

/// Edits the bad one again and again, until an error.
async fn edit(stage: &Stage<'_>) -> anyhow::Result<()> {
    for number in 0_u64.. {
        stage.objects.change(BAD, &json!({"displayName": format!("Bad {number}")})).await?;
        tokio::time::sleep(EDITED).await;
    }
    Ok(())
}
