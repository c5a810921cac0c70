//! Whether the machine has what so many workspaces take.

use std::fs;

use anyhow::{Context, ensure};
use nix::sys::statvfs::statvfs;

use crate::program::Bed;

/// On the disk: a database takes 7.4 MB, topics and what is written ahead the rest.
const MIB_EACH: u64 = 10;
/// Topics have so many partitions, each a descriptor and two memory maps of the broker's.
const PARTITIONS: u64 = 6;
const MAPS: u64 = 2 * PARTITIONS;
/// What the broker takes otherwise.
const SPARE: u64 = 2000;

/// Says what there is; an error if it is too little.
pub fn check(bed: &Bed, workspaces: usize) -> anyhow::Result<()> {
    let count = workspaces as u64;
    let disk = statvfs(&bed.folder)?;
    let free = (disk.blocks_available() * disk.fragment_size()) >> 20;
    let needed = MIB_EACH * count;
    println!("Room for {count} workspaces: {needed} MiB of disk, of which {free} are free");
    ensure!(free >= needed, "{count} workspaces take {needed} MiB of disk, and {free} are free");
    let descriptors = descriptors(bed.kafka_pid)?;
    let needed = PARTITIONS * count + SPARE;
    println!("{needed} descriptors of Kafka's, which may have {descriptors}");
    ensure!(descriptors >= needed, "Kafka needs {needed} descriptors and may have {descriptors}: see `ulimit -n`");
    let maps: u64 = fs::read_to_string("/proc/sys/vm/max_map_count")?.trim().parse()?;
    let needed = MAPS * count + SPARE;
    println!("{needed} memory maps of Kafka's, which may have {maps}");
    ensure!(maps >= needed, "Kafka needs {needed} memory maps and may have {maps}: see vm.max_map_count");
    Ok(())
}

/// How many a process may have.
fn descriptors(pid: u32) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/limits"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files")).context("a limit of open files")?;
    let limit = line.split_ascii_whitespace().next().context("a number")?;
    Ok(if limit == "unlimited" { u64::MAX } else { limit.parse()? })
}
