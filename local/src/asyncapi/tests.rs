use std::{collections::BTreeSet, env, fs, path::PathBuf};

use domain::Event;
use serde_json::{Value, json};

use super::document;

#[test]
fn generated_asyncapi_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/asyncapi.json");
    let document = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&path, &document).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == document, "docs/asyncapi.json is stale: run `cargo xtask generate`");
}

#[test]
fn every_message_has_examples_that_its_schemas_take_and_others_do_not() {
    let document = document();
    let messages = document["components"]["messages"].as_object().unwrap();
    let schema = |part: &Value| {
        let root = json!({"$schema": "http://json-schema.org/draft-07/schema#", "components": document["components"], "allOf": [part]});
        jsonschema::options().should_validate_formats(true).build(&root).unwrap()
    };
    let headers = schema(&document["components"]["messageTraits"]["cloudEvent"]["headers"]);
    for (name, message) in messages {
        let payload = schema(&message["payload"]);
        let examples = message["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{name}");
        for example in examples {
            let faults: Vec<String> = payload.iter_errors(&example["payload"]).map(|error| error.to_string()).collect();
            assert!(faults.is_empty(), "{name}: {faults:?}");
            assert!(example.get("headers").is_none_or(|carried| headers.is_valid(carried)), "{name}: {example}");
        }
        for (other, message) in messages.iter().filter(|(other, _)| *other != name) {
            // The frame of an event holds one.
            let holds_one = other == "event" && Event::KINDS.contains(&name.as_str());
            let taken = payload.is_valid(&message["examples"][0]["payload"]);
            assert!(!taken || holds_one, "{name} takes {other}");
        }
    }
}

#[test]
fn every_kind_of_event_is_in_a_topic() {
    let document = document();
    let topics = ["messages", "directory", "dead-letters"].map(|topic| &document["channels"][topic]["messages"]);
    let told: BTreeSet<&str> =
        topics.into_iter().flat_map(|all| all.as_object().unwrap().keys().map(String::as_str)).collect();
    assert_eq!(told, Event::KINDS.iter().copied().collect());
}
