//! What the operator wrote through the API server, by its audit log.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead as _, BufReader, Seek as _, SeekFrom},
    path::Path,
};

use super::cluster::OPERATOR;

const WRITES: [&str; 5] = ["create", "update", "patch", "delete", "deletecollection"];

/// The operator's writes since this place of the log, by verb and resource. What it writes of its leadership is apart.
pub fn writes(log: &Path, since: u64) -> anyhow::Result<BTreeMap<String, usize>> {
    let mut file = File::open(log)?;
    file.seek(SeekFrom::Start(since))?;
    let mut writes = BTreeMap::new();
    for line in BufReader::new(file).lines() {
        let entry: serde_json::Value = serde_json::from_str(&line?)?;
        let text = |pointer: &str| entry.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default();
        let user = [text("/user/username"), text("/impersonatedUser/username")];
        let verb = text("/verb");
        if !user.contains(&OPERATOR) || !WRITES.contains(&verb) || text("/objectRef/resource") == "leases" {
            continue;
        }
        let mut what = format!("{verb} {}", text("/objectRef/resource"));
        if !text("/objectRef/subresource").is_empty() {
            what = format!("{what}/{}", text("/objectRef/subresource"));
        }
        *writes.entry(what).or_default() += 1;
    }
    Ok(writes)
}

/// How long the log is now.
pub fn end(log: &Path) -> anyhow::Result<u64> {
    Ok(log.metadata()?.len())
}
