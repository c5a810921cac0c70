//! What is generated and committed is current.

use std::{env, fs, path::PathBuf};

use serde_json::Value;

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

/// Calls `look` for every schema below, with its path.
fn walk(path: &str, schema: &Value, look: &mut impl FnMut(&str, &Value)) {
    look(path, schema);
    for (name, below) in schema["properties"].as_object().into_iter().flatten() {
        walk(&format!("{path}.{name}"), below, look);
    }
    for name in ["items", "additionalProperties"] {
        if let Some(below) = schema.get(name) {
            walk(&format!("{path}[]"), below, look);
        }
    }
}

#[test]
fn every_text_list_and_map_has_a_bound() {
    for crd in crds::generated::crds().unwrap() {
        let crd = serde_json::to_value(crd).unwrap();
        walk("", &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], &mut |path, schema| {
            let has = |name: &str| schema.get(name).is_some();
            let bounded = match schema["type"].as_str().unwrap() {
                "string" => has("maxLength") || has("enum") || has("format"),
                "array" => has("maxItems"),
                "integer" => path.starts_with(".status") || path.ends_with("port") || has("minimum") && has("maximum"),
                _ => !has("additionalProperties") || has("maxProperties"),
            };
            // The API server bounds a name itself.
            assert!(bounded || path == ".metadata.name", "{path} of {} has no bound", crd["metadata"]["name"]);
            assert!(!has("nullable"), "{path}: null would mean something else than absent");
        });
    }
}

#[test]
fn every_rule_speaks_a_sentence_of_its_own() {
    let mut rules = 0;
    for crd in crds::generated::crds().unwrap() {
        let crd = serde_json::to_value(crd).unwrap();
        walk("", &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], &mut |path, schema| {
            for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
                assert!(rule["message"].as_str().unwrap().ends_with('.'), "{path}: {rule}");
                // A rule on an optional field isn't asked when the field goes.
                let transition = rule["rule"].as_str().unwrap().contains("oldSelf");
                assert!(!transition || path.is_empty() || path == ".spec", "{path}: {rule}");
                rules += 1;
            }
        });
    }
    assert!(rules > 50, "{rules}");
}
