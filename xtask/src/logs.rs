//! `logs`: the last lines of what the processes wrote.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::interrupt::Interrupt;
use crate::paths::{self, StateDir};
use crate::process;
use crate::screen::say;

/// Prints one log, or all of them.
pub fn run(name: Option<&str>, lines: usize, follow: bool) -> Result<ExitCode> {
    let interrupt = Interrupt::install()?;
    let state = StateDir::of_clone(&paths::clone_root()?);
    let all = logs(&state.logs());
    let chosen: Vec<PathBuf> = match name {
        None => all,
        Some(name) => {
            let wanted = state.log(name);
            if !all.contains(&wanted) {
                let known: Vec<String> =
                    all.iter().filter_map(|log| Some(log.file_stem()?.to_str()?.to_owned())).collect();
                bail!("there is no log of {name}; there is: {}", known.join(", "));
            }
            vec![wanted]
        }
    };
    if chosen.is_empty() {
        say!("There are no logs yet: `cargo xtask up` writes them.");
    }
    let mut ends: Vec<u64> = Vec::new();
    for log in &chosen {
        ends.push(fs::metadata(log).map_or(0, |file| file.len()));
        say!("{}:\n{}", paths::shown(log), process::log_tail(log, lines));
    }
    while follow && !interrupt.raised() {
        for (log, end) in chosen.iter().zip(&mut ends) {
            match print_from(log, *end) {
                Ok(printed) => *end = printed,
                Err(error) if is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
                Err(error) => return Err(error),
            }
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(ExitCode::SUCCESS)
}

/// Whoever read has seen enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn logs(folder: &Path) -> Vec<PathBuf> {
    let mut logs: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    logs.sort();
    logs
}

/// Prints what was added and gives the new end; a log that was set aside begins anew.
fn print_from(log: &Path, end: u64) -> Result<u64> {
    let length = fs::metadata(log).map_or(0, |file| file.len());
    if length == end {
        return Ok(end);
    }
    let mut file = File::open(log).with_context(|| format!("opening {}", log.display()))?;
    file.seek(SeekFrom::Start(if length < end { 0 } else { end }))?;
    let mut added = Vec::new();
    file.read_to_end(&mut added)?;
    let mut out = std::io::stdout().lock();
    out.write_all(&added)?;
    out.flush()?;
    Ok(file.stream_position()?)
}
