//! `down`: stops what `up` started, in order.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use nix::sys::signal::Signal;

use crate::lock::{self, Attempt, Lock};
use crate::paths::{self, StateDir};
use crate::process::stop_recorded;
use crate::{kafka, postgres, threadly};

/// A foreground `up` stops three processes, each within its own limit.
const FOREGROUND_WITHIN: Duration = Duration::from_secs(100);

/// Stops everything of this clone. Nothing running is fine.
pub fn run() -> Result<ExitCode> {
    let state = StateDir::of_clone(&paths::clone_root()?);
    if !state.root().exists() {
        println!("Nothing is running.");
        return Ok(ExitCode::SUCCESS);
    }
    stop_all(&state)?;
    Ok(ExitCode::SUCCESS)
}

/// Stops everything and gives the clone's lock, so that nothing starts meanwhile.
pub fn stop_all(state: &StateDir) -> Result<Lock> {
    state.create()?;
    let mut some = false;
    let lock = match lock::attempt(&state.lock())? {
        Attempt::Taken(lock) => lock,
        Attempt::HeldBy(Some(up)) => {
            println!("Stopping `up` (process {})", up.pid);
            some = true;
            up.signal(Signal::SIGTERM);
            if !up.wait_gone(FOREGROUND_WITHIN) {
                bail!("`up` (process {}) does not end; `kill -9 {}` ends it and its servers", up.pid, up.pid);
            }
            match lock::attempt(&state.lock())? {
                Attempt::Taken(lock) => lock,
                Attempt::HeldBy(_) => bail!("another `up` has just been started"),
            }
        }
        Attempt::HeldBy(None) => bail!("another command is at work in this clone; try again in a moment"),
    };
    let servers = [
        (threadly::NAME, threadly::STOP_SIGNAL, threadly::STOP_WITHIN),
        (kafka::NAME, kafka::STOP_SIGNAL, kafka::STOP_WITHIN),
        (postgres::NAME, postgres::STOP_SIGNAL, postgres::STOP_WITHIN),
    ];
    for (name, signal, limit) in servers {
        if stop_recorded(&state.record(name), signal, limit)? {
            println!("Stopped {name}");
            some = true;
        }
    }
    if !some {
        println!("Nothing is running.");
    }
    Ok(lock)
}
