//! `down`: stops what `up` started, in order.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use nix::sys::signal::Signal;

use crate::given::Places;
use crate::lock::{self, Attempt, Lock};
use crate::paths::{self, StateDir};
use crate::process::stop_recorded;
use crate::screen::say;
use crate::servers::STOPS;
use crate::{kafka, postgres, postgres_home, threadly};

/// A foreground `up` stops three processes, each within its own limit.
const FOREGROUND_WITHIN: Duration = Duration::from_secs(100);

/// Stops everything of this clone. Nothing running is fine.
pub fn run() -> Result<ExitCode> {
    let root = paths::clone_root()?;
    stop_all(&root, &StateDir::of_clone(&root))?;
    Ok(ExitCode::SUCCESS)
}

/// Stops everything and gives the clone's lock, so that nothing starts meanwhile.
pub fn stop_all(root: &Path, state: &StateDir) -> Result<Lock> {
    state.create()?;
    let mut some = false;
    let lock = match lock::attempt(&state.lock())? {
        Attempt::Taken(lock) => lock,
        Attempt::HeldBy(Some(up)) => {
            say!("Stopping `up` (process {})", up.pid);
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
    let threadly = (threadly::NAME, threadly::STOP_SIGNAL, threadly::STOP_WITHIN);
    for (name, signal, limit) in [threadly].into_iter().chain(STOPS) {
        let recorded = stop_recorded(&state.record(name), signal, limit)?;
        if stop_lost(root, state, name)? || recorded {
            say!("Stopped {name}");
            some = true;
        }
    }
    for (name, place) in Places::read(state).all() {
        say!("Left as it is: {name} at {place}, which was given by URL");
    }
    if !some {
        say!("Nothing is running.");
    }
    Ok(lock)
}

/// Stops a server whose pid file got lost, or whose whole folder was removed while it ran.
fn stop_lost(root: &Path, state: &StateDir, name: &str) -> Result<bool> {
    match name {
        threadly::NAME => threadly::stop_lost(root),
        kafka::NAME => kafka::stop_lost(state),
        _ => postgres::stop_lost(&postgres_home::data(state)),
    }
}
