//! Two clones on one machine.

use anyhow::{Result, anyhow, ensure};

use crate::clone::Clone;

#[test]
fn two_first_runs_at_the_same_time_share_nothing_but_the_downloads() -> Result<()> {
    let (one, other) = (Clone::named("one")?, Clone::named("other")?);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| one.up());
        let second = other.up();
        first.join().map_err(|_| anyhow!("a panic"))??;
        second
    })?;
    for name in ["postgres", "kafka", "kafka-controller"] {
        ensure!(one.port(name)? != other.port(name)?, "{name}");
    }
    one.sql("CREATE TABLE mine ()")?;
    ensure!(other.sql("SELECT to_regclass('mine') IS NULL")?.trim() == "t");
    // Everything is there already: found, not started again.
    let server = one.pid("kafka")?;
    let said = one.up()?;
    ensure!(said.contains("kafka     was running"), "{said}");
    ensure!(one.pid("kafka")? == server);

    one.down()?;
    ensure!(other.sql("SELECT 1")?.trim() == "1");
    ensure!(other.servers("java", "kafka")?.len() == 1);
    Ok(())
}
