//! Ports that somebody else has.

use std::net::TcpListener;

use anyhow::{Result, ensure};

use crate::clone::Clone;

#[test]
fn a_port_that_was_taken_meanwhile_is_replaced_and_then_kept() -> Result<()> {
    let clone = Clone::new()?;
    clone.up()?;
    clone.sql("CREATE TABLE kept ()")?;
    clone.down()?;
    let names = ["postgres", "kafka", "kafka-controller"];
    let mut before = Vec::new();
    let mut strangers = Vec::new();
    for name in names {
        before.push(clone.port(name)?);
        strangers.push(TcpListener::bind(("127.0.0.1", clone.port(name)?))?);
    }
    clone.up()?;
    let mut after = Vec::new();
    for (name, before) in names.iter().zip(before) {
        ensure!(clone.port(name)? != before, "{name} has the stranger's port");
        after.push(clone.port(name)?);
    }
    ensure!(clone.sql("SELECT to_regclass('kept') IS NOT NULL")?.trim() == "t");
    drop(strangers);
    clone.up()?;
    for (name, after) in names.iter().zip(after) {
        ensure!(clone.port(name)? == after, "{name} changed its port without need");
    }
    Ok(())
}
