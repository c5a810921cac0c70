//! Within v1alpha1 only something is added: what a released CRD let in, today's lets in too, and keeps. After a release the
//! CRDs in `golden/crds` become those of `yaml`.

use std::{fs, path::PathBuf};

use serde_json::Value;

fn read(path: &str) -> anyhow::Result<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    let crd: Value = serde_norway::from_str(&fs::read_to_string(path)?)?;
    Ok(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone())
}

/// Everything in which the new schema is stricter than the old one, or lacks something.
fn losses(path: &str, old: &Value, new: &Value) -> Vec<String> {
    let mut losses = Vec::new();
    for name in ["type", "format", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "default"] {
        if old.get(name) != new.get(name) {
            losses.push(format!("{path}: {name} was {} and is {}", old[name], new[name]));
        }
    }
    let stricter = |name: &str, is_stricter: fn(f64, f64) -> bool| {
        new[name].as_f64().is_some_and(|now| old[name].as_f64().is_none_or(|then| is_stricter(now, then)))
    };
    for name in ["maxLength", "maxItems", "maxProperties", "maximum"] {
        if stricter(name, |now, then| now < then) {
            losses.push(format!("{path}: {name} was {} and is {}", old[name], new[name]));
        }
    }
    for name in ["minLength", "minItems", "minProperties", "minimum"] {
        if stricter(name, |now, then| now > then) {
            losses.push(format!("{path}: {name} was {} and is {}", old[name], new[name]));
        }
    }
    let list = |schema: &Value, name: &str| schema[name].as_array().cloned().unwrap_or_default();
    for gone in list(old, "enum").iter().filter(|value| !list(new, "enum").contains(value)) {
        losses.push(format!("{path}: {gone} is not possible any more"));
    }
    for needed in list(new, "required").iter().filter(|name| !list(old, "required").contains(name)) {
        losses.push(format!("{path}: {needed} is required now"));
    }
    for (name, old) in old["properties"].as_object().into_iter().flatten() {
        match new["properties"].get(name) {
            Some(new) => losses.extend(self::losses(&format!("{path}.{name}"), old, new)),
            None => losses.push(format!("{path}.{name} is gone")),
        }
    }
    for name in ["items", "additionalProperties"] {
        if let Some(old) = old.get(name) {
            losses.extend(self::losses(&format!("{path}[]"), old, &new[name]));
        }
    }
    losses
}

#[test]
fn nothing_that_was_released_is_taken_back() -> anyhow::Result<()> {
    for name in ["workspaces.yaml", "workspaceclasses.yaml", "retainedworkspaces.yaml"] {
        let losses = losses("", &read(&format!("golden/crds/v1alpha1/{name}"))?, &read(&format!("yaml/{name}"))?);
        assert!(losses.is_empty(), "{name}:\n{}", losses.join("\n"));
    }
    Ok(())
}

#[test]
fn what_is_taken_back_is_noticed() {
    let old = read("yaml/workspaces.yaml").unwrap();
    for (pointer, value, said) in [
        ("/properties/spec/properties/handle/maxLength", 62.into(), ".spec.handle: maxLength"),
        ("/properties/spec/properties/limits/properties/members/minimum", 2.into(), ".spec.limits.members: minimum"),
        ("/properties/spec/properties/isolation/enum", vec!["Shared"].into(), "\"Dedicated\" is not possible"),
        ("/properties/spec/required", vec!["owner", "handle"].into(), "\"handle\" is required now"),
        ("/properties/spec/properties/hosts/items/type", "integer".into(), ".spec.hosts[]: type"),
        ("/properties/status/properties", Value::Null, ".status.url is gone"),
    ] {
        let mut new = old.clone();
        *new.pointer_mut(pointer).unwrap() = value;
        let losses = losses("", &old, &new);
        assert!(losses.iter().any(|loss| loss.contains(said)), "{said}: {losses:?}");
    }
}
