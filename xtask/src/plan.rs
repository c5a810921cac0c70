//! What must be there before servers can start: looked for, told, installed.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::given::{Given, POSTGRES};
use crate::interrupt::Interrupt;
use crate::paths::{self, StateDir};
use crate::screen::say;
use crate::{kafka_jars, packages, postmortem, programs};

/// Data folders of a Postgres and a Kafka with some use, and their logs.
const DATA_MIB: u64 = 500;
/// A debug build of all programs.
const BUILD_MIB: u64 = 3 << 10;
/// What a change adds to a build that is there.
const REBUILD_MIB: u64 = 500;
const MEMORY_MIB: u64 = 1000;

/// What is missing.
#[derive(Debug, Default)]
pub struct Plan {
    packages: Vec<&'static str>,
    fetch_kafka: bool,
    /// Room needed below each folder.
    room: Vec<(PathBuf, u64)>,
}

impl Plan {
    /// Prints the plan; fails when a disk is too small for it.
    pub fn make(root: &Path, given: &Given, with_build: bool) -> Result<Self> {
        say!("Plan");
        let mut plan = Self::default();
        for (name, place) in given.places().all() {
            say!("  given       {name} at {place}: nothing is installed or started for it");
        }
        if given.postgres.is_none() {
            match programs::postgres().first() {
                Some(found) => say!("  found       Postgres {} in {}", found.version, found.path.display()),
                None => plan.needs("Postgres", 50, "postgresql"),
            }
        }
        if given.kafka.is_none() {
            plan.kafka()?;
        }
        if with_build {
            // librdkafka, the Kafka client, is built from its C and C++ sources, with the system's OpenSSL.
            for (program, package, megabytes) in
                [("c++", "g++", 60), ("make", "make", 1), ("pkg-config", "pkg-config", 1)]
            {
                if programs::on_path(program).is_none() {
                    plan.needs(&format!("{program}, to build the Kafka client"), megabytes, package);
                }
            }
            if !programs::has_openssl() {
                plan.needs("OpenSSL's headers, to build the Kafka client", 13, "libssl-dev");
            }
            let built = paths::built_programs(root);
            let is_built = built.join("threadly").is_file();
            plan.room.push((built, if is_built { REBUILD_MIB } else { BUILD_MIB }));
        }
        plan.room.push((root.to_path_buf(), DATA_MIB));
        plan.check_room()?;
        Ok(plan)
    }

    fn kafka(&mut self) -> Result<()> {
        match programs::java() {
            Some(found) => say!("  found       Java {}: {}", found.version, found.path.display()),
            None => self.needs("a Java runtime", 200, "default-jre-headless"),
        }
        if let Ok(folder) = kafka_jars::folder() {
            say!("  found       Kafka's jars in {}", folder.display());
            return Ok(());
        }
        self.fetch_kafka = true;
        let cache = paths::cache()?;
        say!("  to fetch    Kafka's jars through Maven, {} MB, into {}", kafka_jars::MEGABYTES, cache.display());
        // Maven keeps a copy of its own.
        self.room.push((cache, 3 * u64::from(kafka_jars::MEGABYTES)));
        if programs::maven().is_none() {
            self.needs("Maven", 20, "maven");
        }
        Ok(())
    }

    fn needs(&mut self, what: &str, megabytes: u32, package: &'static str) {
        say!("  to install  {what}, about {megabytes} MB (Debian package {package})");
        self.packages.push(package);
        // The package itself, and what it unpacks to.
        self.room.push(("/var/cache/apt".into(), 4 * u64::from(megabytes)));
    }

    fn check_room(&self) -> Result<()> {
        let mut disks: BTreeMap<u64, (&Path, u64)> = BTreeMap::new();
        for (folder, needed) in &self.room {
            let existing = folder.ancestors().find_map(|path| Some(path.metadata().ok()?.dev()));
            disks.entry(existing.unwrap_or(0)).or_insert((folder, 0)).1 += needed;
        }
        for (folder, needed) in disks.values() {
            let Some(free) = postmortem::free_mib(folder) else { continue };
            say!("  disk        {free} MiB free for {}, {needed} needed", folder.display());
            if free < *needed {
                bail!(
                    "too little room on the disk of {}: {free} MiB free, {needed} needed. Next: make room, or move the \
                     clone; `df -h` shows the disks",
                    folder.display()
                );
            }
        }
        let free = free_memory_mib();
        let doubt = if free < MEMORY_MIB { ": the kernel may have to kill something" } else { "" };
        say!("  memory      {free} MiB free, about {MEMORY_MIB} needed{doubt}");
        Ok(())
    }

    /// Installs and fetches what is missing.
    pub fn carry_out(&self, state: &StateDir, interrupt: &Interrupt) -> Result<()> {
        packages::install(&self.packages, &state.log("apt"))?;
        interrupt.check()?;
        if self.packages.contains(&"postgresql") && programs::postgres().is_empty() {
            bail!(
                "this system's own Postgres is older than {}. Next: install a newer one, or set {POSTGRES} to one that \
                 runs elsewhere",
                programs::OLDEST_POSTGRES
            );
        }
        if self.fetch_kafka {
            kafka_jars::fetch(&state.log("maven"), interrupt)?;
        }
        Ok(())
    }
}

fn free_memory_mib() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
