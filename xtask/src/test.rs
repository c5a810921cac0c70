//! `test`: runs the suites on servers of their own, and says in a table how they ended.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::bed::Bed;
use crate::interrupt::Interrupt;
use crate::lock::{self, Attempt, Lock};
use crate::paths::{self, StateDir};
use crate::screen::say;
use crate::suites::{self, Name, Outcome};
use crate::test_output::Counts;
use crate::{commands, kubernetes, missing, postmortem};
use clap::ValueEnum;

/// Runs all suites, or one. Fails when a test failed, and with `CI=true` also when a suite could not run.
pub fn run(only: Option<Name>, cargo_arguments: Vec<String>) -> Result<ExitCode> {
    let interrupt = Interrupt::install()?;
    let root = paths::clone_root()?;
    let state = StateDir::of_tests(&root);
    let _lock = take_lock(&state)?;
    let mut bed = Bed::make(&root, &state, &interrupt)?;
    bed.cargo_arguments = cargo_arguments;
    if only.is_none() {
        // First, while there is most room on the disk. Whoever needs it tells if it failed.
        let _ = kubernetes::fetch(&state, &interrupt);
    }
    let mut rows = Vec::new();
    for name in Name::value_variants().iter().copied().filter(|name| only.is_none_or(|only| only == *name)) {
        say!("\n=== {}", name.text());
        let begun = Instant::now();
        let outcome = suites::run(name, &mut bed).unwrap_or_else(|error| {
            say!("{}: {error:#}", name.text());
            if missing::is_about_missing(&error) && !interrupt.raised() {
                return Outcome::NotRun(missing::in_one_line(&error));
            }
            Outcome::Ran(Counts { failed: 1, ..Counts::default() })
        });
        rows.push(Row { name, outcome, took: begun.elapsed() });
        if interrupt.raised() {
            break;
        }
    }
    let free = postmortem::free_mib(state.root());
    let failures = bed.failures.text();
    let cleared = bed.clear();
    let strict = commands::in_ci();
    let (table, sum) = table(&rows, strict);
    if sum.failed > 0 {
        say!("\n{failures}");
    }
    say!("\n{table}");
    if interrupt.raised() {
        say!("Interrupted; suites without a row were not started.");
    }
    if let (true, Some(free)) = (sum.failed > 0, free) {
        for log in [crate::postgres::NAME, crate::kafka::NAME].map(|name| state.log(name)) {
            for line in postmortem::crashes(&log) {
                say!("{}: {line}", paths::shown(&log));
            }
        }
        say!("The servers' logs are in {}; {free} MiB of its disk were free.", paths::shown(&state.logs()));
    }
    say!("{}", sum.summary());
    cleared?;
    let not_run = rows.iter().any(|row| !matches!(row.outcome, Outcome::Ran(_)));
    Ok(if sum.failed == 0 && !interrupt.raised() && !(strict && not_run) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One `test` or `generate` at a time in a clone.
pub fn take_lock(state: &StateDir) -> Result<Lock> {
    state.create()?;
    match lock::attempt(&state.lock())? {
        Attempt::Taken(lock) => Ok(lock),
        Attempt::HeldBy(Some(other)) => bail!("tests already run in this clone (process {})", other.pid),
        Attempt::HeldBy(None) => bail!("tests already run in this clone"),
    }
}

struct Row {
    name: Name,
    outcome: Outcome,
    took: Duration,
}

fn table(rows: &[Row], strict: bool) -> (String, Counts) {
    let mut text = format!("{:<10} {:>7} {:>7} {:>8} {:>8}\n", "SUITE", "PASSED", "FAILED", "SKIPPED", "SECONDS");
    let mut sum = Counts::default();
    for row in rows {
        let seconds = row.took.as_secs_f32();
        let name = row.name.text();
        if let Outcome::Ran(counts) = &row.outcome {
            sum += *counts;
            text +=
                &format!("{name:<10} {:>7} {:>7} {:>8} {seconds:>8.1}\n", counts.passed, counts.failed, counts.skipped);
        }
        let strictly = if strict { " (a failure, since CI=true)" } else { "" };
        match &row.outcome {
            Outcome::Ran(_) => {}
            Outcome::NotRun(why) => text += &format!("{name:<10} NOT RUN: {why}{strictly}\n"),
        }
    }
    (text, sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_adds_up_what_ran_and_says_why_the_rest_did_not() {
        let counts = |passed, failed| Outcome::Ran(Counts { passed, failed, skipped: 1 });
        let rows = [
            Row { name: Name::Fmt, outcome: counts(1, 0), took: Duration::from_millis(1500) },
            Row { name: Name::Rust, outcome: counts(40, 2), took: Duration::from_secs(60) },
            Row { name: Name::Browser, outcome: Outcome::NotRun("no Chromium".into()), took: Duration::ZERO },
        ];
        let (text, sum) = table(&rows, false);
        assert_eq!(sum, Counts { passed: 41, failed: 2, skipped: 2 });
        assert!(text.contains("NOT RUN: no Chromium\n"), "{text}");
        assert!(text.lines().any(|line| line.starts_with("fmt") && line.ends_with("1.5")), "{text}");
        assert!(table(&rows, true).0.contains("a failure"));
    }
}
