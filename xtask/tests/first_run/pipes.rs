//! A reader who has seen enough.

use std::fs::OpenOptions;
use std::io::Write;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::clone::Clone;
use crate::shared::with_own_postgres;

/// Runs a command whose standard output nobody reads, and gives its success and standard error.
fn unread(clone: &Clone, arguments: &[&str]) -> Result<(bool, String)> {
    let mut child = clone.xtask(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    drop(child.stdout.take());
    let done = child.wait_with_output()?;
    Ok((done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned()))
}

#[test]
fn no_command_minds_a_closed_pipe() -> Result<()> {
    let clone = with_own_postgres()?;
    let commands: [&[&str]; 7] = [
        &["up", "--detach", "--servers-only"],
        &["status"],
        &["logs"],
        &["up", "--detach", "--servers-only"],
        &["down"],
        &["reset", "--yes"],
        &["--help"],
    ];
    for arguments in commands {
        let (succeeded, complaint) = unread(&clone, arguments)?;
        ensure!(!complaint.contains("panicked"), "{arguments:?}: {complaint}");
        // Without Threadly itself only a part runs, and `status` says so.
        ensure!(succeeded || arguments == ["status"], "{arguments:?}: {complaint}");
    }
    Ok(())
}

#[test]
fn following_a_log_ends_with_its_reader() -> Result<()> {
    let clone = with_own_postgres()?;
    clone.up()?;
    let mut follow = clone.xtask(&["logs", "postgres", "--follow"]).stdout(Stdio::piped()).spawn()?;
    drop(follow.stdout.take());
    let log = clone.state("logs/postgres.log");
    crate::clone::until("it ends", || {
        let added = OpenOptions::new().append(true).open(&log).and_then(|mut log| writeln!(log, "one line more"));
        added.is_err() || follow.try_wait().is_ok_and(|ended| ended.is_some())
    })?;
    ensure!(follow.try_wait()?.context("it follows a log that nobody reads")?.success());
    Ok(())
}
