//! Disks that are small, and disks that get full.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::alone;
use crate::clone::{Clone, finish};
use crate::shared::{with_own_kafka, with_own_postgres};

/// A disk of its own for the clone, which only xtask and its servers see.
fn on_a_disk_of(megabytes: u32, clone: Clone) -> Option<Clone> {
    let (_, unshare) = alone::unshare(&["--mount"])?;
    let script = format!(
        "mount -t tmpfs -o size={megabytes}m,mode=700 none '{0}' && cd '{0}' && exec \"$@\"",
        clone.root().display()
    );
    let mut wrapper = unshare;
    wrapper.extend(["sh", "-c", &script, "sh"]);
    Some(clone.within(&wrapper))
}

#[test]
fn a_disk_that_is_too_small_stops_the_first_run_before_it_begins() -> Result<()> {
    let Some(clone) = on_a_disk_of(100, with_own_postgres()?) else { return Ok(()) };
    let said = clone.run(&["up", "--detach", "--servers-only"])?.failure()?;
    ensure!(said.contains("too little room on the disk") && said.contains("500 needed"), "{said}");
    ensure!(!said.contains("Servers"), "{said}");
    Ok(())
}

#[test]
fn a_disk_that_gets_full_ends_up_with_the_backends_name_and_the_reason() -> Result<()> {
    let Some(clone) = on_a_disk_of(600, with_own_kafka()?) else { return Ok(()) };
    let mut up = clone.up_in_foreground()?;
    up.wait_ready()?;
    // The disk as the processes in the namespace see it.
    let disk = format!("/proc/{}/root{}", up.pid(), clone.root().display());
    let mut fill = Command::new("dd");
    fill.args(["if=/dev/zero", &format!("of={disk}/fill"), "bs=1M"]);
    finish(fill, "filling the disk")?.failure()?;

    // Kafka notes something twice a second; Postgres would live on with what it has.
    let said = up.end()?.failure()?;
    ensure!(said.contains("kafka ended"), "{said}");
    ensure!(said.contains("The disk of ") && said.contains("is full"), "{said}");
    ensure!(said.contains("Next: "), "{said}");
    Ok(())
}
