//! `reset`: gives up all data of this clone.

use std::fs;
use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::down;
use crate::given::Places;
use crate::paths::{self, StateDir};
use crate::postgres_home;
use crate::screen::{part, say};

/// Asks, stops everything and removes the data. The cache of downloads stays.
pub fn run(yes: bool) -> Result<ExitCode> {
    let root = paths::clone_root()?;
    let state = StateDir::of_clone(&root);
    if !state.root().exists() {
        say!("There is no data in this clone.");
        return Ok(ExitCode::SUCCESS);
    }
    if !yes && !agreed(&state)? {
        say!("Nothing was changed.");
        return Ok(ExitCode::FAILURE);
    }
    let _lock = down::stop_all(&root, &state)?;
    let given = Places::read(&state);
    postgres_home::remove(&state)?;
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
    say!("Removed all data in {}", paths::shown(state.root()));
    for (name, place) in given.all() {
        say!("Left as it is: {name} at {place}, which was given by URL");
    }
    Ok(ExitCode::SUCCESS)
}

fn agreed(state: &StateDir) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("reset removes all workspaces of this clone; without a terminal to ask at, it needs --yes");
    }
    part(format_args!("Remove all workspaces, messages, files and keys in {}? [y/N] ", paths::shown(state.root())));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
