//! What is sent without being asked for, as one AsyncAPI 3.0 document, from the code: the frames of the WebSocket, and the
//! events in a workspace's Kafka topics. Committed as `docs/asyncapi.json`.

mod socket;
#[cfg(test)]
mod tests;
mod topics;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The document.
pub fn document() -> Value {
    // AsyncAPI's own dialect is a superset of this one.
    let settings = SchemaSettings::draft07().with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut schemas = settings.into_generator();
    let (socket, topics) = (socket::part(&mut schemas), topics::part(&mut schemas));
    let [mut channels, mut operations, mut messages] = socket;
    for (all, more) in
        [(&mut channels, topics.channels), (&mut operations, topics.operations), (&mut messages, topics.messages)]
    {
        all.extend(more);
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Threadly",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What Threadly sends without being asked: frames over a client's WebSocket, and events in each \
                            workspace's own Kafka topics. The HTTP API is described in `/openapi.json`.",
            "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "edge": {
                "host": "{host}",
                "protocol": "wss",
                "description": "Where the HTTP API is. A laptop's is `ws`.",
                "variables": {"host": {"default": "localhost:8080", "description": "Host and port."}},
                "security": [{"$ref": "#/components/securitySchemes/bearer"}, {"$ref": "#/components/securitySchemes/subprotocol"}],
            },
            "log": {
                "host": "{bootstrap}",
                "protocol": "kafka-secure",
                "description": "The installation's Kafka. A workspace's own user sees that workspace's topics only.",
                "variables": {"bootstrap": {"default": "localhost:9092", "description": "Bootstrap servers."}},
                "security": [{"$ref": "#/components/securitySchemes/workspaceUser"}],
            },
        },
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": messages,
            "messageTraits": {"cloudEvent": topics::trait_of_all()},
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "bearer": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "An access token in the Authorization header of the upgrade.",
                },
                "subprotocol": {
                    "type": "httpApiKey", "in": "header", "name": "Sec-WebSocket-Protocol",
                    "description": "`threadly.v1, bearer.{token}`: browsers can set no other header. The answer names \
                                    `threadly.v1`; a refusal is an HTTP answer, a problem with a stable `code`.",
                },
                "workspaceUser": {"type": "scramSha256", "description": "The workspace's user, from its Secret."},
            },
        },
    })
}

/// References to the messages of a channel, by name.
fn references<'a>(channel: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<Value> {
    names.into_iter().map(|name| json!({"$ref": format!("#/channels/{channel}/messages/{name}")})).collect()
}

/// A channel's messages, each of which stands among the components.
fn messages_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Map<String, Value> {
    let reference = |name: &str| json!({"$ref": format!("#/components/messages/{name}")});
    names.into_iter().map(|name| (name.to_owned(), reference(name))).collect()
}

/// What an enumeration's schema says of the variant whose `tag` is `name`: its description, and the schema without it.
fn variant(schema: &Value, tag: &str, name: &str) -> (Value, Value) {
    let mut all = schema["oneOf"].as_array().into_iter().flatten().filter_map(Value::as_object);
    let mut found = all.find(|one| one["properties"][tag]["const"] == name).cloned().unwrap_or_default();
    (found.remove("description").unwrap_or_default(), found.into())
}
