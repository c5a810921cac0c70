//! Ends that nobody planned: of `up` itself, and of what it watches.

use anyhow::{Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::clone::{Clone, is_alive, until};
use crate::shared::with_own_postgres;

#[test]
fn up_works_after_an_up_that_was_killed_at_any_point() -> Result<()> {
    let clone = Clone::new()?;
    // While Postgres' data folder is made, while Kafka's is, while both start.
    for sign in ["postgres.new", "kafka.new", "run/kafka.pid"] {
        let up = clone.up_in_foreground()?;
        until(sign, || clone.state(sign).exists())?;
        up.signal(Signal::SIGKILL)?;
        up.end()?.failure()?;
    }
    // What runs with its parent ends with it.
    until("the servers of the killed ones have ended", || {
        let left = |program, folder| clone.servers(program, folder).is_ok_and(|left| left.is_empty());
        left("postgres", "postgres") && left("java", "kafka")
    })?;
    clone.up()?;
    ensure!(clone.servers("postgres", "postgres")?.len() == 1);
    ensure!(clone.servers("java", "kafka")?.len() == 1);
    ensure!(clone.sql("SELECT 1")?.trim() == "1");
    Ok(())
}

#[test]
fn what_a_killed_detaching_up_left_behind_is_found_and_used() -> Result<()> {
    let clone = with_own_postgres()?;
    let mut up = clone.xtask(&["up", "--detach", "--servers-only"]);
    let mut up = up.stdout(std::process::Stdio::null()).spawn()?;
    until("a pid file", || clone.state("run/postgres.pid").exists())?;
    up.kill()?;
    up.wait()?;
    let orphan = clone.pid("postgres")?;
    clone.up()?;
    ensure!(clone.servers("postgres", "postgres")?.len() == 1);
    ensure!(clone.pid("postgres")? == orphan || !is_alive(orphan));
    clone.down()?;
    ensure!(clone.servers("postgres", "postgres")?.is_empty());
    Ok(())
}

#[test]
fn a_dead_backend_ends_up_with_its_name_its_last_words_and_the_next_command() -> Result<()> {
    let clone = with_own_postgres()?;
    let mut up = clone.up_in_foreground()?;
    up.wait_ready()?;
    kill(Pid::from_raw(clone.pid("postgres")?), Signal::SIGKILL)?;
    let said = up.end()?.failure()?;
    ensure!(said.contains("postgres ended (signal: 9"), "{said}");
    ensure!(said.contains("ready to accept connections"), "its log: {said}");
    ensure!(said.contains("memory runs out"), "the likely reason: {said}");
    ensure!(said.contains("cargo xtask logs postgres"), "{said}");
    Ok(())
}

#[test]
fn a_second_up_names_the_first_and_ctrl_c_stops_everything() -> Result<()> {
    let clone = with_own_postgres()?;
    let mut up = clone.up_in_foreground()?;
    up.wait_ready()?;
    let said = clone.run(&["up", "--servers-only"])?.text;
    ensure!(said.contains(&format!("process {}", up.pid())), "{said}");
    let server = clone.pid("postgres")?;
    ensure!(nix::unistd::getpgid(Some(Pid::from_raw(server)))?.as_raw() == server, "its own process group");
    up.signal(Signal::SIGINT)?;
    up.end()?.success()?;
    ensure!(!is_alive(server));

    let mut up = clone.up_in_foreground()?;
    up.wait_ready()?;
    let said = clone.down()?;
    ensure!(said.contains(&format!("Stopping `up` (process {})", up.pid())), "{said}");
    up.end()?.success()?;
    ensure!(clone.servers("postgres", "postgres")?.is_empty());
    Ok(())
}
