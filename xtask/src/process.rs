//! Long-running children: how they start, die with this program or outlive it, and are found again without ever
//! touching a stranger that got the same process id.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use crate::identity::{Identity, stop_identity};
use crate::screen::complain;
use crate::{paths, postmortem};

/// A log larger than this is set aside as `NAME.log.old` at the next start.
const LOG_LIMIT: u64 = 16 << 20;

/// Becomes the program that it is given, if its parent is the process of the first argument.
const UNLESS_ORPHANED: &str = r#"test "$PPID" = "$0" && exec "$@""#;

/// Whether a child may outlive this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Gets its stop signal from the kernel when this program dies, even by `kill -9`.
    WithParent,
    /// Belongs to a session of its own.
    Detached,
}

/// How to start and stop one server.
#[derive(Debug)]
pub struct Spec {
    pub name: &'static str,
    pub program: PathBuf,
    pub args: Vec<OsString>,
    pub env: Vec<(String, OsString)>,
    pub cwd: PathBuf,
    pub log: PathBuf,
    /// Where the process' identity is kept.
    pub record: PathBuf,
    /// A command put in front of the program, which must `exec` it.
    pub wrapper: Vec<OsString>,
    pub stop_signal: Signal,
    /// After this it is killed.
    pub stop_within: Duration,
}

/// What `.threadly/run/NAME.pid` holds.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    #[serde(flatten)]
    identity: Identity,
    /// Changes whenever the process would have to be started differently.
    fingerprint: String,
    outlives: bool,
}

/// A server that runs. Dropped, it is stopped, unless `keep` was called.
#[derive(Debug)]
pub struct Process {
    pub name: &'static str,
    pub identity: Identity,
    pub log: PathBuf,
    record: PathBuf,
    child: Option<Child>,
    stop_signal: Signal,
    stop_within: Duration,
    kept: bool,
}

impl Spec {
    /// Starts the server with its output going to its log.
    pub fn start(&self, lifetime: Lifetime) -> Result<Process> {
        let mut words: Vec<OsString> = Vec::new();
        if lifetime == Lifetime::Detached {
            words.push("setsid".into());
        }
        words.extend(self.wrapper.iter().cloned());
        if lifetime == Lifetime::WithParent {
            // After the wrapper: a change of user clears the parent-death signal.
            let signal = self.stop_signal.as_str().trim_start_matches("SIG");
            words.extend(["setpriv", "--pdeathsig", signal].map(OsString::from));
            // A parent that died before that sends no signal any more.
            words.extend(["sh", "-c", UNLESS_ORPHANED].map(OsString::from));
            words.push(std::process::id().to_string().into());
        }
        words.push(self.program.clone().into());
        words.extend(self.args.iter().cloned());

        let log = open_log(&self.log, self.name)?;
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(&self.cwd).stdin(Stdio::null());
        command.stdout(log.try_clone()?).stderr(log);
        for (name, value) in &self.env {
            command.env(name, value);
        }
        if lifetime == Lifetime::WithParent {
            // Ctrl-C at the terminal is for this program alone, which then stops its children in order.
            // (A group leader could not become a session leader without another fork, hence not for detached ones.)
            command.process_group(0);
        }
        let child =
            command.spawn().with_context(|| format!("starting {} ({})", self.name, words[0].to_string_lossy()))?;
        let identity = Identity::of(child.id()).with_context(|| {
            format!(
                "{} ended at once; last lines of {}:\n{}",
                self.name,
                paths::shown(&self.log),
                log_tail(&self.log, 15)
            )
        })?;
        let process = self.process(identity, Some(child), false);
        let record = Record {
            identity: process.identity.clone(),
            fingerprint: self.fingerprint(),
            outlives: lifetime == Lifetime::Detached,
        };
        paths::write_private(&self.record, &serde_json::to_string(&record)?)?;
        Ok(process)
    }

    /// The process that an earlier run left behind on purpose, if it is still the same as this would start;
    /// anything else that an earlier run left is stopped.
    pub fn find_running(&self) -> Result<Option<Process>> {
        let Some(record) = read_record(&self.record) else { return Ok(None) };
        let mut process = self.process(record.identity, None, true);
        if record.outlives && record.fingerprint == self.fingerprint() {
            return Ok(Some(process));
        }
        process.stop()?;
        Ok(None)
    }

    fn process(&self, identity: Identity, child: Option<Child>, kept: bool) -> Process {
        Process {
            name: self.name,
            identity,
            log: self.log.clone(),
            record: self.record.clone(),
            child,
            stop_signal: self.stop_signal,
            stop_within: self.stop_within,
            kept,
        }
    }

    /// A hash, since the environment may hold a password.
    fn fingerprint(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (&self.program, &self.args, &self.env, &self.cwd).hash(&mut hasher);
        if let Ok(file) = fs::metadata(&self.program) {
            (file.len(), file.modified().ok()).hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }
}

impl Process {
    /// From here on the server goes on when this value is dropped.
    pub fn keep(&mut self) {
        self.kept = true;
    }

    /// How it ended, if it has; only a parent learns its child's status.
    pub fn ended(&mut self) -> Option<(String, Option<ExitStatus>)> {
        match &mut self.child {
            Some(child) => match child.try_wait() {
                Ok(None) => None,
                Ok(Some(status)) => Some((status.to_string(), Some(status))),
                Err(error) => Some((error.to_string(), None)),
            },
            None => (!self.identity.is_alive()).then(|| ("it is gone".to_owned(), None)),
        }
    }

    /// An error with the last lines of the log if the server has ended.
    pub fn check(&mut self) -> Result<()> {
        if let Some((how, status)) = self.ended() {
            bail!(
                "{} ended ({how}). The last lines of {}:\n{}{}\nNext: `cargo xtask logs {}` shows more; `cargo xtask up` tries again.",
                self.name,
                paths::shown(&self.log),
                log_tail(&self.log, 15),
                postmortem::cause(status, &self.log),
                self.name
            );
        }
        Ok(())
    }

    /// Asks the server to stop, waits, and kills it only after its time is over.
    pub fn stop(&mut self) -> Result<()> {
        self.kept = true;
        self.identity.signal(self.stop_signal);
        let start = Instant::now();
        while self.ended().is_none() {
            if start.elapsed() > self.stop_within {
                self.identity.signal(Signal::SIGKILL);
                if !self.identity.wait_gone(Duration::from_secs(5)) {
                    bail!("{} (process {}) does not end, not even by SIGKILL", self.name, self.identity.pid);
                }
                if let Some(child) = &mut self.child {
                    child.wait()?;
                }
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        match fs::remove_file(&self.record) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).context("removing a pid file"),
            _ => Ok(()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = self.stop()
        {
            complain(format_args!("xtask: {error:#}"));
        }
    }
}

/// The identity in a pid file, if that very process still runs.
pub fn recorded(path: &Path) -> Option<Identity> {
    read_record(path).map(|record| record.identity)
}

fn read_record(path: &Path) -> Option<Record> {
    let text = fs::read_to_string(path).ok()?;
    serde_json::from_str::<Record>(&text).ok().filter(|record| record.identity.is_alive())
}

/// Stops the process of a pid file, whatever started it. Says whether there was one.
pub fn stop_recorded(path: &Path, signal: Signal, limit: Duration) -> Result<bool> {
    let Some(identity) = recorded(path) else {
        // A pid file without its process is left from a crash; removing it is all there is to do.
        let _ = fs::remove_file(path);
        return Ok(false);
    };
    stop_identity(&identity, signal, limit)?;
    let _ = fs::remove_file(path);
    Ok(true)
}

/// Opens a log for appending and marks where this start begins.
fn open_log(path: &Path, name: &str) -> Result<File> {
    if fs::metadata(path).is_ok_and(|file| file.len() > LOG_LIMIT) {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    let open = || -> std::io::Result<File> {
        let mut log = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        writeln!(log, "--- {name} starts")?;
        Ok(log)
    };
    open().with_context(|| format!("opening {}", path.display()))
}

/// The last lines of a log, indented.
pub fn log_tail(path: &Path, lines: usize) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<&str> = text.lines().collect();
    let from = all.len().saturating_sub(lines);
    all[from..].iter().map(|line| format!("  {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_of_a_reused_process_id_is_never_obeyed() {
        let mut stranger = Command::new("sleep").arg("60").spawn().unwrap();
        let identity = Identity::of(stranger.id()).unwrap();
        let folder = std::env::temp_dir().join(format!("xtask-record-{}", std::process::id()));
        paths::private_folder(&folder).unwrap();
        let path = folder.join("kafka.pid");
        let record = Record {
            identity: Identity { started: identity.started - 1, ..identity.clone() },
            fingerprint: String::new(),
            outlives: true,
        };
        fs::write(&path, serde_json::to_string(&record).unwrap()).unwrap();

        assert!(!stop_recorded(&path, Signal::SIGKILL, Duration::from_secs(1)).unwrap());
        assert!(identity.is_alive());

        stranger.kill().unwrap();
        stranger.wait().unwrap();
        paths::remove_folder(&folder).unwrap();
    }
}
