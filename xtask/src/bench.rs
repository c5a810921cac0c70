//! `bench`: the benchmarks of `tests/bench`, on release programs and servers of their own.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::given::Given;
use crate::interrupt::Interrupt;
use crate::paths::{self, StateDir};
use crate::plan::Plan;
use crate::process::{self, Lifetime};
use crate::screen::say;
use crate::servers::{Purpose, STOPS, Servers};
use crate::{bed, commands, kafka, kubernetes, postgres, test};

/// What is measured, and what measures.
const PACKAGES: [&str; 6] = ["threadly", "auth", "directory", "messages", "realtime-edge", "bench"];
const OF_OPERATOR: [&str; 2] = ["threadly-operator", "bench"];

/// Builds, starts fresh servers that write to the disk as those of `up` do, and runs one benchmark.
pub fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let interrupt = Interrupt::install()?;
    let root = paths::clone_root()?;
    let state = StateDir::of_benches(&root);
    let _lock = test::take_lock(&state)?;
    clear(&state)?;

    let given = Given::default();
    Plan::make(&root, &given, true)?.carry_out(&state, &interrupt)?;
    let with_cluster = arguments.first().is_some_and(|name| name == "operator");
    if with_cluster {
        kubernetes::fetch(&state, &interrupt)?;
    }
    say!("Building the release programs (the first build takes minutes)");
    let mut build = commands::cargo(&root, &["build", "--release", "--bins"]);
    let packages: &[&str] = if with_cluster { &OF_OPERATOR } else { &PACKAGES };
    build.args(packages.iter().flat_map(|package| ["-p", package]));
    let status = commands::run(build, &interrupt)?;
    if !status.success() {
        bail!("the release programs could not be built ({status})");
    }

    say!("Servers for the benchmark");
    let mut servers = Servers::start(&state, given, Purpose::Work, Lifetime::WithParent, &interrupt)?;
    let programs = paths::built_programs(&root).with_file_name("release");
    let mut bench = commands::command(programs.join("bench"));
    bench
        .args(arguments)
        .env("THREADLY_TEST_POSTGRES", servers.postgres_url("postgres"))
        .env("THREADLY_TEST_KAFKA", servers.bootstrap())
        .env("THREADLY_TEST_BIN", &programs)
        .env("THREADLY_BENCH_FOLDER", state.root())
        .env("THREADLY_BENCH_POSTGRES_PID", pid(&state, postgres::NAME)?)
        .env("THREADLY_BENCH_KAFKA_PID", pid(&state, kafka::NAME)?);
    if with_cluster {
        bench.env("THREADLY_TEST_KUBERNETES", kubernetes::folder()?).env("THREADLY_BENCH_CRDS", root.join("crds"));
    }
    say!();
    let status = commands::run(bench, &interrupt);
    servers.stop()?;
    clear(&state)?;
    Ok(if status?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn pid(state: &StateDir, name: &str) -> Result<String> {
    let server = process::recorded(&state.record(name)).with_context(|| format!("{name} has ended"))?;
    Ok(server.pid.to_string())
}

/// Removes what an earlier run left; its logs stay until the next one.
fn clear(state: &StateDir) -> Result<()> {
    for (name, signal, limit) in STOPS {
        process::stop_recorded(&state.record(name), signal, limit)?;
    }
    bed::remove_data(state)?;
    paths::remove_folder(&state.root().join("threadly"))?;
    paths::remove_folder(&state.root().join("kubernetes"))?;
    paths::remove_folder(&state.root().join("workspaces"))
}
