//! What a crash may have left of Kafka.

use std::fs;

use anyhow::{Result, ensure};

use crate::clone::is_alive;
use crate::shared::with_own_kafka;

#[test]
fn a_half_made_folder_lost_notes_and_a_moved_clone_are_healed() -> Result<()> {
    let mut clone = with_own_kafka()?;
    fs::create_dir_all(clone.state("kafka.new/data"))?;
    fs::write(clone.state("kafka.new/server.properties"), "node.id=")?;
    clone.up()?;
    ensure!(!clone.state("kafka.new").exists());
    let cluster = fs::read_to_string(clone.state("kafka/data/meta.properties"))?;

    let lost = clone.pid("kafka")?;
    fs::write(clone.state("run/kafka.pid"), "{\"pid\"")?;
    fs::write(clone.state("ports.json"), "")?;
    clone.move_to("moved, to ein Ort für später")?;
    clone.up()?;
    ensure!(!is_alive(lost), "two brokers on one folder");
    ensure!(clone.servers("java", "kafka")?.len() == 1);
    let same = |text: &str| text.lines().find(|line| line.starts_with("cluster.id")).map(str::to_owned);
    let now = fs::read_to_string(clone.state("kafka/data/meta.properties"))?;
    ensure!(same(&now) == same(&cluster) && same(&now).is_some(), "{now}");
    Ok(())
}
