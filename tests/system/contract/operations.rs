//! The operations of the OpenAPI document, as somebody who reads it would ask them.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

/// What stands before every path.
const BASE: &str = "/w/{handle}/v1";

/// One operation.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: Method,
    /// Behind `/w/{handle}/v1`, with its parameters.
    pub(super) path: String,
    /// Of its body.
    pub(super) example: Option<Value>,
    /// Nobody is asked who they are.
    pub(super) open: bool,
}

/// All of a document.
pub(super) fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths
        .flat_map(|(path, item)| item.as_object().into_iter().flatten().map(move |(method, one)| (path, method, one)));
    all.map(|(path, method, operation)| Operation {
        id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
        method: method.to_uppercase().parse().unwrap_or_default(),
        path: path.strip_prefix(BASE).unwrap_or(path).to_owned(),
        example: operation["requestBody"]["content"]["application/json"].get("example").cloned(),
        open: operation.get("security").unwrap_or(&document["security"]).as_array().is_some_and(Vec::is_empty),
    })
    .collect()
}

impl Operation {
    /// The path with the ids that are known, and fresh ones for the others.
    pub(super) fn filled(&self, known: &BTreeMap<String, String>) -> String {
        let fill = |part: &str| match parameter(part) {
            Some(name) => known.get(name).cloned().unwrap_or_else(|| Uuid::now_v7().to_string()),
            None => part.to_owned(),
        };
        self.path.split('/').map(fill).collect::<Vec<_>>().join("/")
    }

    /// The parameters of its path that are not known.
    pub(super) fn unknown(&self, known: &BTreeMap<String, String>) -> Vec<String> {
        let names = self.path.split('/').filter_map(parameter);
        names.filter(|name| !known.contains_key(*name)).map(str::to_owned).collect()
    }
}

fn parameter(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}
