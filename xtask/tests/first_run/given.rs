//! Servers that the user names by URL.

use anyhow::{Result, ensure};

use crate::clone::Clone;
use crate::shared::shared;

#[test]
fn nothing_is_installed_started_or_removed_for_servers_given_by_url() -> Result<()> {
    let shared = shared()?;
    let clone = Clone::new()?
        .with("THREADLY_POSTGRES_URL", &shared.postgres_url)
        .with("THREADLY_KAFKA", &shared.kafka)
        // Neither servers nor jars could be found, had they to be.
        .with("XDG_CACHE_HOME", "/nonexistent")
        .with("JAVA_HOME", "/nonexistent");
    let said = clone.up()?;
    ensure!(said.contains("given       postgres at 127.0.0.1:"), "{said}");
    ensure!(said.contains(&format!("kafka     given, answers at {}", shared.kafka)), "{said}");
    ensure!(!said.contains("to install") && !said.contains("to fetch") && !said.contains("found"), "{said}");
    for own in ["postgres", "kafka", "run/postgres.pid", "run/kafka.pid"] {
        ensure!(!clone.state(own).exists(), "{own}");
    }
    let told = std::fs::read_to_string(clone.state("given.json"))?;
    ensure!(!told.contains("postgres:"), "the password is kept: {told}");

    // In a shell that has the variables no more.
    let later = clone.with("THREADLY_POSTGRES_URL", "").with("THREADLY_KAFKA", "");
    let status = later.run(&["status"])?.text;
    ensure!(status.contains("given by URL, at 127.0.0.1:"), "{status}");
    let said = later.run(&["reset", "--yes"])?.success()?;
    ensure!(said.contains("Left as it is: postgres at"), "{said}");
    let again = later.with("THREADLY_POSTGRES_URL", &shared.postgres_url).with("THREADLY_KAFKA", &shared.kafka);
    again.up()?;
    Ok(())
}

#[test]
fn a_given_server_that_does_not_answer_is_named_with_its_variable() -> Result<()> {
    let shared = shared()?;
    let clone = Clone::new()?
        .with("THREADLY_POSTGRES_URL", "postgres://ops:s3cret@127.0.0.1:9/postgres")
        .with("THREADLY_KAFKA", shared.kafka);
    let said = clone.run(&["up", "--detach", "--servers-only"])?.failure()?;
    ensure!(said.contains("postgres at 127.0.0.1:9 does not answer"), "{said}");
    ensure!(said.contains("THREADLY_POSTGRES_URL"), "{said}");
    ensure!(!said.contains("s3cret"), "{said}");
    Ok(())
}
