//! Namespaces of the kernel as another machine: other mounts, no network, another user.

use std::io::Write;
use std::process::Command;

/// Root's rights over mounts and networks without root's rights over the machine, or root's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    Root,
    /// An ordinary user who may make namespaces.
    Namespaces,
}

/// Says why a test proves nothing here. Past the test runner, which keeps what is printed to itself: `cargo xtask test`
/// counts these lines.
pub fn skip(why: &str) {
    let _ = writeln!(std::io::stdout(), "\nSKIPPED: {why}");
}

/// `unshare` with these words, which then runs whatever follows; `None` with a reason on the screen where the machine
/// allows no such thing.
pub fn unshare(words: &[&'static str]) -> Option<(Power, Vec<&'static str>)> {
    let (power, mut command) = if nix::unistd::geteuid().is_root() {
        (Power::Root, vec!["unshare"])
    } else {
        (Power::Namespaces, vec!["unshare", "--user", "--map-root-user"])
    };
    command.extend(words);
    command.push("--");
    let works =
        Command::new(command[0]).args(&command[1..]).arg("true").output().is_ok_and(|done| done.status.success());
    if !works {
        skip(&format!("this machine does not allow `{}`", command.join(" ")));
        return None;
    }
    Some((power, command))
}

/// Whether the machine has this program; says that the test is skipped otherwise.
pub fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/sbin"].map(std::path::PathBuf::from);
    let found = std::env::split_paths(&path).chain(usual).any(|folder| folder.join(program).is_file());
    if !found {
        skip(&format!("this machine has no `{program}`"));
    }
    found
}

/// Whether this is root itself; says that the test is skipped otherwise.
pub fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        skip("only root can become somebody else");
    }
    root
}
