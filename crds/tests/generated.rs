//! What is generated and committed is current.

use std::{env, fs, path::PathBuf};

#[test]
fn generated_crd_yaml_is_current() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("yaml");
    for (name, expected) in crds::generated::files().unwrap() {
        let path = folder.join(name);
        if env::var_os("UPDATE_GENERATED").is_some_and(|value| value == "1") {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, expected).unwrap();
            continue;
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "crds/yaml/{name} is stale: run UPDATE_GENERATED=1 cargo test -p crds --test generated"
        );
    }
}

#[test]
fn generated_schemas_are_structural() {
    for (name, text) in crds::generated::files().unwrap() {
        for forbidden in ["additionalProperties: false", "uniqueItems", "$ref", "definitions:"] {
            assert!(!text.contains(forbidden), "{name} has {forbidden}, which the API server refuses");
        }
    }
}
