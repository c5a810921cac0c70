//! One `up` and one `test` at a time per clone.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};

use crate::identity::Identity;

/// Held while the process lives; the kernel frees it with the process, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// What an attempt to take the lock found.
#[derive(Debug)]
pub enum Attempt {
    Taken(Lock),
    /// Somebody has it; `None` when the holder has not written its name yet.
    HeldBy(Option<Identity>),
}

/// Takes the lock if it is free and writes this process' identity into it.
pub fn attempt(path: &Path) -> Result<Attempt> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("opening {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Attempt::HeldBy(holder(path))),
        Err(TryLockError::Error(error)) => return Err(error).with_context(|| format!("locking {}", path.display())),
    }
    let me = Identity::of(std::process::id()).context("reading /proc/self/stat")?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(serde_json::to_string(&me)?.as_bytes())?;
    Ok(Attempt::Taken(Lock { _file: file }))
}

fn holder(path: &Path) -> Option<Identity> {
    let text = std::fs::read_to_string(path).ok()?;
    serde_json::from_str::<Identity>(&text).ok().filter(Identity::is_alive)
}
