//! `up`: from a clean clone to a chat in the browser.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, bail};

use crate::identity::Identity;
use crate::interrupt::Interrupt;
use crate::lock::{self, Attempt};
use crate::paths::{self, StateDir};
use crate::process::{Lifetime, Process};
use crate::servers::{Plan, Purpose, Servers};
use crate::threadly::{self, Status};

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

    let plan = Plan::make(&root)?;
    steps.run("install", || plan.carry_out(&state, &interrupt))?;
    let lifetime = if options.detach { Lifetime::Detached } else { Lifetime::WithParent };
    println!("Servers");
    let mut servers = steps.run("servers", || Servers::start(&state, Purpose::Work, lifetime, &interrupt))?;

    let mut threadly = None;
    if !options.servers_only {
        println!("Threadly: building (the first build takes minutes; an interrupted one goes on where it was)");
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
        welcome(&root, &status);
        threadly = Some(process);
    }
    println!("{}", steps.told());

    if options.detach {
        servers.keep();
        if let Some(process) = &mut threadly {
            process.keep();
        }
        println!("It goes on in the background: `cargo xtask status`, `cargo xtask logs`, `cargo xtask down`.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("Ctrl-C stops all of it.");
    let watched = watch(&state, &mut servers, threadly.as_mut(), &interrupt);
    println!("\nStopping");
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
            println!("Threadly already runs in this clone ({by}): {}", status.url);
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
    while !interrupt.raised() {
        servers.check()?;
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
                println!("  {} is ready: {}", workspace.label(), workspace.sign_in_link.as_ref().unwrap_or(url))
            }
            _ => println!("  {}: {}", workspace.label(), workspace.complaint()),
        }
    }
    for workspace in known {
        if !status.workspaces.iter().any(|one| one.file == workspace.file && one.name == workspace.name) {
            println!("  {} is gone{}", workspace.label(), if workspace.ready { "; its data is kept" } else { "" });
        }
    }
}

/// Stops what writes before what it writes to.
fn stop_in_order(threadly: Option<&mut Process>, servers: &mut Servers) -> Result<()> {
    let stopped = threadly.map_or(Ok(()), Process::stop);
    servers.stop()?;
    stopped
}

fn welcome(root: &Path, status: &Status) {
    println!("\nThreadly is ready: {}\n", status.url);
    for workspace in &status.workspaces {
        match (&workspace.url, workspace.ready) {
            (Some(url), true) => {
                println!("  {:<12} {url}", workspace.label());
                match &workspace.sign_in_link {
                    Some(link) => println!("  {:<12} sign in as the owner, once: {link}", ""),
                    None => {
                        println!("  {:<12} the owner's sign-in link was used; sign in with e-mail and password", "")
                    }
                }
            }
            _ => println!("  {:<12} not ready: {}", workspace.label(), workspace.complaint()),
        }
    }
    println!(
        "\nTry next\n  \
         Open the sign-in link, and the workspace's URL in a private window to register a second person: both see what either writes.\n  \
         Copy {} under another name with another metadata.name: the new workspace is there within a second.",
        paths::shown(&root.join("workspaces/acme.yaml"))
    );
    if std::env::var_os("SSH_CONNECTION").is_some()
        && let Some((_, port)) = status.url.rsplit_once(':')
    {
        let port = port.trim_end_matches('/');
        println!("  From your own machine: ssh -L {port}:127.0.0.1:{port} <this machine>");
    }
    println!();
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
