//! Installing Debian packages, on a copy of this machine that exists only in the test's namespaces.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::alone;
use crate::clone::{Clone, finish};
use crate::shared::shared;

#[test]
fn apt_waits_for_its_locks_heals_starts_no_daemon_and_ends_its_work_in_spite_of_ctrl_c() -> Result<()> {
    if !nix::unistd::geteuid().is_root() || !std::path::Path::new("/usr/bin/dpkg-deb").exists() {
        alone::skip("only root installs packages, and only Debian's dpkg");
        return Ok(());
    }
    let Some((_, unshare)) = alone::unshare(&["--mount", "--pid", "--kill-child", "--fork"]) else { return Ok(()) };
    let shared = shared()?;
    let clone = Clone::new()?;
    let machine = clone.beside().join("machine");
    fs::create_dir(&machine)?;
    let mut inside = Command::new(unshare[0]);
    inside.args(&unshare[1..]).args(["sh", "-c", include_str!("apt.sh"), "sh"]).arg(&machine);
    inside.arg(env!("CARGO_BIN_EXE_xtask"));
    // With servers from elsewhere only the C++ compiler and make are looked for.
    inside.env("THREADLY_POSTGRES_URL", shared.postgres_url).env("THREADLY_KAFKA", shared.kafka);
    let said = finish(inside, "apt")?;
    if said.text.contains("mount: ") {
        alone::skip(&format!("this machine's file system can't be shown as a copy: {}", said.text));
        return Ok(());
    }
    let text = said.text;
    ensure!(text.contains("to install  make, to build the Kafka client, about 1 MB (Debian package make)"), "{text}");
    ensure!(text.contains("up ended with 1\n") && text.contains("xtask: interrupted"), "Ctrl-C was lost: {text}");
    ensure!(text.contains("make: 999 installed"), "{text}");
    ensure!(text.contains("hostname: installed"), "{text}");
    ensure!(text.contains("a daemon may start: 101"), "{text}");
    ensure!(text.matches("No such file or directory").count() == 2, "a setting for apt is left: {text}");
    Ok(())
}
