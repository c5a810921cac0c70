//! The cache of downloads, shared by all clones of this user: one clone fetches at a time, and what lies under its
//! final name is complete.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::interrupt::Interrupt;
use crate::lock::{self, Attempt, Lock};
use crate::paths;
use crate::screen::say;

/// Where `name` lies once it is complete.
pub fn place(name: &str) -> Result<PathBuf> {
    Ok(paths::cache()?.join(name))
}

/// Gives the folder `name`, fetched first if it is not complete. `fill` gets an empty folder and gives the part of it
/// that is to be kept.
pub fn fetch(
    name: &str,
    interrupt: &Interrupt,
    complete: impl Fn(&Path) -> bool,
    fill: impl FnOnce(&Path) -> Result<PathBuf>,
) -> Result<PathBuf> {
    let place = place(name)?;
    let cache = paths::cache()?;
    paths::private_folder(&cache)?;
    let _lock = take_lock(&cache, interrupt)?;
    if complete(&place) {
        return Ok(place);
    }
    // What a killed fetch left behind would be in the way.
    let temporary = cache.join(format!("{name}.new"));
    paths::remove_folder(&temporary)?;
    paths::private_folder(&temporary)?;
    let done = fill(&temporary)?;
    paths::remove_folder(&place)?;
    std::fs::rename(&done, &place).with_context(|| format!("naming {}", place.display()))?;
    paths::remove_folder(&temporary)?;
    Ok(place)
}

fn take_lock(cache: &Path, interrupt: &Interrupt) -> Result<Lock> {
    let mut told = false;
    loop {
        match lock::attempt(&cache.join("lock"))? {
            Attempt::Taken(lock) => return Ok(lock),
            Attempt::HeldBy(other) => {
                if !told && let Some(other) = other {
                    say!("  waiting for process {}, which fetches into {}", other.pid, cache.display());
                    told = true;
                }
                interrupt.pause()?;
            }
        }
    }
}
