//! `up`: from a clean clone to a chat in the browser.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, bail};

use crate::given::Given;
use crate::identity::Identity;
use crate::interrupt::Interrupt;
use crate::lock::{self, Attempt};
use crate::paths::{self, StateDir};
use crate::plan::Plan;
use crate::ports::Ports;
use crate::postmortem;
use crate::process::{Lifetime, Process};
use crate::screen::say;
use crate::servers::{Purpose, Servers};
use crate::threadly::{self, Status};

/// How often a foreground `up` asks for free room, and when it speaks up.
const DISK_LOOKS: Duration = Duration::from_secs(5);
const SCARCE_MIB: u64 = 200;

/// What the user asked for.
#[derive(Debug)]
pub struct Options {
    pub detach: bool,
    pub servers_only: bool,
}

/// Starts everything; in the foreground it ends when somebody ends it.
pub fn run(options: &Options) -> Result<ExitCode> {
    let interrupt = Interrupt::install()?;
    let root = paths::clone_root()?;
    let state = StateDir::of_clone(&root);
    state.create()?;
    let _lock = match lock::attempt(&state.lock())? {
        Attempt::Taken(lock) => lock,
        Attempt::HeldBy(holder) => return already_running(&state, holder.as_ref()),
    };
    let mut steps = Steps::default();

    let given = Given::by_environment();
    given.places().write(&state)?;
    let own_buckets = given.s3.is_none();
    let plan = Plan::make(&root, &given, !options.servers_only)?;
    steps.run("install", || plan.carry_out(&state, &interrupt))?;
    let lifetime = if options.detach { Lifetime::Detached } else { Lifetime::WithParent };
    say!("Servers");
    let mut servers = steps.run("servers", || Servers::start(&state, given, Purpose::Work, lifetime, &interrupt))?;

    let mut threadly = None;
    if !options.servers_only {
        say!("Threadly: building (the first build takes minutes; an interrupted one goes on where it was)");
        steps.run("build", || threadly::build(&root, &interrupt))?;
        let (process, status) = steps.run("threadly", || {
            let (mut process, reused) = threadly::begin(&root, &state, &servers, lifetime)?;
            let mut status = threadly::wait_ready(&state, &mut process, &mut servers, &interrupt)?;
            if reused {
                threadly::renew_links(&state, &mut process, &interrupt)?;
                status = threadly::wait_ready(&state, &mut process, &mut servers, &interrupt)?;
            }
            Ok((process, status))
        })?;
        let buckets = if own_buckets { Ports::load(&state.ports()).get(threadly::BUCKETS) } else { None };
        welcome(&root, &state, &status, buckets);
        threadly = Some(process);
    }
    say!("{}", steps.told());

    if options.detach {
        servers.keep();
        if let Some(process) = &mut threadly {
            process.keep();
        }
        say!("It goes on in the background: `cargo xtask status`, `cargo xtask logs`, `cargo xtask down`.");
        return Ok(ExitCode::SUCCESS);
    }
    say!("Ctrl-C stops all of it.");
    let watched = watch(&state, &mut servers, threadly.as_mut(), &interrupt);
    say!("\nStopping");
    stop_in_order(threadly.as_mut(), &mut servers)?;
    watched.map(|()| ExitCode::SUCCESS)
}

/// Another `up` of this clone holds the lock: success if what it serves is ready.
fn already_running(state: &StateDir, holder: Option<&Identity>) -> Result<ExitCode> {
    let by = holder.map_or_else(|| "another process".to_owned(), |holder| format!("process {}", holder.pid));
    match threadly::status(state).filter(|status| {
        status.ready && crate::process::recorded(&state.record(threadly::NAME)).is_some_and(|one| one.pid == status.pid)
    }) {
        Some(status) => {
            say!("Threadly already runs in this clone ({by}): {}", status.url);
            Ok(ExitCode::SUCCESS)
        }
        None => bail!("{by} is starting or stopping Threadly in this clone; `cargo xtask status` shows how far it is"),
    }
}

/// Until Ctrl-C or until a process ends by itself; says when a manifest's state changes.
fn watch(
    state: &StateDir,
    servers: &mut Servers,
    mut threadly: Option<&mut Process>,
    interrupt: &Interrupt,
) -> Result<()> {
    let modified =
        || std::fs::metadata(state.status()).and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut seen = modified();
    let mut known = threadly::status(state).unwrap_or_default().workspaces;
    let mut looked_at_disk = Instant::now();
    let mut warned = false;
    while !interrupt.raised() {
        servers.check()?;
        if !warned && looked_at_disk.elapsed() > DISK_LOOKS {
            looked_at_disk = Instant::now();
            // Postgres would live on and refuse every write.
            if let Some(free) = postmortem::free_mib(state.root()).filter(|free| *free < SCARCE_MIB) {
                say!("  the disk of {} has only {free} MiB left: make room soon", paths::shown(state.root()));
                warned = true;
            }
        }
        if let Some(process) = threadly.as_deref_mut() {
            process.check()?;
            if modified() != seen {
                seen = modified();
                if let Some(status) = threadly::status(state) {
                    changes(&known, &status);
                    known = status.workspaces;
                }
            }
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn changes(known: &[threadly::Workspace], status: &Status) {
    for workspace in &status.workspaces {
        let before = known.iter().find(|one| one.file == workspace.file && one.name == workspace.name);
        if before.is_some_and(|before| before.ready == workspace.ready && before.complaint() == workspace.complaint()) {
            continue;
        }
        match (workspace.ready, &workspace.url) {
            (true, Some(url)) => {
                say!("  {} is ready: {}", workspace.label(), workspace.sign_in_link.as_ref().unwrap_or(url))
            }
            _ => say!("  {}: {}", workspace.label(), workspace.complaint()),
        }
    }
    for workspace in known {
        if !status.workspaces.iter().any(|one| one.file == workspace.file && one.name == workspace.name) {
            say!("  {} is gone{}", workspace.label(), if workspace.ready { "; its data is kept" } else { "" });
        }
    }
}

/// Stops what writes before what it writes to.
fn stop_in_order(threadly: Option<&mut Process>, servers: &mut Servers) -> Result<()> {
    let stopped = threadly.map_or(Ok(()), Process::stop);
    servers.stop()?;
    stopped
}

fn welcome(root: &Path, state: &StateDir, status: &Status, buckets: Option<u16>) {
    say!("\nThreadly is ready: {}\n", status.url);
    for workspace in &status.workspaces {
        match (&workspace.url, workspace.ready) {
            (Some(url), true) => {
                say!("  {:<12} {url}", workspace.label());
                match &workspace.sign_in_link {
                    Some(link) => say!("  {:<12} sign in as the owner, once: {link}", ""),
                    None => {
                        say!("  {:<12} the owner's sign-in link was used; sign in with e-mail and password", "")
                    }
                }
            }
            _ => say!("  {:<12} not ready: {}", workspace.label(), workspace.complaint()),
        }
    }
    say!(
        "\nTry next\n  \
         Open the sign-in link, and the workspace's URL in a private window to register a second person: both see what either writes.\n  \
         Copy {} under another name with another metadata.name: the new workspace is there within a second.",
        paths::shown(&root.join("workspaces/acme.yaml"))
    );
    if let Some(folder) = threadly::letters(state) {
        say!("  Letters (invitations, new passwords) are files in {}.", paths::shown(&folder));
    }
    if std::env::var_os("SSH_CONNECTION").is_some() {
        say!("  From your own machine: {}", ssh_line(&status.url, buckets));
    }
    say!();
}

/// Files come from a port of their own.
fn ssh_line(url: &str, buckets: Option<u16>) -> String {
    let own = url.rsplit_once(':').map(|(_, port)| port.trim_end_matches('/').to_owned());
    let ports = own.into_iter().chain(buckets.map(|port| port.to_string()));
    let ways: String = ports.map(|port| format!(" -L {port}:127.0.0.1:{port}")).collect();
    format!("ssh{ways} <this machine>")
}

/// Seconds per step.
#[derive(Debug, Default)]
struct Steps(Vec<(&'static str, Duration)>);

impl Steps {
    fn run<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        let begun = Instant::now();
        let done = step()?;
        self.0.push((name, begun.elapsed()));
        Ok(done)
    }

    fn told(&self) -> String {
        let steps: Vec<String> =
            self.0.iter().map(|(name, took)| format!("{name} {:.1} s", took.as_secs_f32())).collect();
        format!("Steps: {}", steps.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_for_ssh_names_the_port_of_the_page_and_of_the_files() {
        let both = "ssh -L 8080:127.0.0.1:8080 -L 8081:127.0.0.1:8081 <this machine>";
        assert_eq!(ssh_line("http://127.0.0.1:8080/", Some(8081)), both);
        assert_eq!(ssh_line("http://127.0.0.1:8080", None), "ssh -L 8080:127.0.0.1:8080 <this machine>");
    }
}
