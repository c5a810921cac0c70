//! A workspace's Kafka topics: what is written where, under which key, and with which headers.

use domain::{Event, ids::TopicKind};
use include_dir::{Dir, include_dir};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::{messages_of, references, variant};

/// Every shape of every event that was ever written.
static GOLDEN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../crates/domain/golden/v1");

/// The topics' part of the document.
#[derive(Default)]
pub(super) struct Part {
    pub(super) channels: Map<String, Value>,
    pub(super) operations: Map<String, Value>,
    pub(super) messages: Map<String, Value>,
}

/// Where an event is written, and which id is its key.
fn places(event: &Event) -> (&'static [TopicKind], &'static str) {
    use TopicKind::{DeadLetters, Directory, Messages};
    match event {
        Event::MessageCreated(_) | Event::MessageEdited(_) | Event::MessageDeleted(_) | Event::MessageRejected(_) => {
            (&[Messages], "The channel's id.")
        }
        Event::MemberAdded(_) | Event::MemberRemoved(_) => (&[Messages, Directory], "The channel's id."),
        Event::ChannelChanged(_) => (&[Directory], "The channel's id."),
        Event::UserChanged(_) | Event::SessionRevoked(_) => (&[Directory], "The person's id."),
        Event::TeamChanged(_) | Event::TeamMemberChanged(_) => (&[Directory], "The team's id."),
        Event::DeadLetter(_) => (&[DeadLetters], "The nil UUID."),
    }
}

fn about(kind: TopicKind) -> &'static str {
    match kind {
        TopicKind::Messages => {
            "What is said in channels, and the places from which and up to which each person receives one. A channel's \
             records are in one partition, in one order for everybody; a record's time is the broker's append time. \
             Records that were driven anew from the dead letters have neither key nor headers."
        }
        TopicKind::Directory => {
            "People, channels, teams and who is in them: each event carries a version, an older one is ignored."
        }
        TopicKind::DeadLetters => "Records that a projection passed over, with their bytes.",
        TopicKind::Notifications | TopicKind::Audit => "",
    }
}

pub(super) fn part(schemas: &mut SchemaGenerator) -> Part {
    let event = schemas.subschema_for::<Event>();
    debug_assert_eq!(event.get("$ref"), Some(&json!("#/components/schemas/Event")));
    let variants = schemas.definitions().get("Event").cloned().unwrap_or_default();
    let examples = golden();
    let mut part = Part::default();
    for kind in Event::KINDS.iter().copied() {
        let of_kind: Vec<&(String, Event, Value)> =
            examples.iter().filter(|(_, event, _)| event.kind() == kind).collect();
        let Some((_, first, _)) = of_kind.first() else { continue };
        let (topics, key) = places(first);
        let (summary, payload) = variant(&variants, "event", kind);
        let shown =
            of_kind.iter().map(|(name, _, value)| json!({"name": name, "headers": headers(kind), "payload": value}));
        let message = json!({
            "name": kind,
            "summary": summary,
            "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
            "payload": payload,
            "bindings": {"kafka": {
                "key": {"type": "string", "format": "uuid", "description": key}, "bindingVersion": "0.5.0",
            }},
            "examples": shown.collect::<Vec<_>>(),
        });
        part.messages.insert(kind.to_owned(), message);
        for topic in topics {
            part.add(*topic, kind);
        }
    }
    part
}

impl Part {
    /// An event in a topic.
    fn add(&mut self, topic: TopicKind, kind: &str) {
        let channel = self.channels.entry(topic.as_str()).or_insert_with(|| {
            json!({
                "address": format!("t.{{workspaceId}}.{}", topic.as_str()),
                "description": about(topic),
                "servers": [{"$ref": "#/servers/log"}],
                "parameters": {"workspaceId": {
                    "description": "The workspace's id: 12 of a-z and 2-7.", "examples": ["k3v7q2hdm6xa"],
                }},
                "messages": {},
            })
        });
        if let Some(messages) = channel["messages"].as_object_mut() {
            messages.extend(messages_of([kind]));
        }
        let operation = self.operations.entry(format!("write-{}", topic.as_str())).or_insert_with(|| {
            let channel = format!("#/channels/{}", topic.as_str());
            json!({"action": "send", "channel": {"$ref": channel}, "messages": []})
        });
        if let Some(messages) = operation["messages"].as_array_mut() {
            messages.extend(references(topic.as_str(), [kind]));
        }
    }
}

/// Name, event and text of each golden file, in the order of their names.
fn golden() -> Vec<(String, Event, Value)> {
    let mut all: Vec<_> = GOLDEN
        .files()
        .filter_map(|file| {
            let name = file.path().file_stem()?.to_str()?.to_owned();
            Some((name, Event::decode(file.contents()).ok()?, serde_json::from_slice(file.contents()).ok()?))
        })
        .collect();
    all.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    all
}

/// What every record carries: CloudEvents 1.0 in Kafka's binary content mode.
pub(super) fn trait_of_all() -> Value {
    json!({
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "description": "CloudEvents 1.0, binary content mode.",
            "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "content-type"],
            "properties": {
                "ce_specversion": {"const": "1.0"},
                "ce_id": {"type": "string", "format": "uuid", "description": "Of this record: a retry has another one."},
                "ce_source": {"type": "string", "pattern": "^/workspaces/[a-z2-7]{12}$"},
                "ce_type": {"enum": Event::KINDS},
                "content-type": {"const": "application/json"},
            },
        },
    })
}

fn headers(kind: &str) -> Value {
    json!({
        "ce_specversion": "1.0", "ce_id": "01934f2e-0000-7000-8000-0000000000ff", "ce_source": "/workspaces/k3v7q2hdm6xa",
        "ce_type": kind, "content-type": "application/json",
    })
}
