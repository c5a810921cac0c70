//! One of Threadly's programs as a process that a test starts, kills and starts again.

use std::{
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::process::{Child, Command};

use crate::{servers::free_port, wait};

/// From start to ready.
const START_LIMIT: Duration = Duration::from_secs(30);
/// From SIGTERM to the end.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A program of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `functions/auth`
    Auth,
    /// `functions/directory`
    Directory,
    /// `functions/messages`
    Messages,
    /// `realtime-edge`
    Edge,
    /// `crates/clock`
    Clock,
}

impl Program {
    pub(crate) fn binary(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Directory => "directory",
            Self::Messages => "messages",
            Self::Edge => "realtime-edge",
            Self::Clock => "clock",
        }
    }

    pub(crate) fn is_function(self) -> bool {
        !matches!(self, Self::Edge | Self::Clock)
    }
}

/// A running process; it ends when this is dropped.
pub struct Process {
    binary: PathBuf,
    /// Its name in the test.
    pub name: String,
    environment: Vec<(String, String)>,
    url: String,
    child: Child,
}

impl Process {
    /// Starts `binary` under a name of the test's; it is told its address as `THREADLY_LISTEN`.
    ///
    /// # Errors
    /// It can't be started.
    pub async fn begin(binary: PathBuf, name: String, mut environment: Vec<(String, String)>) -> anyhow::Result<Self> {
        let address = format!("127.0.0.1:{}", free_port().await?);
        environment.push(("THREADLY_LISTEN".to_owned(), address.clone()));
        Self::begin_at(binary, name, environment, format!("http://{address}"))
    }

    /// The same for one that somebody else listens for.
    pub(crate) fn begin_at(
        binary: PathBuf,
        name: String,
        environment: Vec<(String, String)>,
        url: String,
    ) -> anyhow::Result<Self> {
        let child = spawn(&binary, &environment)?;
        Ok(Self { binary, name, environment, url, child })
    }

    /// Where it answers; the same after a restart.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// SIGKILL, and waits for the end.
    ///
    /// # Errors
    /// It can't be killed.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// SIGTERM, and waits for a clean end.
    ///
    /// # Errors
    /// It does not end in time, or not cleanly.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::SIGTERM)?;
        let status = tokio::time::timeout(STOP_LIMIT, self.child.wait()).await.context("it does not end")??;
        if status.success() { Ok(()) } else { bail!("{} ended with {status}", self.name) }
    }

    /// SIGSTOP: it does nothing until it is thawed.
    ///
    /// # Errors
    /// It has ended.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    /// SIGCONT.
    ///
    /// # Errors
    /// It has ended.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.signal(Signal::SIGCONT)
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let pid = self.child.id().context("it has ended already")?;
        Ok(kill(Pid::from_raw(i32::try_from(pid)?), signal)?)
    }

    /// Starts it again after a kill: same name, same port.
    ///
    /// # Errors
    /// It does not become ready.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.child = spawn(&self.binary, &self.environment)?;
        self.ready().await
    }

    /// Whether it says that it is ready.
    pub async fn is_ready(&self) -> bool {
        reqwest::get(format!("{}/readyz", self.url())).await.is_ok_and(|answer| answer.status().is_success())
    }

    /// The kernel's number for it, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// The kernel's.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits until it is ready.
    ///
    /// # Errors
    /// It ends instead, or takes too long.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let url = format!("{}/readyz", self.url());
        let (name, child) = (self.name.clone(), &mut self.child);
        let client = reqwest::Client::new();
        let what = format!("{name} is ready");
        let ready = wait::until(&what, START_LIMIT, async || {
            // On Lambda a question waits for whoever takes it.
            tokio::select! {
                ended = child.wait() => Some(Err(anyhow::anyhow!("{name} ended at start: {ended:?}"))),
                answer = client.get(&url).timeout(START_LIMIT).send() => {
                    answer.ok()?.status().is_success().then_some(Ok(()))
                }
            }
        });
        ready.await?
    }
}

fn spawn(binary: &PathBuf, environment: &[(String, String)]) -> anyhow::Result<Child> {
    Command::new(binary)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("can't start {}", binary.display()))
}
