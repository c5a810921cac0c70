//! What each process keeps in memory while it does nothing.

use crate::usage::{Kind, Watched, own_mb};

/// MB of 10^6 bytes, resident.
const TARGET: f64 = 20.0;

/// Resident memory of one process, in MB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub resident: f64,
    /// Of it, what the process has written itself; the rest is of files, which processes of one program share.
    pub anonymous: f64,
}

/// By process of Threadly.
pub fn read(watched: &[Watched]) -> Vec<(String, Memory)> {
    let ours = watched.iter().filter(|one| one.kind == Kind::Threadly);
    ours.map(|one| {
        let memory = Memory { resident: own_mb(one.pid, "VmRSS:"), anonymous: own_mb(one.pid, "RssAnon:") };
        (one.name.clone(), memory)
    })
    .collect()
}

/// A table with a pair of columns for each time that was looked.
pub fn print(times: &[(&str, Vec<(String, Memory)>)]) {
    println!("\nMB of memory at rest: resident, and of it anonymous (target: {TARGET:.0} resident)");
    let heads: Vec<String> = times.iter().map(|(when, _)| format!("{when:>22}")).collect();
    println!("{:<10} {}", "", heads.join(" "));
    let Some((_, first)) = times.first() else { return };
    for (name, _) in first {
        let of = |all: &[(String, Memory)]| all.iter().find(|(other, _)| other == name).map(|(_, memory)| *memory);
        let found: Vec<Option<Memory>> = times.iter().map(|(_, all)| of(all)).collect();
        let told = |memory: &Option<Memory>| match memory {
            Some(Memory { resident, anonymous }) => format!("{resident:>13.1} {anonymous:>8.1}"),
            None => format!("{:>22}", "-"),
        };
        let met = found.iter().flatten().all(|memory| memory.resident <= TARGET);
        let columns: Vec<String> = found.iter().map(told).collect();
        println!("{name:<10} {}   {}", columns.join(" "), if met { "met" } else { "MISSED" });
    }
}
