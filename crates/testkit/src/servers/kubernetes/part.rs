//! One program of an API server.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

/// Lines of its log that an error shows.
const SHOWN: usize = 20;
/// Between two looks.
pub(super) const LOOK: Duration = Duration::from_millis(50);

/// A running program; it ends when this is dropped, and with this process however that ends.
pub(super) struct Part {
    name: &'static str,
    log: PathBuf,
    child: Child,
    keeper: Option<(mpsc::Sender<()>, JoinHandle<()>)>,
}

impl Part {
    /// Starts it, with its output in a log.
    pub(super) fn start(name: &'static str, command: Vec<OsString>, log: PathBuf) -> anyhow::Result<Self> {
        let (send_child, child) = mpsc::channel();
        let (stop, stopped) = mpsc::channel();
        let output = log.clone();
        // The kernel's parent-death signal comes when the starting thread ends, and a test's or a pool's thread may end
        // long before the last user of this server: hence a thread of its own.
        let keeper = thread::Builder::new().name(format!("keeps {name}")).spawn(move || {
            if send_child.send(spawn(&command, &output)).is_ok() {
                // Ends with the sender.
                let _ = stopped.recv();
            }
        })?;
        let child = child.recv().context("the keeper has ended")?.with_context(|| format!("can't start {name}"))?;
        Ok(Self { name, log, child, keeper: Some((stop, keeper)) })
    }

    /// Its name and its process, which has replaced the one that it was started by.
    pub(super) fn process(&self) -> (&'static str, u32) {
        (self.name, self.child.id())
    }

    /// An error if it has ended.
    pub(super) fn check(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended with {status}:\n{}", self.name, self.last_words()),
        }
    }

    /// Waits until it accepts connections on its port.
    pub(super) fn listens(&mut self, port: u16, limit: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + limit;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            self.check()?;
            if Instant::now() >= deadline {
                bail!("{} does not listen within {limit:?}:\n{}", self.name, self.last_words());
            }
            thread::sleep(LOOK);
        }
        Ok(())
    }

    /// The end of its log.
    pub(super) fn last_words(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(SHOWN)..].join("\n")
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Nothing of its data is kept, so there is nothing to end in order.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some((stop, keeper)) = self.keeper.take() {
            drop(stop);
            let _ = keeper.join();
        }
    }
}

fn spawn(command: &[OsString], log: &Path) -> std::io::Result<Child> {
    let output = OpenOptions::new().create(true).append(true).open(log)?;
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL"])
        .args(command)
        // What this machine sets for an etcd or a cluster of its own is not for this one.
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()
}
