//! What the derived schemas lack before the API server should have them: bounds on what others' types leave unbounded, and
//! nothing that it would warn of.

use serde_json::{Value, json};

use crate::rules::find;

/// Finishes a CRD's schema.
///
/// # Errors
/// Answers the path of a field that should be there and isn't.
pub fn finish(root: &mut Value) -> Result<(), &'static str> {
    tidy(root);
    // A rule can speak of metadata.name only where the schema declares it.
    set(root, "", |schema| {
        schema["properties"]["metadata"] = json!({"type": "object", "properties": {"name": {"type": "string"}}})
    })?;
    set(root, "status.conditions[]", bound_condition)?;
    if find(root, "spec.schema.canary").is_some() {
        set(root, "spec.schema.canary", bound_selector)?;
        set(root, "spec.allowed.namespaceLabels", |labels| labels["additionalProperties"]["maxLength"] = 63.into())?;
    }
    Ok(())
}

fn set(root: &mut Value, path: &'static str, change: impl FnOnce(&mut Value)) -> Result<(), &'static str> {
    find(root, path).map(change).ok_or(path)
}

/// Null is the same as absent in our types: without `nullable` the API server drops it, and no rule of CEL meets one. Of
/// formats it knows none for unsigned numbers, whose bounds say it all.
fn tidy(schema: &mut Value) {
    let Value::Object(fields) = schema else { return };
    fields.remove("nullable");
    if fields.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint")) {
        fields.remove("format");
    }
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        properties.values_mut().for_each(tidy);
    }
    for name in ["items", "additionalProperties"] {
        if let Some(below) = fields.get_mut(name) {
            tidy(below);
        }
    }
}

/// As Kubernetes bounds the conditions of its own kinds.
fn bound_condition(condition: &mut Value) {
    let properties = &mut condition["properties"];
    properties["type"]["maxLength"] = 316.into();
    properties["status"]["enum"] = json!(["True", "False", "Unknown"]);
    properties["reason"]["minLength"] = 1.into();
    properties["reason"]["maxLength"] = 1024.into();
    properties["message"]["maxLength"] = 32_768.into();
    properties["observedGeneration"]["minimum"] = json!(0.0);
}

fn bound_selector(selector: &mut Value) {
    let properties = &mut selector["properties"];
    properties["matchLabels"]["maxProperties"] = 16.into();
    properties["matchLabels"]["additionalProperties"]["maxLength"] = 63.into();
    let expressions = &mut properties["matchExpressions"];
    expressions["maxItems"] = 16.into();
    let expression = &mut expressions["items"]["properties"];
    expression["key"]["maxLength"] = 317.into();
    expression["operator"]["enum"] = json!(["In", "NotIn", "Exists", "DoesNotExist"]);
    expression["values"]["maxItems"] = 16.into();
    expression["values"]["items"]["maxLength"] = 63.into();
}
