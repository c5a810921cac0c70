//! A server's processes: started, killed, frozen and thawed as one.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail};
use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::wait;

/// For killed processes to be gone.
const GONE_LIMIT: Duration = Duration::from_secs(20);
/// Lines of its log that an error shows.
const SHOWN: usize = 20;

/// A server that runs, or may run again.
pub(crate) struct Server {
    /// For errors.
    pub name: &'static str,
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// What it prints.
    pub log: PathBuf,
    /// Whether the command starts the server as its only child, as `unshare --fork` does.
    pub forks: bool,
    /// What asks it to end.
    pub stop_signal: Signal,
    child: Option<Child>,
}

impl Server {
    pub(crate) fn new(
        name: &'static str,
        command: Vec<OsString>,
        log: PathBuf,
        forks: bool,
        stop_signal: Signal,
    ) -> Self {
        Self { name, command, log, forks, stop_signal, child: None }
    }

    /// Starts it; it may not answer yet.
    pub(crate) fn start(&mut self) -> anyhow::Result<()> {
        if self.is_running()? {
            bail!("{} runs already", self.name);
        }
        self.child = Some(spawn(&self.command, &self.log)?);
        Ok(())
    }

    /// Whether it runs, frozen or not.
    pub(crate) fn is_running(&mut self) -> anyhow::Result<bool> {
        match &mut self.child {
            Some(child) => Ok(child.try_wait()?.is_none()),
            None => Ok(false),
        }
    }

    /// Waits until it answers; it must not end meanwhile.
    pub(crate) async fn answers(
        &mut self,
        limit: Duration,
        mut answers: impl AsyncFnMut() -> bool,
    ) -> anyhow::Result<()> {
        let name = self.name;
        let what = format!("{name} answers");
        let ready = wait::until(&what, limit, async || {
            if !self.is_running().unwrap_or_default() {
                return Some(Err(anyhow::anyhow!("{name} ended; its last words:\n{}", self.last_words())));
            }
            answers().await.then_some(Ok(()))
        });
        ready.await?
    }

    /// SIGKILL to all of its processes at once, as if the machine had lost them.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        // Frozen first, so that it makes no new process meanwhile.
        let processes = self.freeze()?;
        for pid in &processes {
            signal(*pid, Signal::SIGKILL)?;
        }
        self.ended(GONE_LIMIT).await?;
        wait::until("all its processes are gone", GONE_LIMIT, async || {
            let gone = processes.iter().all(|pid| !Path::new("/proc").join(pid.to_string()).exists());
            gone.then_some(())
        })
        .await
    }

    /// SIGSTOP to all of its processes: they keep their connections and say nothing.
    pub(crate) fn freeze(&mut self) -> anyhow::Result<Vec<Pid>> {
        let mut frozen = Vec::new();
        loop {
            let fresh: Vec<Pid> = self.processes()?.into_iter().filter(|pid| !frozen.contains(pid)).collect();
            if fresh.is_empty() {
                return Ok(frozen);
            }
            for pid in fresh {
                signal(pid, Signal::SIGSTOP)?;
                frozen.push(pid);
            }
        }
    }

    /// SIGCONT to all of them.
    pub(crate) fn thaw(&mut self) -> anyhow::Result<()> {
        self.processes()?.into_iter().try_for_each(|pid| signal(pid, Signal::SIGCONT))
    }

    /// Asks it to end, and waits.
    pub(crate) async fn stop(&mut self, limit: Duration) -> anyhow::Result<()> {
        signal(self.main()?, self.stop_signal)?;
        self.ended(limit).await
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&mut self, limit: Duration) -> anyhow::Result<()> {
        let child = self.child.as_mut().context("it was never started")?;
        timeout(limit, child.wait()).await.with_context(|| format!("{} does not end", self.name))??;
        Ok(())
    }

    /// The end of its log.
    pub(crate) fn last_words(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(SHOWN)..].join("\n")
    }

    fn main(&self) -> anyhow::Result<Pid> {
        let child = self.child.as_ref().and_then(Child::id).with_context(|| format!("{} does not run", self.name))?;
        let child = Pid::from_raw(i32::try_from(child)?);
        if !self.forks {
            return Ok(child);
        }
        children()?.remove(&child).and_then(|of| of.first().copied()).context("the server's process is not there yet")
    }

    /// The main process and all that descend from it, parents first.
    fn processes(&self) -> anyhow::Result<Vec<Pid>> {
        let mut children = children()?;
        let mut found = vec![self.main()?];
        let mut next = 0;
        while let Some(pid) = found.get(next) {
            found.extend(children.remove(pid).unwrap_or_default());
            next += 1;
        }
        Ok(found)
    }
}

/// Starts a command whose output goes to the end of a log.
pub(crate) fn spawn(command: &[OsString], log: &Path) -> anyhow::Result<Child> {
    let output = OpenOptions::new().create(true).append(true).open(log)?;
    Command::new(&command[0])
        .args(&command[1..])
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("can't start {}", command[0].display()))
}

/// Runs a tool to its end.
pub(crate) async fn run(command: &[OsString], log: &Path, limit: Duration) -> anyhow::Result<()> {
    let status = timeout(limit, spawn(command, log)?.wait()).await.context("a tool does not end")??;
    if !status.success() {
        bail!("{status}: {}", fs::read_to_string(log).unwrap_or_default());
    }
    Ok(())
}

/// A process that has just ended needs no signal.
fn signal(pid: Pid, signal: Signal) -> anyhow::Result<()> {
    match kill(pid, signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Every process of this machine by its parent.
fn children() -> anyhow::Result<HashMap<Pid, Vec<Pid>>> {
    let mut children: HashMap<Pid, Vec<Pid>> = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path();
        let Some(pid) = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok()) else {
            continue;
        };
        // It may have ended since.
        let Ok(stat) = fs::read_to_string(path.join("stat")) else { continue };
        // `pid (name) state parent …`, where the name may hold anything.
        let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok());
        if let Some(parent) = parent {
            children.entry(Pid::from_raw(parent)).or_default().push(Pid::from_raw(pid));
        }
    }
    Ok(children)
}
