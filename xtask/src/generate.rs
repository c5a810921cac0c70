//! `generate`: renews what is committed although it is made from the code.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::bed::Bed;
use crate::interrupt::Interrupt;
use crate::paths::{self, StateDir};
use crate::screen::say;
use crate::{commands, prepared_queries, suites, test};

/// Renews `.sqlx`, then lets every test named `generated_…` write the file that it otherwise compares; last the client,
/// which is made of such a file.
pub fn run() -> Result<ExitCode> {
    let interrupt = Interrupt::install()?;
    let root = paths::clone_root()?;
    let state = StateDir::of_tests(&root);
    let _lock = test::take_lock(&state)?;
    let mut bed = Bed::make(&root, &state, &interrupt)?;

    let changed = prepared_queries::renew(&mut bed)?;
    say!(".sqlx: {} files renewed", changed.len());

    let mut tests = commands::cargo(&root, &["test", "--workspace", "generated_"]);
    tests.env("UPDATE_GENERATED", "1");
    bed.point(&mut tests)?;
    let status = commands::run(tests, &interrupt)?;
    let client = if status.success() { suites::generate_client(&bed) } else { Ok(()) };
    bed.clear()?;
    if !status.success() {
        bail!("the tests named generated_… failed ({status})");
    }
    client?;
    say!("Everything generated is new; `git status` shows what has changed.");
    Ok(ExitCode::SUCCESS)
}
