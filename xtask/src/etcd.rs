//! etcd, Kubernetes' database: the machine's, Debian's, or built from source.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::go::Module;
use crate::interrupt::Interrupt;
use crate::paths::StateDir;
use crate::screen::say;
use crate::{commands, programs};

pub const NAME: &str = "etcd";
/// The API server's queries came with it.
const OLDEST: (u32, u32) = (3, 4);
const PACKAGE: &str = "etcd-server";
const MODULE: &str = "go.etcd.io/etcd/server/v3";
const VERSION: &str = "v3.7.3";

/// Puts an etcd into `output`, the quickest way first.
pub fn provide(temporary: &Path, output: &Path, state: &StateDir, interrupt: &Interrupt) -> Result<()> {
    let place = output.join(NAME);
    let machines = programs::on_path(NAME).filter(|program| suits(program));
    let found = machines.map_or_else(|| debians(&temporary.join("debian"), state, interrupt), Ok);
    match found {
        Ok(program) => {
            // A copy: the cache must stay complete when the package goes.
            fs::copy(&program, &place).with_context(|| format!("copying {}", program.display()))?;
        }
        Err(error) => {
            interrupt.check()?;
            say!("  etcd is built from source, for Debian's is not to be had: {}", crate::missing::in_one_line(&error));
            let module = Module {
                name: "etcd",
                path: MODULE,
                version: VERSION,
                beside: (&[], ""),
                packages: &[MODULE],
                variables: Vec::new(),
                output: Some(NAME),
            };
            module.build(&temporary.join(NAME), output, state, interrupt)?;
        }
    }
    if !suits(&place) {
        bail!("{} does not tell its version here", place.display());
    }
    Ok(())
}

/// Debian's program, taken out of its package: installed, the package would start a daemon at every boot, and only root
/// could install it.
fn debians(folder: &Path, state: &StateDir, interrupt: &Interrupt) -> Result<PathBuf> {
    for program in ["apt-get", "dpkg-deb"] {
        programs::on_path(program).with_context(|| format!("this machine has no {program}"))?;
    }
    fs::create_dir_all(folder)?;
    let log = state.log("apt");
    let mut download = commands::command("apt-get");
    download.args(["-o", "Acquire::Retries=3", "download", PACKAGE]).current_dir(folder);
    commands::run_logged(download, &log, "fetching etcd (8 MB)", Some(interrupt))?;
    let archive = fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|end| end == "deb"))
        .with_context(|| format!("apt-get said that it fetched {PACKAGE}, but there is no archive"))?;
    let mut unpack = commands::command("dpkg-deb");
    unpack.arg("--extract").arg(archive).arg(folder);
    commands::run_logged(unpack, &log, "unpacking etcd", Some(interrupt))?;
    let program = folder.join("usr/bin").join(NAME);
    if !suits(&program) {
        bail!("this system's own etcd is older than {}.{}, or does not run", OLDEST.0, OLDEST.1);
    }
    Ok(program)
}

fn suits(program: &Path) -> bool {
    let text = commands::output(Command::new(program).arg("--version"), Duration::from_secs(30));
    text.is_ok_and(|text| version(&text) >= Some(OLDEST))
}

/// Of `etcd Version: 3.4.23` and the lines after it.
fn version(text: &str) -> Option<(u32, u32)> {
    let (_, rest) = text.split_once("etcd Version:")?;
    let mut numbers = rest.split_ascii_whitespace().next()?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_as_etcd_says_it() {
        assert_eq!(version("etcd Version: 3.4.23\nGit SHA: Not provided\nGo Version: go1.19.8\n"), Some((3, 4)));
        assert!(version("etcd Version: 3.3.25\n") < Some(OLDEST));
        assert_eq!(version("Go Version: go1.19.8"), None);
        assert!(version("") < Some(OLDEST));
    }
}
