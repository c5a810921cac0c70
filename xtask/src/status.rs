//! `status`: what runs, and what became of every manifest.

use std::process::ExitCode;

use anyhow::Result;

use crate::given::Places;
use crate::paths::{self, StateDir};
use crate::ports::Ports;
use crate::screen::say;
use crate::{identity, kafka, postgres, process, threadly};

/// Prints two tables. Fails when only a part of the processes runs.
pub fn run() -> Result<ExitCode> {
    let state = StateDir::of_clone(&paths::clone_root()?);
    let ports = Ports::load(&state.ports());
    let given = Places::read(&state);
    let given = given.all();
    let (mut running, mut ours) = (0, 0);
    say!("{:<10} {:>8} {:>6} {:>8}  LOG", "PROCESS", "PID", "PORT", "MEMORY");
    for name in [postgres::NAME, kafka::NAME, threadly::NAME] {
        if let Some((_, place)) = given.iter().find(|(given, _)| *given == name) {
            say!("{name:<10} given by URL, at {place}");
            continue;
        }
        ours += 1;
        let log = paths::shown(&state.log(name));
        match process::recorded(&state.record(name)) {
            Some(found) => {
                running += 1;
                let port = ports.get(name).map_or_else(|| "-".to_owned(), |port| port.to_string());
                let memory = identity::memory_kib(found.pid) / 1024;
                say!("{name:<10} {:>8} {port:>6} {memory:>4} MiB  {log}", found.pid);
            }
            None => say!("{name:<10} {:>8} {:>6} {:>8}  {log}", "-", "-", "-"),
        }
    }
    let threadly = process::recorded(&state.record(threadly::NAME));
    if let Some(status) = threadly::status(&state).filter(|status| threadly.is_some_and(|one| one.pid == status.pid)) {
        say!("\n{} at {}", if status.ready { "Ready" } else { "Not ready yet" }, status.url);
        for workspace in &status.workspaces {
            match &workspace.url {
                Some(url) if workspace.ready => say!("  {:<12} ready      {url}", workspace.label()),
                _ => say!("  {:<12} not ready  {}", workspace.label(), workspace.complaint()),
            }
        }
        match (given.iter().find(|(name, _)| *name == threadly::BUCKETS), ports.get(threadly::BUCKETS)) {
            (Some((_, place)), _) => say!("  files in the S3 server at {place}"),
            (None, Some(port)) => say!("  files in {}, served on port {port}", paths::shown(&state.buckets())),
            (None, None) => {}
        }
    } else if running == 0 {
        say!("\nNothing is running: `cargo xtask up` starts it.");
    }
    Ok(if running == 0 || running == ours { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
