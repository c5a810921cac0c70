//! Postgres and Kafka together: what must be installed for them, start, watch, stop.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::interrupt::Interrupt;
use crate::kafka::{self, Kafka};
use crate::paths::{self, StateDir};
use crate::ports::Ports;
use crate::postgres::Postgres;
use crate::process::Lifetime;
use crate::{packages, programs};

/// Data, logs and a debug build need about this much.
const DISK_NEEDED_MIB: u64 = 3 << 10;

/// What the servers are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Data that somebody wants to find again.
    Work,
    /// Data that is thrown away: writes need not reach the disk.
    Tests,
}

/// Both servers. Fields are dropped in this order, which is the order to stop them in.
#[derive(Debug)]
pub struct Servers {
    pub kafka: Kafka,
    pub postgres: Postgres,
}

impl Servers {
    /// Starts both side by side and waits until both answer.
    pub fn start(state: &StateDir, purpose: Purpose, lifetime: Lifetime, interrupt: &Interrupt) -> Result<Self> {
        let begun = Instant::now();
        let mut ports = Ports::load(&state.ports());
        let mut postgres = Postgres::begin(state, &mut ports, purpose, lifetime)?;
        let mut kafka = Kafka::begin(state, &mut ports, lifetime)?;
        postgres.wait_ready(interrupt)?;
        told("postgres", postgres.port, postgres.reused, begun);
        kafka.wait_ready(interrupt)?;
        told("kafka", kafka.port, kafka.reused, begun);
        Ok(Self { kafka, postgres })
    }

    pub fn check(&mut self) -> Result<()> {
        self.postgres.process.check()?;
        self.kafka.process.check()
    }

    pub fn keep(&mut self) {
        self.postgres.process.keep();
        self.kafka.process.keep();
    }

    pub fn stop(&mut self) -> Result<()> {
        let kafka = self.kafka.process.stop();
        self.postgres.process.stop()?;
        kafka
    }
}

fn told(name: &str, port: u16, reused: bool, begun: Instant) {
    let how = if reused { "was running" } else { "ready" };
    println!("  {name:<9} {how} on 127.0.0.1:{port}  ({:.1} s)", begun.elapsed().as_secs_f32());
}

/// Looks for what the servers need, says what it found and what it will do.
#[derive(Debug)]
pub struct Plan {
    packages: Vec<&'static str>,
    fetch_kafka: bool,
}

impl Plan {
    /// Prints the plan; fails when the disk is too small for it.
    pub fn make(root: &Path) -> Result<Self> {
        println!("Plan");
        let mut plan = Self { packages: Vec::new(), fetch_kafka: false };
        match programs::postgres().first() {
            Some(found) => println!("  found       Postgres {} in {}", found.version, found.path.display()),
            None => plan.needs("Postgres, about 50 MB", "postgresql"),
        }
        match programs::java() {
            Some(found) => println!("  found       Java {}: {}", found.version, found.path.display()),
            None => plan.needs("a Java runtime, about 200 MB", "default-jre-headless"),
        }
        // librdkafka, the Kafka client, is built from its C and C++ sources.
        for (program, package) in [("c++", "g++"), ("make", "make")] {
            if programs::on_path(program).is_none() {
                plan.needs(&format!("{program}, to build the Kafka client"), package);
            }
        }
        match kafka::jars() {
            Ok(folder) => println!("  found       Kafka's jars in {}", folder.display()),
            Err(_) => {
                plan.fetch_kafka = true;
                println!("  to fetch    Kafka's jars through Maven, 43 MB, into {}", paths::cache()?.display());
                if programs::maven().is_none() {
                    plan.needs("Maven, about 20 MB", "maven");
                }
            }
        }
        let disk = nix::sys::statvfs::statvfs(root).context("asking for free disk space")?;
        let free = disk.blocks_available() * disk.fragment_size() / (1 << 20);
        println!(
            "  disk        {free} MiB free, {DISK_NEEDED_MIB} needed; memory {} MiB free, about 1000 needed",
            free_memory_mib()
        );
        if free < DISK_NEEDED_MIB {
            bail!("too little room on the disk of {}: {free} MiB free, {DISK_NEEDED_MIB} needed", root.display());
        }
        Ok(plan)
    }

    fn needs(&mut self, what: &str, package: &'static str) {
        println!("  to install  {what} (Debian package {package})");
        self.packages.push(package);
    }

    /// Installs and fetches what is missing.
    pub fn carry_out(&self, state: &StateDir, interrupt: &Interrupt) -> Result<()> {
        packages::install(&self.packages, &state.log("apt"))?;
        interrupt.check()?;
        if self.fetch_kafka {
            kafka::fetch_jars(&state.log("maven"), interrupt)?;
        }
        Ok(())
    }
}

fn free_memory_mib() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
