//! Giving up all data of a clone.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::clone::finish;
use crate::shared::with_own_postgres;

#[test]
fn reset_asks_first_and_removes_everything_but_the_tests_data() -> Result<()> {
    let clone = with_own_postgres()?;
    clone.up()?;
    let server = clone.pid("postgres")?;
    fs::create_dir_all(clone.state("buckets/threadly-x"))?;
    fs::create_dir_all(clone.state("test/logs"))?;

    // Nobody to ask.
    let said = clone.run(&["reset"])?.failure()?;
    ensure!(said.contains("--yes"), "{said}");
    ensure!(crate::clone::is_alive(server));

    // A terminal, and somebody who says no.
    let xtask = clone.xtask(&["reset"]);
    let mut terminal = Command::new("script");
    terminal.args(["-q", "-e", "-c", "\"$XTASK\" reset", "/dev/null"]);
    terminal.env("XTASK", xtask.get_program()).envs(xtask.get_envs().filter_map(|(name, value)| Some((name, value?))));
    terminal.current_dir(clone.root());
    let answers = clone.beside().join("answers");
    fs::write(&answers, "n\n")?;
    terminal.stdin(fs::File::open(&answers)?);
    let said = finish(terminal, "reset at a terminal")?.failure()?;
    ensure!(said.contains("[y/N]") && said.contains("Nothing was changed"), "{said}");
    ensure!(crate::clone::is_alive(server));

    let said = clone.run(&["reset", "--yes"])?.success()?;
    ensure!(!crate::clone::is_alive(server));
    let mut left: Vec<_> = fs::read_dir(clone.root().join(".threadly"))?.flatten().map(|one| one.file_name()).collect();
    left.sort();
    ensure!(left == ["lock", "test"], "{left:?}");
    ensure!(said.contains("Left as it is: kafka at 127.0.0.1:"), "{said}");
    Ok(())
}
