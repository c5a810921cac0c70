use std::{collections::BTreeSet, env, fs, path::PathBuf};

use serde_json::{Value, json};

fn document() -> Value {
    serde_json::to_value(super::document()).unwrap()
}

/// Method and path, and the operation.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, one)| (format!("{method} {path}"), one))
        })
        .collect()
}

#[test]
fn generated_openapi_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let document = super::document().to_pretty_json().unwrap() + "\n";
    if env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&path, &document).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == document, "docs/openapi.json is stale: run `cargo xtask generate`");
}

#[test]
fn every_request_body_has_an_example_that_its_schema_takes() {
    let document = document();
    let mut seen = 0;
    for (name, operation) in operations(&document) {
        let Some(contents) = operation["requestBody"]["content"].as_object() else { continue };
        for content in contents.values() {
            let root = json!({"components": document["components"], "allOf": [content["schema"]]});
            let schema = jsonschema::options().should_validate_formats(true).build(&root).unwrap();
            let several = content["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
            let examples: Vec<&Value> = content.get("example").into_iter().chain(several).collect();
            assert!(!examples.is_empty(), "{name} has no example");
            for example in examples {
                let faults: Vec<String> = schema.iter_errors(example).map(|error| error.to_string()).collect();
                assert!(faults.is_empty(), "{name}: {example} is refused: {faults:?}");
                seen += 1;
            }
        }
    }
    assert!(seen > 5);
}

#[test]
fn every_operation_says_what_it_is_who_may_and_what_may_go_wrong() {
    let document = document();
    assert_eq!(document["security"], json!([{"bearer": []}]));
    let tags: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().filter_map(|tag| tag["name"].as_str()).collect();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}: its id is another's too");
        assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{name} has no summary");
        let tagged = operation["tags"].as_array().unwrap();
        assert!(tagged.len() == 1 && tags.contains(tagged[0].as_str().unwrap()), "{name}: {tagged:?} is not described");
        // The document's requirement, or none.
        let security = operation.get("security");
        assert!(security.is_none_or(|security| *security == json!([])), "{name}: {security:?}");
        let answers = operation["responses"].as_object().unwrap();
        for status in ["4XX", "5XX"] {
            let schema = &answers[status]["content"]["application/problem+json"]["schema"];
            assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{name} {status}");
        }
        for (status, answer) in answers {
            assert!(answer["description"].as_str().is_some_and(|text| !text.is_empty()), "{name} {status}");
            assert!(answer["headers"]["x-request-id"].is_object(), "{name} {status}");
        }
    }
}
