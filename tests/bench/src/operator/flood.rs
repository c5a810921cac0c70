//! Many at once.

use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::Stage;
use crate::usage::Reading;

/// Requests at a time of the one who applies.
const APPLYING: usize = 16;
const READY_WITHIN: Duration = Duration::from_secs(1800);

/// Applies them and waits until all are Ready.
pub async fn run(stage: &Stage<'_>, count: usize) -> anyhow::Result<()> {
    println!("\n{count} at once (target for 1000: 120 s on two cores)");
    stage.settle().await;
    let watched = stage.watched();
    let before = Reading::take(&watched);
    let begun = Instant::now();
    let names: Vec<String> = (0..count).map(|number| format!("flood-{number}")).collect();
    stream::iter(&names)
        .map(|name| stage.objects.apply(name))
        .buffer_unordered(APPLYING)
        .try_for_each(async |_| Ok(()))
        .await?;
    println!("accepted after {:.1} s", begun.elapsed().as_secs_f32());
    let ours = |name: &String| name.starts_with("flood-");
    stage
        .objects
        .until(READY_WITHIN, |seen| {
            seen.iter().filter(|(name, seen)| ours(name) && seen.ready.is_some()).count() == count
        })
        .await?;
    let took = begun.elapsed();
    let spent = Reading::take(&watched).since(&before, &watched);
    let mut times: Vec<Duration> = {
        let seen = stage.objects.seen();
        let ready = seen.iter().filter(|(name, _)| ours(name)).filter_map(|(_, seen)| seen.ready);
        ready.map(|ready| ready.duration_since(begun)).collect()
    };
    times.sort_unstable();
    let after = |share: usize| times.get((count * share / 100).max(1) - 1).copied().unwrap_or_default().as_secs_f32();
    println!("Ready: 50 % after {:.1} s, 90 % {:.1} s, all {:.1} s", after(50), after(90), after(100));
    println!("CPU seconds: {}", spent.told());
    let each = spent.total() * 1000.0 / count as f64;
    println!(
        "{each:.0} ms of CPU each; {:.0} % of a core were used, {:.0} % with others",
        spent.total() * 100.0 / took.as_secs_f64(),
        (spent.total() + spent.strangers) * 100.0 / took.as_secs_f64()
    );
    Ok(())
}
