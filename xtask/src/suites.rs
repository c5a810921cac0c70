//! The test suites, one function each.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::bed::Bed;
use crate::missing::Missing;
use crate::screen::say;
use crate::test_output::Counts;
use crate::{commands, kubernetes, packages, prepared_queries, programs, wheels};

/// A suite, in the order in which all of them run: what is quick to tell comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// Formatting.
    Fmt,
    /// Lints; a warning is a failure.
    Clippy,
    /// Whether `.sqlx` is what the queries and migrations say.
    Generated,
    /// The tests of every crate but `xtask`.
    Rust,
    /// `xtask` itself: from half-dead states, beside other clones, without network, …
    FirstRun,
    /// The page's pure parts, the documents and the TypeScript client, in Node.
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
            Self::FirstRun => "first-run",
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

/// Runs one suite. An error says why it could not be judged, and counts as a failure.
pub fn run(name: Name, bed: &mut Bed) -> Result<Outcome> {
    match name {
        Name::Fmt => verdict(bed, &["fmt", "--all", "--check"]),
        Name::Clippy => verdict(bed, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        Name::Generated => generated(bed),
        Name::Rust => rust(bed),
        Name::FirstRun => first_run(bed),
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
        say!(".sqlx is what the queries and migrations say.");
        return Ok(Outcome::Ran(ONE_PASSED));
    }
    say!("Stale; `cargo xtask generate` renews:");
    for line in &stale {
        say!("  {line}");
    }
    Ok(Outcome::Ran(ONE_FAILED))
}

fn rust(bed: &mut Bed) -> Result<Outcome> {
    kubernetes::fetch(&bed.state, &bed.interrupt)?;
    let aiosmtpd = wheels::AIOSMTPD.fetch(&bed.state, &bed.interrupt)?;
    let lambda = wheels::CARGO_LAMBDA.fetch(&bed.state, &bed.interrupt)?;
    let schemathesis = wheels::SCHEMATHESIS.fetch(&bed.state, &bed.interrupt)?;
    bed.begin_buckets()?;
    build_programs(bed)?;
    let mut tests = commands::cargo(&bed.root, &["test", "--no-fail-fast"]);
    if bed.cargo_arguments.is_empty() {
        tests.args(["--workspace", "--exclude", "xtask"]);
    } else {
        tests.args(&bed.cargo_arguments);
    }
    bed.point(&mut tests)?;
    bed.point_to_buckets(&mut tests)?;
    bed.point_to_parts(&mut tests)?;
    bed.point_to_kubernetes(&mut tests)?;
    tests.env("THREADLY_TEST_CARGO_LAMBDA", lambda);
    tests.env("THREADLY_TEST_AIOSMTPD", aiosmtpd).env("THREADLY_TEST_SCHEMATHESIS", schemathesis);
    Ok(Outcome::Ran(counted(bed, tests, Counts::of_cargo_line)?))
}

fn first_run(bed: &mut Bed) -> Result<Outcome> {
    let tests = commands::cargo(&bed.root, &["test", "--no-fail-fast", "-p", "xtask"]);
    let mut counts = counted(bed, tests, Counts::of_first_run_line)?;
    // Cargo counts them as passed.
    counts.passed = counts.passed.saturating_sub(counts.skipped);
    Ok(Outcome::Ran(counts))
}

fn web(bed: &mut Bed) -> Result<Outcome> {
    let folder = bed.root.join("web/client");
    let has_client = folder.join("package.json").is_file();
    let node = node(bed)?;
    let path = path_with(&node)?;
    if has_client {
        install_modules(bed, &folder, &node, &path)?;
        build_programs(bed)?;
    }
    let mut tests = commands::command(node.path);
    tests.arg("--test").current_dir(bed.root.join("web")).env("PATH", path);
    if has_client {
        bed.point(&mut tests)?;
    }
    Ok(Outcome::Ran(counted(bed, tests, Counts::of_node_line)?))
}

/// Renews what the TypeScript client has from the OpenAPI document.
pub fn generate_client(bed: &Bed) -> Result<()> {
    let folder = bed.root.join("web/client");
    let node = node(bed)?;
    let path = path_with(&node)?;
    install_modules(bed, &folder, &node, &path)?;
    let mut tests = commands::command(node.path);
    tests
        .args(["--test", "tests/generated.test.ts"])
        .current_dir(folder)
        .env("PATH", path)
        .env("UPDATE_GENERATED", "1");
    let status = commands::run(tests, &bed.interrupt)?;
    if !status.success() {
        bail!("the tests of what is generated for the client failed ({status})");
    }
    Ok(())
}

fn browser(bed: &mut Bed) -> Result<Outcome> {
    let folder = bed.root.join("tests/browser");
    if !folder.join("package.json").is_file() {
        return Ok(Outcome::NotRun("tests/browser has no package.json".to_owned()));
    }
    let (node, chromium) = (node(bed)?, chromium(bed)?);
    say!("node {}, {} {}", node.version, chromium.path.display(), chromium.version);
    let path = path_with(&node)?;
    install_modules(bed, &folder, &node, &path)?;
    build_programs(bed)?;
    let mut tests = commands::command(node.path);
    tests.arg("--test").current_dir(&folder).env("THREADLY_TEST_CHROMIUM", chromium.path).env("PATH", path);
    bed.point(&mut tests)?;
    Ok(Outcome::Ran(counted(bed, tests, Counts::of_node_line)?))
}

/// A browser, installed from Debian if the machine has none.
fn chromium(bed: &Bed) -> Result<programs::Found> {
    if programs::chromium().is_none() {
        packages::install(&["chromium"], &bed.state.log("apt"))?;
    }
    programs::chromium().context("no Chromium or Chrome tells its version").context(Missing("a browser".to_owned()))
}

/// Node with npm, from the Python index if the machine has none that is new enough.
fn node(bed: &Bed) -> Result<programs::Found> {
    if programs::node().is_none() {
        wheels::NODE.fetch(&bed.state, &bed.interrupt)?;
    }
    programs::node()
        .with_context(|| format!("no Node of version {} or later with npm", programs::OLDEST_NODE))
        .context(Missing("Node".to_owned()))
}

/// The command npm: its script beside Node, where the Python package has a `bin/npm` that finds nothing, or the
/// machine's own.
fn npm_of(node: &programs::Found) -> Vec<PathBuf> {
    let beside =
        node.path.parent().and_then(Path::parent).map(|prefix| prefix.join("lib/node_modules/npm/bin/npm-cli.js"));
    match beside.filter(|script| script.is_file()) {
        Some(script) => vec![node.path.clone(), script],
        None => vec!["npm".into()],
    }
}

/// PATH with Node's folder in front: what npm starts looks for `node` there.
fn path_with(node: &programs::Found) -> Result<OsString> {
    let folder = node.path.parent().map(Path::to_path_buf);
    let path = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths(folder.into_iter().chain(std::env::split_paths(&path)))?)
}

/// `npm ci`, unless the modules are those of this lock file already.
fn install_modules(bed: &Bed, folder: &Path, node: &programs::Found, path: &OsString) -> Result<()> {
    let wanted = fs::read_to_string(folder.join("package-lock.json")).context("no package-lock.json")?;
    let stamp = folder.join("node_modules/.threadly-package-lock.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let words = npm_of(node);
    let mut npm = commands::command(&words[0]);
    npm.args(&words[1..]).args(["ci", "--no-audit", "--no-fund"]).current_dir(folder).env("PATH", path);
    commands::run_logged(npm, &bed.state.log("npm"), "npm ci", Some(&bed.interrupt))?;
    fs::create_dir_all(folder.join("node_modules"))?;
    fs::write(stamp, wanted).context("noting what npm installed")
}

fn build_programs(bed: &Bed) -> Result<()> {
    say!("Building the programs (the first build takes minutes; an interrupted one goes on where it was)");
    let status = commands::run(commands::cargo(&bed.root, &["build", "--workspace", "--bins"]), &bed.interrupt)?;
    if !status.success() {
        bail!("`cargo build --workspace --bins` failed ({status})");
    }
    Ok(())
}

/// Runs a test runner and adds up what it prints. One that fails without a failed test (a build error, a crash)
/// counts as one failure.
fn counted(bed: &mut Bed, command: Command, count: fn(&str) -> Option<Counts>) -> Result<Counts> {
    let mut sum = Counts::default();
    let failures = &mut bed.failures;
    failures.begin();
    let status = commands::run_seen(command, &bed.interrupt, |line| {
        failures.see(line);
        if let Some(counts) = count(line) {
            sum += counts;
        }
    })?;
    if !status.success() && sum.failed == 0 {
        sum.failed = 1;
    }
    Ok(sum)
}
