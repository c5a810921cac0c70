//! The WebSocket: who may open it, what goes over it, and how it ends.

use realtime_edge::contract::{ServerFrame, client_frame, close_codes};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::{messages_of, references, variant};

/// Each kind of frame, with an example.
fn frames() -> [(&'static str, Value); 4] {
    let (cursor, time) = ("c1.4711.320", "2026-01-01T09:00:00.000Z");
    let data = json!({
        "messageId": "01934f2e-0000-7000-8000-000000000003", "channelId": "01934f2e-0000-7000-8000-000000000001",
        "userId": "01934f2e-0000-7000-8000-000000000002", "text": "Good morning!",
    });
    let event = json!({
        "type": "event", "position": "p1.0.4711", "time": time, "event": "THREAD_MESSAGE_CREATED", "data": data,
    });
    [
        ("event", event),
        ("ready", json!({"type": "ready", "cursor": cursor})),
        ("ping", json!({"type": "ping", "cursor": cursor})),
        ("reset", json!({"type": "reset", "reason": "history-expired", "cursor": cursor})),
    ]
}

/// Channels, operations and messages.
pub(super) fn part(schemas: &mut SchemaGenerator) -> [Map<String, Value>; 3] {
    let variants = schemas.root_schema_for::<ServerFrame>().to_value();
    let mut messages = Map::new();
    for (name, example) in frames() {
        let (description, mut payload) = variant(&variants, "type", name);
        if name == "event" {
            payload = json!({"allOf": [payload, {"$ref": "#/components/schemas/Event"}]});
        }
        messages.insert(name.to_owned(), frame(name, &description, &payload, &example));
    }
    let description = json!("A fresh access token of the same person, before the old one ends.");
    let example = json!({"type": "token", "accessToken": "eyJhbGciOiJFZERTQSJ9.e30.c2ln"});
    let token = client_frame(schemas).to_value();
    messages.insert("token".to_owned(), frame("token", &description, &token, &example));

    let out = frames().map(|(name, _)| name);
    let names = out.into_iter().chain(["token"]);
    let codes: Vec<Value> =
        close_codes().into_iter().map(|(code, reason)| json!({"code": code, "reason": reason})).collect();
    let channel = json!({
        "address": "/w/{handle}/v1/socket",
        "title": "A client's socket",
        "description": "Every event of every channel of the caller, RFC 6455, subprotocol `threadly.v1`; each message is a text \
                        of one JSON object. What the client has missed since its cursor comes first, or a `reset`; then \
                        `ready`; then what happens. The server's WebSocket pings are answered by every client; one that \
                        is silent for three of them is closed. 1012 and 4408 mean: come again with the cursor, \
                        after a pause; 1002 to 1009: the client is at fault; 4401: with a new token; 4403 and 4423: \
                        not before somebody lets you.",
        "servers": [{"$ref": "#/servers/edge"}],
        "parameters": {"handle": {"description": "The workspace's name in URLs.", "examples": ["acme"]}},
        "messages": messages_of(names),
        "bindings": {"ws": {
            "method": "GET",
            "query": {"type": "object", "properties": {"cursor": {
                "type": "string", "pattern": r"^c\d+(\.\d+)+$", "examples": ["c1.4711.320"],
                "description": "The last cursor that the client has merged. Without one, frames begin now.",
            }}},
            "headers": {"type": "object", "properties": {"Sec-WebSocket-Protocol": {
                "type": "string", "examples": ["threadly.v1, bearer.eyJhbGciOiJFZERTQSJ9.e30.c2ln"],
            }}},
            "bindingVersion": "0.1.0",
        }},
        "x-close-codes": codes,
    });
    let operation = |action: &str, summary: &str, names: &[&str]| {
        json!({
            "action": action, "summary": summary, "channel": {"$ref": "#/channels/socket"},
            "messages": references("socket", names.iter().copied()),
        })
    };
    let operations = [
        ("sendFrames".to_owned(), operation("send", "What the edge sends.", &out)),
        (
            "takeToken".to_owned(),
            operation("receive", "What a client may send: anything else ends the socket.", &["token"]),
        ),
    ];
    [Map::from_iter([("socket".to_owned(), channel)]), Map::from_iter(operations), messages]
}

fn frame(name: &str, description: &Value, payload: &Value, example: &Value) -> Value {
    json!({"name": name, "summary": description, "payload": payload, "examples": [{"name": name, "payload": example}]})
}
