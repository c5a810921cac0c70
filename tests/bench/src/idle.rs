//! `bench idle`: what `threadly` and its servers cost while nobody does anything: with one workspace, and with many.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use clap::Args;

use crate::{
    house::{House, WORKSPACE},
    program::Bed,
    usage::{Kind, Reading, memory_mib, resident_mib},
};

/// Idle connections are closed after 15 s: nothing before that is idle.
const REST: Duration = Duration::from_secs(25);
/// Threads that are named.
const BUSIEST: usize = 8;
const PROVISIONED_WITHIN: Duration = Duration::from_secs(1800);

/// Options of `bench idle`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Workspaces of the second measurement; 1 leaves it out.
    #[arg(long, default_value_t = 1000)]
    workspaces: usize,
}

/// Runs it; the targets are for whoever reads.
pub fn run(bed: &Bed, options: &Options) -> anyhow::Result<bool> {
    let mut house = House::start(bed, false)?;
    println!("Idle for {} s", options.seconds);
    measure(&house, options.seconds, "1 workspace (targets for threadly: 60 MiB resident, 1 % of a core)");
    if options.workspaces > 1 {
        for number in 1..options.workspaces {
            bed.write_manifest(&format!("{WORKSPACE}-{number}"))?;
        }
        let begun = Instant::now();
        house.wait_workspaces(bed, options.workspaces, PROVISIONED_WITHIN)?;
        let took = begun.elapsed().as_secs_f32();
        let each = took * 1000.0 / (options.workspaces - 1) as f32;
        println!("\n{} more workspaces were made in {took:.1} s, {each:.0} ms each", options.workspaces - 1);
        let title = format!("{} workspaces (target for threadly: 5 % of a core)", options.workspaces);
        measure(&house, options.seconds, &title);
    }
    house.stop()?;
    Ok(true)
}

fn measure(house: &House, seconds: u64, title: &str) {
    house.settle();
    sleep(REST);
    let watched = house.watched.iter().find(|watched| matches!(watched.kind, Kind::Threadly));
    let threads = || watched.map(|watched| by_thread(watched.pid)).unwrap_or_default();
    let (before, threads_before) = (Reading::take(&house.watched), threads());
    sleep(Duration::from_secs(seconds));
    let spent = Reading::take(&house.watched).since(&before, &house.watched);
    let threads = threads();
    println!("\n{title}\n{:<10} {:>14} {:>12} {:>10}", "", "% of a core", "memory MiB", "disk MiB");
    for (watched, (name, cpu)) in house.watched.iter().zip(&spent.by_process) {
        let (memory, disk) = match watched.kind {
            Kind::Generator => continue,
            Kind::Threadly => (resident_mib(watched.pid), None),
            Kind::Server => (memory_mib(watched.pid), data_mib(watched.pid)),
        };
        let disk = disk.map(|mib| format!("{mib:.1}")).unwrap_or_default();
        println!("{name:<10} {:>14.2} {memory:>12.1} {disk:>10}", cpu * 100.0 / seconds as f64);
    }
    println!("others     {:>14.2}", spent.strangers * 100.0 / seconds as f64);
    let since =
        |(name, ticks): (&String, &u64)| (name.clone(), ticks - threads_before.get(name).unwrap_or(&0).min(ticks));
    let mut busiest: Vec<(String, u64)> = threads.iter().map(since).collect();
    busiest.sort_by_key(|(name, ticks)| (std::cmp::Reverse(*ticks), name.clone()));
    let named =
        busiest.iter().take(BUSIEST).map(|(name, ticks)| format!("{name} {:.2}", *ticks as f64 / seconds as f64));
    println!("threadly's threads, % of a core: {}", named.collect::<Vec<_>>().join(", "));
}

/// Hundredths of a second that each of a process's threads took, those of one name together.
fn by_thread(pid: u32) -> BTreeMap<String, u64> {
    let mut spent = BTreeMap::new();
    for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
        let Ok(stat) = fs::read_to_string(task.path().join("stat")) else { continue };
        let Some((head, tail)) = stat.rsplit_once(')') else { continue };
        let name = head.split_once('(').map_or(head, |(_, name)| name);
        // Fields 14 and 15 of the whole line; the third comes first here.
        let ticks = tail.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum::<u64>();
        *spent.entry(name.to_owned()).or_default() += ticks;
    }
    spent
}

/// What the folder that a server works in takes on the disk, if it can be read: sparse files count with what they hold.
fn data_mib(server: u32) -> Option<f64> {
    fn blocks(folder: &Path) -> u64 {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.metadata().map_or(0, |file| of(&entry.path(), &file))).sum()
    }
    fn of(path: &Path, file: &fs::Metadata) -> u64 {
        use std::os::unix::fs::MetadataExt;
        file.blocks() + if file.is_dir() { blocks(path) } else { 0 }
    }
    // Of 512 bytes, whatever the file system's own are.
    let folder = fs::read_link(format!("/proc/{server}/cwd")).ok()?;
    Some(blocks(&folder) as f64 * 512.0 / f64::from(1 << 20))
}
