//! The test suites, one function each.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::interrupt::Interrupt;
use crate::paths::{self, StateDir};
use crate::process::Lifetime;
use crate::servers::{Plan, Purpose, Servers};
use crate::test_output::Counts;
use crate::{commands, packages, prepared_queries, programs};

/// A suite, in the order in which all of them run: what is quick to tell comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// Formatting.
    Fmt,
    /// Lints; a warning is a failure.
    Clippy,
    /// Whether `.sqlx` is what the queries and migrations say.
    Generated,
    /// The workspace's own tests.
    Rust,
    /// The page's pure parts, in Node.
    Web,
    /// Two browser windows that chat.
    Browser,
}

impl Name {
    pub const fn text(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Generated => "generated",
            Self::Rust => "rust",
            Self::Web => "web",
            Self::Browser => "browser",
        }
    }
}

/// How a suite ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ran(Counts),
    /// Something that it needs isn't there.
    NotRun(String),
}

/// What suites run on: the clone, and servers that start when the first suite asks for them.
#[derive(Debug)]
pub struct Bed {
    pub root: std::path::PathBuf,
    pub state: StateDir,
    pub interrupt: Interrupt,
    /// For `cargo test`, instead of the whole workspace.
    pub cargo_arguments: Vec<String>,
    servers: Option<Servers>,
}

impl Bed {
    /// A bed with fresh data. What a killed run left behind is removed.
    pub fn make(root: &Path, state: &StateDir, interrupt: &Interrupt) -> Result<Self> {
        for (name, signal, limit) in [
            (crate::kafka::NAME, crate::kafka::STOP_SIGNAL, crate::kafka::STOP_WITHIN),
            (crate::postgres::NAME, crate::postgres::STOP_SIGNAL, crate::postgres::STOP_WITHIN),
        ] {
            crate::process::stop_recorded(&state.record(name), signal, limit)?;
        }
        remove_data(state)?;
        for log in ["postgres", "kafka"] {
            // The logs of one run are enough to look at.
            let _ = fs::remove_file(state.log(log));
        }
        Ok(Self {
            root: root.to_path_buf(),
            state: state.clone(),
            interrupt: interrupt.clone(),
            cargo_arguments: Vec::new(),
            servers: None,
        })
    }

    /// The servers, started at the first call.
    pub fn servers(&mut self) -> Result<&mut Servers> {
        if self.servers.is_none() {
            let plan = Plan::make(&self.root)?;
            plan.carry_out(&self.state, &self.interrupt)?;
            println!("Servers for the tests");
            self.servers = Some(Servers::start(&self.state, Purpose::Tests, Lifetime::WithParent, &self.interrupt)?);
        }
        self.servers.as_mut().context("the servers were started")
    }

    /// Tells a test runner where the servers and the built programs are.
    pub fn point(&mut self, command: &mut Command) -> Result<()> {
        let programs = paths::built_programs(&self.root);
        let servers = self.servers()?;
        command
            .env("THREADLY_TEST_POSTGRES", servers.postgres.url("postgres"))
            .env("THREADLY_TEST_KAFKA", servers.kafka.bootstrap())
            .env("THREADLY_TEST_BIN", programs);
        Ok(())
    }

    /// Stops the servers and gives up their data; their logs stay.
    pub fn clear(mut self) -> Result<()> {
        if let Some(mut servers) = self.servers.take() {
            servers.stop()?;
        }
        remove_data(&self.state)
    }
}

fn remove_data(state: &StateDir) -> Result<()> {
    paths::remove_folder(&state.postgres())?;
    paths::remove_folder(&state.kafka())
}

/// Runs one suite. An error says why it could not be judged, and counts as a failure.
pub fn run(name: Name, bed: &mut Bed) -> Result<Outcome> {
    match name {
        Name::Fmt => verdict(bed, &["fmt", "--all", "--check"]),
        Name::Clippy => verdict(bed, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        Name::Generated => generated(bed),
        Name::Rust => rust(bed),
        Name::Web => web(bed),
        Name::Browser => browser(bed),
    }
}

const ONE_PASSED: Counts = Counts { passed: 1, failed: 0, skipped: 0 };
const ONE_FAILED: Counts = Counts { passed: 0, failed: 1, skipped: 0 };

fn verdict(bed: &Bed, cargo: &[&str]) -> Result<Outcome> {
    let status = commands::run(commands::cargo(&bed.root, cargo), &bed.interrupt)?;
    Ok(Outcome::Ran(if status.success() { ONE_PASSED } else { ONE_FAILED }))
}

fn generated(bed: &mut Bed) -> Result<Outcome> {
    let stale = prepared_queries::stale(bed)?;
    if stale.is_empty() {
        println!(".sqlx is what the queries and migrations say.");
        return Ok(Outcome::Ran(ONE_PASSED));
    }
    println!("Stale; `cargo xtask generate` renews:");
    for line in &stale {
        println!("  {line}");
    }
    Ok(Outcome::Ran(ONE_FAILED))
}

fn rust(bed: &mut Bed) -> Result<Outcome> {
    build_programs(bed)?;
    let mut tests = commands::cargo(&bed.root, &["test", "--no-fail-fast"]);
    if bed.cargo_arguments.is_empty() {
        tests.arg("--workspace");
    } else {
        tests.args(&bed.cargo_arguments);
    }
    bed.point(&mut tests)?;
    counted(tests, &bed.interrupt, Counts::of_cargo_line)
}

fn web(bed: &Bed) -> Result<Outcome> {
    let node = match node(bed) {
        Ok(found) => found,
        Err(error) => {
            bed.interrupt.check()?;
            return Ok(Outcome::NotRun(format!("{error:#}")));
        }
    };
    let mut tests = commands::command(node.path);
    tests.arg("--test").current_dir(bed.root.join("web"));
    counted(tests, &bed.interrupt, Counts::of_node_line)
}

fn browser(bed: &mut Bed) -> Result<Outcome> {
    let folder = bed.root.join("tests/browser");
    if !folder.join("package.json").is_file() {
        return Ok(Outcome::NotRun("tests/browser has no package.json".to_owned()));
    }
    let (node, chromium) = match browser_programs(bed) {
        Ok(found) => found,
        Err(error) => {
            bed.interrupt.check()?;
            return Ok(Outcome::NotRun(format!("{error:#}")));
        }
    };
    println!("node {}, {} {}", node.version, chromium.path.display(), chromium.version);
    install_modules(bed, &folder)?;
    build_programs(bed)?;
    let mut tests = commands::command(node.path);
    tests.arg("--test").current_dir(&folder).env("THREADLY_TEST_CHROMIUM", chromium.path);
    bed.point(&mut tests)?;
    counted(tests, &bed.interrupt, Counts::of_node_line)
}

/// Node and Chromium, installed from Debian if the machine has none.
fn browser_programs(bed: &Bed) -> Result<(programs::Found, programs::Found)> {
    let node = node(bed)?;
    if programs::chromium().is_none() {
        packages::install(&["chromium"], &bed.state.log("apt"))?;
    }
    let chromium = programs::chromium().context("no Chromium or Chrome that tells its version")?;
    Ok((node, chromium))
}

/// Node, installed from Debian if the machine has none.
fn node(bed: &Bed) -> Result<programs::Found> {
    if programs::node().is_none() {
        packages::install(&["nodejs", "npm"], &bed.state.log("apt"))?;
    }
    programs::node().with_context(|| {
        format!("no Node of version {} or later with npm, not from Debian either", programs::OLDEST_NODE)
    })
}

/// `npm ci`, unless the modules are those of this lock file already.
fn install_modules(bed: &Bed, folder: &Path) -> Result<()> {
    let wanted = fs::read_to_string(folder.join("package-lock.json")).context("tests/browser/package-lock.json")?;
    let stamp = folder.join("node_modules/.threadly-package-lock.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let mut npm = commands::command("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
    commands::run_logged(npm, &bed.state.log("npm"), "npm ci", Some(&bed.interrupt))?;
    fs::create_dir_all(folder.join("node_modules"))?;
    fs::write(stamp, wanted).context("noting what npm installed")
}

fn build_programs(bed: &Bed) -> Result<()> {
    println!("Building the programs (the first build takes minutes; an interrupted one goes on where it was)");
    let status = commands::run(commands::cargo(&bed.root, &["build", "--workspace", "--bins"]), &bed.interrupt)?;
    if !status.success() {
        bail!("`cargo build --workspace --bins` failed ({status})");
    }
    Ok(())
}

/// Runs a test runner and adds up what it prints. One that fails without a failed test (a build error, a crash)
/// counts as one failure.
fn counted(command: Command, interrupt: &Interrupt, count: fn(&str) -> Option<Counts>) -> Result<Outcome> {
    let mut sum = Counts::default();
    let status = commands::run_seen(command, interrupt, |line| {
        if let Some(counts) = count(line) {
            sum += counts;
        }
    })?;
    if !status.success() && sum.failed == 0 {
        sum.failed = 1;
    }
    Ok(Outcome::Ran(sum))
}
