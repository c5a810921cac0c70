//! `reset`: gives up all data of this clone.

use std::fs;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::down;
use crate::paths::{self, StateDir};

/// Asks, stops everything and removes the data. The cache of downloads stays.
pub fn run(yes: bool) -> Result<ExitCode> {
    let state = StateDir::of_clone(&paths::clone_root()?);
    if !state.root().exists() {
        println!("There is no data in this clone.");
        return Ok(ExitCode::SUCCESS);
    }
    if !yes && !agreed(&state)? {
        println!("Nothing was changed.");
        return Ok(ExitCode::FAILURE);
    }
    let _lock = down::stop_all(&state)?;
    for entry in fs::read_dir(state.root())? {
        let path = entry?.path();
        // The lock is held until the end of this program, so its file must stay; running tests keep their own data.
        if path == state.lock() || path.ends_with("test") {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            paths::remove_folder(&path)?;
        } else {
            fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
        }
    }
    println!("Removed all data in {}", paths::shown(state.root()));
    Ok(ExitCode::SUCCESS)
}

fn agreed(state: &StateDir) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("reset removes all workspaces of this clone; without a terminal to ask at, it needs --yes");
    }
    print!("Remove all workspaces, messages and keys in {}? [y/N] ", paths::shown(state.root()));
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
