//! Objects of every version that was ever released: each must stay readable, and lose nothing on the way.

use std::{fmt::Debug, fs, path::PathBuf};

use anyhow::{Context as _, bail, ensure};
use crds::{RetainedWorkspace, Workspace, WorkspaceClass, manifest::parse};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Each golden file: its name and its text.
fn golden() -> anyhow::Result<Vec<(String, String)>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/v1alpha1");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        files.push((entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?));
    }
    files.sort();
    ensure!(files.len() >= 9, "only {} golden objects", files.len());
    Ok(files)
}

/// Reads it with our type, and writes it again.
fn round_trip<T: DeserializeOwned + Serialize + PartialEq + Debug>(value: &Value) -> anyhow::Result<Value> {
    let object: T = serde_json::from_value(value.clone())?;
    let written = serde_json::to_value(&object)?;
    ensure!(serde_json::from_value::<T>(written.clone())? == object, "{object:?} becomes {written}");
    Ok(written)
}

/// The first place where something that stands in the one is not in the other; defaults may have come with it.
fn lost(path: &str, from: &Value, to: &Value) -> Option<String> {
    match (from, to) {
        (Value::Object(from), Value::Object(to)) => from.iter().find_map(|(key, from)| {
            let path = format!("{path}.{key}");
            match to.get(key) {
                Some(to) => lost(&path, from, to),
                None => Some(path),
            }
        }),
        (Value::Array(from), Value::Array(to)) if from.len() == to.len() => {
            from.iter().zip(to).find_map(|(from, to)| lost(path, from, to))
        }
        _ => (from != to).then(|| path.to_owned()),
    }
}

#[test]
fn every_golden_object_is_read_and_written_whole() -> anyhow::Result<()> {
    for (name, text) in golden()? {
        let value: Value = serde_norway::from_str(&text)?;
        let written = match value["kind"].as_str() {
            Some("Workspace") => round_trip::<Workspace>(&value),
            Some("WorkspaceClass") => round_trip::<WorkspaceClass>(&value),
            Some("RetainedWorkspace") => round_trip::<RetainedWorkspace>(&value),
            other => bail!("{name}: {other:?}"),
        };
        assert_eq!(lost("", &value, &written.context(name.clone())?), None, "{name}");
    }
    Ok(())
}

#[test]
fn every_golden_object_that_a_person_writes_is_a_valid_manifest() -> anyhow::Result<()> {
    let mut read = 0;
    for (name, text) in golden()?.into_iter().filter(|(name, _)| name.starts_with("workspace")) {
        for result in parse(&name, &text) {
            result?;
            read += 1;
        }
    }
    assert!(read >= 7);
    Ok(())
}
