//! `bench idle`: what `threadly` and its servers cost while nobody does anything: with one workspace, and with many.

use std::{
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
    let before = Reading::take(&house.watched);
    sleep(Duration::from_secs(seconds));
    let spent = Reading::take(&house.watched).since(&before, &house.watched);
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
