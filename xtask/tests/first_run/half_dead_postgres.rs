//! What a crash, a full disk or a curious person may have left of Postgres.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::clone::{Clone, is_alive};
use crate::shared::with_own_postgres;

/// A clone with data in it, at rest.
fn with_data() -> Result<Clone> {
    let clone = with_own_postgres()?;
    clone.up()?;
    clone.sql("CREATE TABLE kept AS SELECT 7 AS number")?;
    Ok(clone)
}

fn assert_kept(clone: &Clone) -> Result<()> {
    ensure!(clone.sql("SELECT number FROM kept")?.trim() == "7");
    ensure!(clone.servers("postgres", "postgres")?.len() == 1, "one server serves the folder");
    Ok(())
}

#[test]
fn a_postmaster_pid_that_names_a_stranger_is_healed_and_the_stranger_lives() -> Result<()> {
    let clone = with_data()?;
    clone.down()?;
    let mut stranger = Command::new("sleep").arg("300").spawn()?;
    let pid = stranger.id();
    fs::write(clone.state("postgres/postmaster.pid"), format!("{pid}\n{}\n1\n1\n\n\n", clone.root().display()))?;
    fs::write(
        clone.state("run/postgres.pid"),
        format!("{{\"pid\":{pid},\"started\":1,\"boot\":\"x\",\"fingerprint\":\"\",\"outlives\":true}}"),
    )?;
    let kept = clone.up().and_then(|_| assert_kept(&clone));
    let lives = is_alive(i32::try_from(pid)?);
    stranger.kill()?;
    stranger.wait()?;
    kept?;
    ensure!(lives, "the stranger was killed");
    Ok(())
}

#[test]
fn a_killed_server_is_started_again_with_its_data() -> Result<()> {
    let clone = with_data()?;
    let killed = clone.pid("postgres")?;
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(killed), nix::sys::signal::Signal::SIGKILL)?;
    clone.up()?;
    ensure!(clone.pid("postgres")? != killed);
    assert_kept(&clone)
}

#[test]
fn damaged_files_of_xtask_itself_are_made_anew_while_the_server_runs() -> Result<()> {
    let clone = with_data()?;
    for (file, text) in [
        ("ports.json", "{\"postg"),
        ("run/postgres.pid", "{\"pid\": 1"),
        ("given.json", ""),
        ("status.json", "{\"pid\":"),
        ("lock", "{"),
    ] {
        fs::write(clone.state(file), text)?;
        let status = clone.run(&["status"])?;
        ensure!(status.text.contains("postgres"), "{file}: {}", status.text);
        clone.up().with_context(|| file.to_owned())?;
        assert_kept(&clone).with_context(|| file.to_owned())?;
    }
    fs::write(clone.state("run/postgres.pid"), "")?;
    let said = clone.down()?;
    ensure!(said.contains("Stopped postgres"), "a server without its pid file is found: {said}");
    ensure!(clone.servers("postgres", "postgres")?.is_empty());
    Ok(())
}

#[test]
fn a_half_made_data_folder_is_made_anew() -> Result<()> {
    let clone = with_own_postgres()?;
    fs::create_dir_all(clone.state("postgres.new/base"))?;
    fs::write(clone.state("postgres.new/PG_VERSION"), "15\n")?;
    fs::create_dir_all(clone.state("secrets"))?;
    fs::write(clone.state("secrets/postgres-password"), "")?;
    clone.up()?;
    ensure!(clone.sql("SELECT 1")?.trim() == "1");
    ensure!(!clone.state("postgres.new").exists());
    ensure!(!clone.state("password.new").exists(), "a copy of the password stays");
    Ok(())
}

#[test]
fn a_clone_moved_to_a_strange_path_while_its_server_runs_is_served_from_there() -> Result<()> {
    let mut clone = with_data()?;
    clone.move_to("eine Kopie, für später's #1")?;
    clone.up()?;
    assert_kept(&clone)
}

#[test]
fn a_server_whose_folder_was_removed_is_still_stopped() -> Result<()> {
    let clone = with_data()?;
    let pid = clone.pid("postgres")?;
    fs::remove_dir_all(clone.root().join(".threadly"))?;
    clone.down()?;
    ensure!(!is_alive(pid));
    Ok(())
}

#[test]
fn data_of_another_major_version_is_named_and_left_as_it_is() -> Result<()> {
    let clone = with_data()?;
    clone.down()?;
    let version = clone.state("postgres/PG_VERSION");
    let right = fs::read_to_string(&version)?;
    fs::write(&version, "9\n")?;
    let said = clone.run(&["up", "--detach", "--servers-only"])?.failure()?;
    ensure!(said.contains("belongs to Postgres 9") && said.contains("cargo xtask reset"), "{said}");
    fs::write(&version, right)?;
    clone.up()?;
    assert_kept(&clone)
}

#[test]
fn data_without_its_password_is_named_and_left_as_it_is() -> Result<()> {
    let clone = with_data()?;
    clone.down()?;
    let path = clone.state("secrets/postgres-password");
    let password = fs::read_to_string(&path)?;
    fs::write(&path, "")?;
    let said = clone.run(&["up", "--detach", "--servers-only"])?.failure()?;
    ensure!(said.contains("is missing or empty") && said.contains("cargo xtask reset"), "{said}");
    fs::write(&path, password)?;
    clone.up()?;
    assert_kept(&clone)
}

#[test]
fn a_foreign_language_changes_nothing() -> Result<()> {
    let clone =
        with_own_postgres()?.with("LANG", "tr_TR.UTF-8").with("LC_ALL", "de_DE.ISO-8859-1").with("LANGUAGE", "de");
    clone.up()?;
    ensure!(clone.sql("SHOW server_encoding")?.trim() == "UTF8");
    ensure!(clone.sql("SHOW lc_messages")?.trim() == "C");
    ensure!(clone.sql("SHOW unix_socket_directories")?.trim().is_empty());
    ensure!(clone.sql("SHOW listen_addresses")?.trim() == "127.0.0.1");
    Ok(())
}
