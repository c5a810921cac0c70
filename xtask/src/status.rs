//! `status`: what runs, and what became of every manifest.

use std::process::ExitCode;

use anyhow::Result;

use crate::paths::{self, StateDir};
use crate::ports::Ports;
use crate::process;
use crate::{identity, kafka, postgres, threadly};

/// Prints two tables. Fails when only a part of the processes runs.
pub fn run() -> Result<ExitCode> {
    let state = StateDir::of_clone(&paths::clone_root()?);
    let ports = Ports::load(&state.ports());
    let names = [postgres::NAME, kafka::NAME, threadly::NAME];
    println!("{:<10} {:>8} {:>6} {:>8}  LOG", "PROCESS", "PID", "PORT", "MEMORY");
    let mut running = 0;
    for name in names {
        let log = paths::shown(&state.log(name));
        match process::recorded(&state.record(name)) {
            Some(found) => {
                running += 1;
                let port = ports.get(name).map_or_else(|| "-".to_owned(), |port| port.to_string());
                println!(
                    "{name:<10} {:>8} {port:>6} {:>4} MiB  {log}",
                    found.pid,
                    identity::memory_kib(found.pid) / 1024
                );
            }
            None => println!("{name:<10} {:>8} {:>6} {:>8}  {log}", "-", "-", "-"),
        }
    }
    let threadly = process::recorded(&state.record(threadly::NAME));
    if let Some(status) = threadly::status(&state).filter(|status| threadly.is_some_and(|one| one.pid == status.pid)) {
        println!("\n{} at {}", if status.ready { "Ready" } else { "Not ready yet" }, status.url);
        for workspace in &status.workspaces {
            match &workspace.url {
                Some(url) if workspace.ready => println!("  {:<12} ready      {url}", workspace.label()),
                _ => println!("  {:<12} not ready  {}", workspace.label(), workspace.complaint()),
            }
        }
    } else if running == 0 {
        println!("\nNothing is running: `cargo xtask up` starts it.");
    }
    Ok(if running == 0 || running == names.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
