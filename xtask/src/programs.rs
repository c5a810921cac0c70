//! Programs that this machine already has, with their versions.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::{commands, wheels};

/// `CREATE DATABASE … STRATEGY` came with 15.
pub const OLDEST_POSTGRES: u32 = 15;
/// Kafka 4 brokers need it.
pub const OLDEST_JAVA: u32 = 17;
/// The oldest long-term release that runs TypeScript as it is.
pub const OLDEST_NODE: u32 = 24;
/// Kubernetes 1.36 is written in it.
pub const OLDEST_GO: (u32, u32) = (1, 26);

const ANSWER: Duration = Duration::from_secs(30);

/// A program, or a folder of programs that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    pub major: u32,
    /// The version in full, as the program says it.
    pub version: String,
}

/// Folders with `initdb`, `postgres` and `pg_isready`, newest first.
pub fn postgres() -> Vec<Found> {
    let mut folders: Vec<PathBuf> = children("/usr/lib/postgresql").map(|version| version.join("bin")).collect();
    folders.extend(on_path("initdb").and_then(|program| Some(program.canonicalize().ok()?.parent()?.to_path_buf())));
    let mut found: Vec<Found> = folders
        .into_iter()
        .filter(|folder| ["initdb", "postgres", "pg_isready", "psql"].iter().all(|name| folder.join(name).is_file()))
        .filter_map(|folder| {
            let text = answer(&folder.join("postgres"), "--version")?;
            let (major, version) = first_version(&text)?;
            Some(Found { path: folder, major, version })
        })
        .filter(|found| found.major >= OLDEST_POSTGRES)
        .collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.major));
    found.dedup_by(|one, other| one.path == other.path);
    found
}

/// A Java runtime new enough for Kafka.
pub fn java() -> Option<Found> {
    let home = std::env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin/java"));
    let installed = children("/usr/lib/jvm").map(|home| home.join("bin/java"));
    home.into_iter().chain(on_path("java")).chain(installed).filter(|path| path.is_file()).find_map(|path| {
        let (major, version) = first_version(&answer(&path, "-version")?)?;
        (major >= OLDEST_JAVA).then_some(Found { path, major, version })
    })
}

pub fn maven() -> Option<PathBuf> {
    on_path("mvn")
}

/// Node new enough for the tests, with npm: the machine's, or the one in the cache, which has its npm beside it.
pub fn node() -> Option<Found> {
    let machines = on_path("node").filter(|_| on_path("npm").is_some());
    machines.into_iter().chain(wheels::NODE.program()).find_map(|path| {
        let (major, version) = first_version(&answer(&path, "--version")?)?;
        (major >= OLDEST_NODE).then_some(Found { path, major, version })
    })
}

/// Go new enough to build Kubernetes: the machine's, or the one in the cache.
pub fn go() -> Option<Found> {
    on_path("go").into_iter().chain(wheels::GO.program()).find_map(|path| {
        let (major, minor, version) = go_version(&answer(&path, "version")?)?;
        ((major, minor) >= OLDEST_GO).then_some(Found { path, major, version })
    })
}

/// A browser of the Chromium family. Ubuntu's `chromium-browser` may be a stub that only tells about snap,
/// hence the question for its version.
pub fn chromium() -> Option<Found> {
    ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"]
        .iter()
        .filter_map(|name| on_path(name))
        .find_map(|path| {
            let (major, version) = first_version(&answer(&path, "--version")?)?;
            Some(Found { path, major, version })
        })
}

/// What a program needs to be built with OpenSSL, where `pkg-config` or `OPENSSL_DIR` says so.
pub fn has_openssl() -> bool {
    let known = |program: PathBuf| {
        commands::output(Command::new(program).args(["--exists", "openssl >= 1.1.1"]), ANSWER).is_ok()
    };
    std::env::var_os("OPENSSL_DIR").is_some() || on_path("pkg-config").is_some_and(known)
}

/// The first program of that name in the folders of PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn children(folder: &str) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn answer(program: &Path, question: &str) -> Option<String> {
    let ask = || -> Result<String> { commands::output(Command::new(program).arg(question), ANSWER) };
    ask().ok()
}

/// The first word that begins like a version: `15.18`, `"17.0.2"`, `v20.20.2`.
fn first_version(text: &str) -> Option<(u32, String)> {
    text.split_ascii_whitespace().find_map(|word| {
        let word = word.trim_matches(|sign: char| sign == '"' || sign == ',' || sign == ')' || sign == '(');
        let word = word.strip_prefix('v').unwrap_or(word);
        let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
        Some((digits.parse().ok()?, word.to_owned()))
    })
}

/// Of `go version go1.26.8 linux/amd64`. Go built from its repository says `devel go1.27-0a1b2c`.
fn go_version(text: &str) -> Option<(u32, u32, String)> {
    let version =
        text.split_ascii_whitespace().find_map(|word| word.strip_prefix("go").filter(|rest| !rest.is_empty()))?;
    let mut numbers = version.split(|sign: char| !sign.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?, version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<(u32, String)> {
        first_version(text)
    }

    #[test]
    fn versions_are_read_as_the_programs_say_them() {
        assert_eq!(parsed("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some((15, "15.18".into())));
        assert_eq!(parsed("postgres (PostgreSQL) 18beta1"), Some((18, "18beta1".into())));
        assert_eq!(parsed("openjdk version \"17.0.19\" 2026-04-21\nOpenJDK Runtime"), Some((17, "17.0.19".into())));
        assert_eq!(parsed("v20.20.2\n"), Some((20, "20.20.2".into())));
        assert_eq!(parsed("Chromium 150.0.7400.1 built on Debian"), Some((150, "150.0.7400.1".into())));
        assert_eq!(parsed("Command requires the snap to be installed"), None);
    }
    #[test]
    fn gos_version_is_read_with_its_minor_number() {
        let of = |text: &str| go_version(text).map(|(major, minor, _)| (major, minor));
        assert_eq!(go_version("go version go1.26.8 linux/amd64\n"), Some((1, 26, "1.26.8".into())));
        assert_eq!(of("go version go1.27rc1 linux/arm64"), Some((1, 27)));
        assert_eq!(of("go version devel go1.28-5a1b2c3 Mon Jan 5 linux/amd64"), Some((1, 28)));
        assert!(of("go version go1.9.7 linux/amd64") < Some(OLDEST_GO));
        assert_eq!(of("go: cannot find GOROOT directory"), None);
    }
}
