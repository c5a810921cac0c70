//! Examples of request bodies: the type's own, or one made of its fields' examples. The tests send them.

use serde_json::{Map, Value, json};
use utoipa::openapi::{Components, RefOr, path::Operation};

/// An id as clients make them.
const ID: &str = "01934f2e-0000-7000-8000-000000000001";
/// Deeper than any body.
const DEEPEST: u8 = 16;

/// Makes examples from the document's schemas.
pub(super) struct Examples {
    schemas: Value,
}

impl Examples {
    pub(super) fn of(components: &Components) -> Self {
        Self { schemas: serde_json::to_value(&components.schemas).unwrap_or_default() }
    }

    /// Gives every JSON body an example that has none.
    pub(super) fn add_to(&self, operation: &mut Operation) {
        let Some(RefOr::T(body)) = &mut operation.request_body else { return };
        for content in body.content.values_mut() {
            let RefOr::T(content) = content else { continue };
            if content.example.is_none() && content.examples.is_empty() {
                let schema = serde_json::to_value(&content.schema).unwrap_or_default();
                content.example = Some(self.example(&schema, DEEPEST));
            }
        }
    }

    fn example(&self, schema: &Value, depth: u8) -> Value {
        if let Some(own) = own(schema) {
            return own;
        }
        let Some(depth) = depth.checked_sub(1) else { return Value::Null };
        if let Some(target) = schema["$ref"].as_str() {
            return self.example(self.target(target), depth);
        }
        for any in ["oneOf", "anyOf"] {
            if let Some(first) = schema[any].as_array().into_iter().flatten().find(|one| one["type"] != "null") {
                return self.example(first, depth);
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let parts = parts.iter().map(|part| self.example(part, depth));
            return parts.filter_map(|part| part.as_object().cloned()).flatten().collect::<Map<_, _>>().into();
        }
        match kind(schema) {
            "object" => self.object(schema, depth),
            "array" if schema["minItems"].as_u64().is_some_and(|least| least > 0) => {
                json!([self.example(&schema["items"], depth)])
            }
            "array" => json!([]),
            "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
            "boolean" => json!(true),
            "string" => text(schema),
            _ => Value::Null,
        }
    }

    /// What must be there, and what may and has an example of its own.
    fn object(&self, schema: &Value, depth: u8) -> Value {
        let needed: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object().into_iter().flatten();
        let shown = properties.filter(|(name, schema)| needed.contains(&name.as_str()) || own(schema).is_some());
        shown.map(|(name, schema)| (name.clone(), self.example(schema, depth))).collect::<Map<_, _>>().into()
    }

    fn target(&self, reference: &str) -> &Value {
        reference.strip_prefix("#/components/schemas/").map_or(&Value::Null, |name| &self.schemas[name])
    }
}

fn own(schema: &Value) -> Option<Value> {
    let first = |name: &str| schema[name].as_array().and_then(|all| all.first()).cloned();
    let one = |name: &str| schema.get(name).cloned();
    one("example").or_else(|| first("examples")).or_else(|| one("const")).or_else(|| first("enum"))
}

/// The type; of one that may be null, the other.
fn kind(schema: &Value) -> &str {
    let several = schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str);
    schema["type"].as_str().or_else(|| several.into_iter().find(|kind| *kind != "null")).unwrap_or_default()
}

fn text(schema: &Value) -> Value {
    match schema["format"].as_str() {
        Some("uuid") => json!(ID),
        Some("date-time") => json!("2026-01-01T09:00:00Z"),
        _ => {
            let least = schema["minLength"].as_u64().and_then(|least| usize::try_from(least).ok()).unwrap_or_default();
            json!(format!("{:-<least$}", "example"))
        }
    }
}
