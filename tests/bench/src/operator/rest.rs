//! What the operator and its servers cost while nothing happens.

use std::time::Duration;

use tokio::time::sleep;

use super::Stage;
use crate::usage::{Kind, Reading, memory_mib, resident_mib};

/// After a start usage is counted once within a minute, in every database; then every ten minutes, in those written to.
const REST: Duration = Duration::from_secs(150);

/// Measures it.
pub async fn run(stage: &Stage<'_>, seconds: u64) -> anyhow::Result<()> {
    let count = stage.objects.seen().len();
    stage.settle().await;
    sleep(REST).await;
    let watched = stage.watched();
    let before = Reading::take(&watched);
    sleep(Duration::from_secs(seconds)).await;
    let spent = Reading::take(&watched).since(&before, &watched);
    println!("\n{count} workspaces at rest for {seconds} s (targets for the operator: 2 % of a core, 64 MiB)");
    println!("{:<24} {:>12} {:>12}", "", "% of a core", "memory MiB");
    for (watched, (name, cpu)) in watched.iter().zip(&spent.by_process) {
        let memory = match watched.kind {
            Kind::Generator => continue,
            Kind::Threadly => resident_mib(watched.pid),
            Kind::Server => memory_mib(watched.pid),
        };
        println!("{name:<24} {:>12.2} {memory:>12.1}", cpu * 100.0 / seconds as f64);
    }
    println!("{:<24} {:>12.2}", "others", spent.strangers * 100.0 / seconds as f64);
    Ok(())
}
