//! Which process is which, and what it uses: read from `/proc`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// One process for good: a process id alone is reused, with its start time and the machine's boot it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub pid: u32,
    /// Clock ticks between boot and the start of the process.
    pub started: u64,
    /// The kernel's random name for this boot.
    pub boot: String,
}

impl Identity {
    /// The process that has this id now; `None` if there is none, or it is dead and only waits to be reaped.
    pub fn of(pid: u32) -> Option<Self> {
        let stat = Stat::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?;
        if matches!(stat.state, 'Z' | 'X') {
            return None;
        }
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned();
        Some(Self { pid, started: stat.started, boot })
    }

    pub fn is_alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    /// Sends a signal to this very process; a dead one is fine.
    pub fn signal(&self, signal: Signal) {
        if let (true, Ok(pid)) = (self.is_alive(), i32::try_from(self.pid)) {
            // It may have died since the check; that is what the signal was to achieve.
            let _ = signal::kill(Pid::from_raw(pid), signal);
        }
    }

    /// Waits until the process is gone; false when it still lives after `limit`.
    pub fn wait_gone(&self, limit: Duration) -> bool {
        let start = Instant::now();
        while self.is_alive() {
            if start.elapsed() > limit {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        true
    }
}

/// The fields of `/proc/PID/stat` that matter here.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    state: char,
    parent: u32,
    started: u64,
}

impl Stat {
    /// The name in parentheses may itself hold spaces and parentheses, hence the search from the right.
    fn parse(text: &str) -> Option<Self> {
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        Some(Self {
            state: fields.first()?.chars().next()?,
            parent: fields.get(1)?.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
        })
    }
}

/// Stops a process that isn't a child.
pub fn stop_identity(identity: &Identity, signal: Signal, limit: Duration) -> Result<()> {
    identity.signal(signal);
    if !identity.wait_gone(limit) {
        identity.signal(Signal::SIGKILL);
        if !identity.wait_gone(Duration::from_secs(5)) {
            bail!("process {} does not end, not even by SIGKILL", identity.pid);
        }
    }
    Ok(())
}

/// Processes of this program that work in this folder: a server of ours whose pid file got lost. The program's name
/// keeps the shell of somebody who looks around in there out of it.
fn working_in(folder: &Path, program: &str) -> Vec<Identity> {
    let Some(folder) = real(folder) else { return Vec::new() };
    // So the kernel shows a folder that somebody removed while its server ran.
    let removed = PathBuf::from(format!("{} (deleted)", folder.display()));
    all_pids()
        .filter(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == folder || cwd == removed))
        .filter(|pid| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|words| runs(&words, program)))
        .filter_map(Identity::of)
        .collect()
}

/// Stops those, and says whether there was one.
pub fn stop_working_in(folder: &Path, program: &str, signal: Signal, limit: Duration) -> Result<bool> {
    let lost = working_in(folder, program);
    for process in &lost {
        stop_identity(process, signal, limit)?;
    }
    Ok(!lost.is_empty())
}

/// A path without symbolic links; what isn't there any more counts as no link.
fn real(path: &Path) -> Option<PathBuf> {
    path.ancestors().find_map(|parent| Some(parent.canonicalize().ok()?.join(path.strip_prefix(parent).ok()?)))
}

/// Whether the first word of a NUL-separated command line is this program.
fn runs(command_line: &[u8], program: &str) -> bool {
    let first = command_line.split(|byte| *byte == 0).next().unwrap_or_default();
    Path::new(&*String::from_utf8_lossy(first)).file_name().is_some_and(|name| name == program)
}

/// Memory of a process and its descendants in KiB, what they share counted once.
pub fn memory_kib(root: u32) -> u64 {
    let parents: Vec<(u32, u32)> = all_pids()
        .filter_map(|pid| Some((pid, Stat::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?.parent)))
        .collect();
    let mut family = vec![root];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    family.into_iter().map(own_memory_kib).sum()
}

fn own_memory_kib(pid: u32) -> u64 {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().split(' ').next()?.parse().ok()
    };
    field("smaps_rollup", "Pss:").or_else(|| field("status", "VmRSS:")).unwrap_or(0)
}

fn all_pids() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let text = "42 (a) (b c) S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1 2 3";
        assert_eq!(Stat::parse(text), Some(Stat { state: 'S', parent: 7, started: 987_654 }));
        assert_eq!(Stat::parse("42 (cut"), None);
        assert_eq!(Stat::parse("42 (cut) S 7"), None);
    }

    #[test]
    fn this_process_is_alive_under_its_own_identity() {
        assert!(Identity::of(std::process::id()).unwrap().is_alive());
    }

    #[test]
    fn a_reused_process_id_is_somebody_else() {
        let me = Identity::of(std::process::id()).unwrap();
        assert!(!Identity { started: me.started + 1, ..me.clone() }.is_alive());
        assert!(!Identity { boot: "another boot".into(), ..me }.is_alive());
    }

    #[test]
    fn a_process_that_waits_to_be_reaped_counts_as_dead() {
        let mut child = Command::new("true").spawn().unwrap();
        let start = Instant::now();
        while Identity::of(child.id()).is_some() {
            assert!(start.elapsed() < Duration::from_secs(10));
            std::thread::yield_now();
        }
        child.wait().unwrap();
    }

    #[test]
    fn a_program_is_known_by_the_first_word_of_its_command_line() {
        assert!(runs(b"/usr/lib/postgresql/15/bin/postgres\0-D\0x\0", "postgres"));
        assert!(!runs(b"postgres: checkpointer \0", "postgres"));
        assert!(!runs(b"-bash\0postgres\0", "postgres"));
        assert!(!runs(b"", "postgres"));
    }
}
