//! The events' committed contract: JSON schemas generated from the types, and golden files of every version that was
//! ever written, which every later version must still read.

use std::{collections::BTreeSet, env, fs, io, path::PathBuf};

use domain::{DecodeError, Event};
use proptest::prelude::*;
use serde_json::Value;

fn crate_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Kind and text of each golden file.
fn golden() -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(crate_dir().join("golden/v1"))? {
        let path = entry?.path();
        // `KIND.json`, or `KIND.what.json` for another of its shapes.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let kind = name.split('.').next().unwrap_or_default().to_owned();
        files.push((kind, fs::read_to_string(path)?));
    }
    files.sort();
    Ok(files)
}

#[test]
fn generated_event_schema_is_current() {
    let path = crate_dir().join("../../docs/events.schema.json");
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(Event)).unwrap() + "\n";
    if env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == schema, "docs/events.schema.json is stale: run `cargo xtask generate`");
}

#[test]
fn every_kind_has_a_golden_file_that_reads_and_writes_the_same() {
    let files = golden().unwrap();
    let covered: BTreeSet<&str> = files.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(covered, Event::KINDS.iter().copied().collect(), "each kind has a golden file");
    for (kind, text) in &files {
        let event = Event::decode(text.as_bytes()).unwrap();
        assert_eq!(event.kind(), kind);
        let written: Value = serde_json::from_slice(&event.encode().unwrap()).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(text).unwrap(), "{kind}");
    }
}

#[test]
fn a_newer_versions_fields_are_ignored_and_its_kinds_are_not() {
    for (kind, text) in golden().unwrap() {
        let mut newer: Value = serde_json::from_str(&text).unwrap();
        newer["data"]["fromTheFuture"] = Value::from(1);
        newer["alsoNew"] = Value::from(true);
        let event = Event::decode(newer.to_string().as_bytes()).unwrap();
        assert_eq!(event, Event::decode(text.as_bytes()).unwrap(), "{kind}");
    }
    let unknown = br#"{"event":"REACTION_ADDED","data":{"anything":[1]}}"#;
    assert!(matches!(Event::decode(unknown), Err(DecodeError::UnknownKind(kind)) if kind == "REACTION_ADDED"));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Event::decode(&bytes);
    }

    #[test]
    fn a_damaged_event_is_read_or_refused_but_never_panics(file in 0usize..8, at in 0usize..400, byte: u8) {
        let files = golden().unwrap();
        let mut bytes = files[file % files.len()].1.clone().into_bytes();
        let length = bytes.len();
        bytes[at % length] = byte;
        let _ = Event::decode(&bytes);
    }
}
