//! A restart with everything Ready: it looks at all and writes nothing.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::ensure;
use tokio::time::sleep;

use super::{Stage, audit};
use crate::usage::Reading;

/// Postgres tells of a write after ten seconds at most.
const TOLD: Duration = Duration::from_secs(12);
const GLANCE: Duration = Duration::from_millis(50);
const LOOKED_WITHIN: Duration = Duration::from_secs(600);

/// Restarts the operator.
pub async fn run(mut stage: Stage<'_>) -> anyhow::Result<Stage<'_>> {
    let count = stage.objects.seen().len();
    println!("\nRestart with {count} workspaces");
    stage.owners_invited(count).await?;
    stage.settle().await;
    sleep(TOLD).await;
    let (log, audit_log) = (stage.bed.log_path("operator"), stage.cluster.audit_log());
    let (said, asked, rows) = (log.metadata()?.len(), audit::end(&audit_log)?, stage.store.writes().await?);

    stage.operator.stop()?;
    let begun = Instant::now();
    stage.operator = stage.cluster.start_operator(stage.bed)?;
    let watched = stage.watched();
    let before = Reading::take(&watched);
    loop {
        let looked = looked_at(&log, said)?;
        if looked >= count {
            break;
        }
        ensure!(begun.elapsed() < LOOKED_WITHIN, "{looked} of {count} were looked at within {LOOKED_WITHIN:?}");
        sleep(GLANCE).await;
    }
    let took = begun.elapsed().as_secs_f32();
    let spent = Reading::take(&watched).since(&before, &watched);
    println!("from start to the last one looked at: {took:.1} s; CPU seconds: {}", spent.told());

    stage.settle().await;
    sleep(TOLD).await;
    println!("API writes but for its Lease (target 0): {}", told(&audit::writes(&audit_log, asked)?));
    let now = stage.store.writes().await?;
    let written = now.into_iter().map(|(table, count)| {
        let before = rows.get(&table).copied().unwrap_or_default();
        (table, usize::try_from(count - before).unwrap_or_default())
    });
    println!(
        "rows written (target 0 but for its leadership): {}",
        told(&written.filter(|(_, count)| *count > 0).collect())
    );
    Ok(stage)
}

/// `0`, or how many of each.
fn told(writes: &BTreeMap<String, usize>) -> String {
    let parts: Vec<String> = writes.iter().map(|(what, count)| format!("{count} {what}")).collect();
    if parts.is_empty() { "0".to_owned() } else { parts.join(", ") }
}

/// How many workspaces the operator has said are in order, from this place of its log on.
fn looked_at(log: &Path, since: u64) -> anyhow::Result<usize> {
    let mut file = File::open(log)?;
    file.seek(SeekFrom::Start(since))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text.lines().filter(|line| line.contains(": in order")).count())
}
