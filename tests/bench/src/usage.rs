//! What processes cost, as the operating system counts it: `/proc`.

use std::{collections::HashMap, fs};

/// `/proc` counts in hundredths of a second (USER_HZ) on every architecture that this runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// Who is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of Threadly's programs.
    Threadly,
    /// A server, with the processes that it starts.
    Server,
    /// This program, without those that it started.
    Generator,
}

/// A process to watch.
#[derive(Clone, Debug)]
pub struct Watched {
    pub name: String,
    pub pid: u32,
    pub kind: Kind,
}

/// CPU seconds spent so far, by watched process and by the whole machine.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    processes: Vec<f64>,
    machine: f64,
}

/// CPU seconds spent between two readings.
#[derive(Clone, Debug, Default)]
pub struct Spent {
    pub by_process: Vec<(String, f64)>,
    pub threadly: f64,
    /// By everybody else on this machine: what makes figures worse than they are.
    pub strangers: f64,
}

struct Stat {
    pid: u32,
    parent: u32,
    own: f64,
    reaped: f64,
}

impl Reading {
    pub fn take(watched: &[Watched]) -> Self {
        let all = all();
        let seconds = |one: &Watched| match one.kind {
            Kind::Generator => all.get(&one.pid).map_or(0.0, |stat| stat.own),
            Kind::Threadly | Kind::Server => family_seconds(&all, one.pid),
        };
        Self { processes: watched.iter().map(seconds).collect(), machine: machine() }
    }

    /// What was spent since `before`.
    pub fn since(&self, before: &Self, watched: &[Watched]) -> Spent {
        let mut spent = Spent::default();
        let mut known = 0.0;
        for (one, (now, then)) in watched.iter().zip(self.processes.iter().zip(&before.processes)) {
            let seconds = now - then;
            known += seconds;
            spent.threadly += if one.kind == Kind::Threadly { seconds } else { 0.0 };
            spent.by_process.push((one.name.clone(), seconds));
        }
        spent.strangers = (self.machine - before.machine - known).max(0.0);
        spent
    }
}

impl Spent {
    /// `threadly 1.20, kafka 0.80`.
    pub fn told(&self) -> String {
        let parts: Vec<String> = self.by_process.iter().map(|(name, seconds)| format!("{name} {seconds:.2}")).collect();
        format!("{}, others {:.2}", parts.join(", "), self.strangers)
    }

    /// Adds what was spent at another time by the same ones.
    pub fn add(&mut self, other: Self) {
        if self.by_process.is_empty() {
            self.by_process = other.by_process;
        } else {
            for (own, (_, seconds)) in self.by_process.iter_mut().zip(other.by_process) {
                own.1 += seconds;
            }
        }
        self.threadly += other.threadly;
        self.strangers += other.strangers;
    }

    pub fn total(&self) -> f64 {
        self.by_process.iter().map(|(_, seconds)| seconds).sum()
    }
}

/// Resident memory of a process and its descendants in MiB, what they share counted once.
pub fn memory_mib(root: u32) -> f64 {
    let all = all();
    let kib: u64 = family(&all, root).iter().map(|pid| own_memory_kib(*pid)).sum();
    kib as f64 / 1024.0
}

/// Resident memory of one process in MiB, as `ps` shows it.
pub fn resident_mib(pid: u32) -> f64 {
    field(pid, "status", "VmRSS:").unwrap_or_default() as f64 / 1024.0
}

/// A line of one process's `status`, in MB of 10^6 bytes.
pub fn own_mb(pid: u32, name: &str) -> f64 {
    field(pid, "status", name).unwrap_or_default() as f64 * 1024.0 / 1e6
}

fn own_memory_kib(pid: u32) -> u64 {
    field(pid, "smaps_rollup", "Pss:").or_else(|| field(pid, "status", "VmRSS:")).unwrap_or_default()
}

fn field(pid: u32, file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// A reaped descendant's time stands in its parent's account, a living one's in its own.
fn family_seconds(all: &HashMap<u32, Stat>, root: u32) -> f64 {
    family(all, root).iter().filter_map(|pid| all.get(pid)).map(|stat| stat.own + stat.reaped).sum()
}

fn family(all: &HashMap<u32, Stat>, root: u32) -> Vec<u32> {
    let mut family = vec![root];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(all.values().filter(|stat| stat.parent == parent).map(|stat| stat.pid));
        next += 1;
    }
    family
}

fn all() -> HashMap<u32, Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| Some((pid, parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?))).collect()
}

/// The name in parentheses may itself hold spaces and parentheses, hence the search from the right.
fn parse(pid: u32, text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let seconds = |first: usize| -> Option<f64> {
        let ticks: u64 = fields.get(first)?.parse::<u64>().ok()? + fields.get(first + 1)?.parse::<u64>().ok()?;
        Some(ticks as f64 / TICKS_PER_SECOND)
    };
    Some(Stat { pid, parent: fields.get(1)?.parse().ok()?, own: seconds(11)?, reaped: seconds(13)? })
}

/// Everything that this machine did, and what its host took away.
fn machine() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line.split_ascii_whitespace().skip(1).map_while(|word| word.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal
    let busy: u64 = [0, 1, 2, 5, 6, 7].iter().filter_map(|place| ticks.get(*place)).sum();
    busy as f64 / TICKS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let text = "42 (a) (b c) S 7 42 42 0 -1 4194560 1 0 0 0 150 50 20 10 20 0 1 0 987654 1 2 3";
        let stat = parse(42, text).unwrap();
        assert_eq!((stat.parent, stat.own, stat.reaped), (7, 2.0, 0.3));
        assert!(parse(42, "42 (cut) S 7").is_none());
    }

    #[test]
    fn a_child_is_counted_with_its_parent() {
        let stat = |pid, parent, own, reaped| (pid, Stat { pid, parent, own, reaped });
        let all =
            HashMap::from([stat(1, 0, 1.0, 0.5), stat(2, 1, 2.0, 0.0), stat(3, 2, 4.0, 0.0), stat(9, 0, 8.0, 0.0)]);
        assert_eq!(family_seconds(&all, 1), 7.5);
    }
}
