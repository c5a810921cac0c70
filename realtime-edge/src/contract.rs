//! What goes over a socket, as JSON Schema: for the AsyncAPI document, and for whoever checks frames against it.

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::{
    frame::{ClientFrame, Reset},
    socket::End,
};

/// A frame from the edge: the text of one message, a JSON object.
#[derive(Clone, Debug, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum ServerFrame {
    /// A record of the workspace's log: its own JSON, and before it its place and time.
    Event {
        /// Where it stands. Clients merge it into their cursor.
        #[schemars(regex(pattern = r"^p\d+\.\d+\.\d+$"))]
        position: String,
        /// By the log's clock.
        time: DateTime<Utc>,
        /// Its kind.
        event: String,
        /// What the kind says.
        data: serde_json::Map<String, serde_json::Value>,
    },
    /// What the client has missed has come; from here on frames come as things happen.
    Ready {
        /// Where the client stands now.
        #[schemars(regex(pattern = r"^c\d+(\.\d+)+$"))]
        cursor: String,
    },
    /// Everything before the cursor has been sent, to this client or to nobody.
    Ping {
        /// Where the client stands now.
        #[schemars(regex(pattern = r"^c\d+(\.\d+)+$"))]
        cursor: String,
    },
    /// What was missed can't be sent: forget what is known, and read it again from the cursor on.
    Reset {
        /// Why.
        reason: Reset,
        /// Where the client stands once it has.
        #[schemars(regex(pattern = r"^c\d+(\.\d+)+$"))]
        cursor: String,
    },
}

/// The schema of what a client may send.
pub fn client_frame(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<ClientFrame>()
}

/// Every code that the edge closes a socket with, and the reasons that come with it.
#[must_use]
pub fn close_codes() -> Vec<(u16, &'static str)> {
    End::ALL.into_iter().filter_map(End::words).collect()
}

#[cfg(test)]
mod tests {
    use domain::{Cursor, Event, MessageId, Position, events::MessageDeleted};
    use serde_json::Value;

    use super::*;
    use crate::frame;

    #[test]
    fn frames_as_they_are_written_are_those_that_are_described() {
        let schema = schemars::schema_for!(ServerFrame);
        let schema = jsonschema::validator_for(schema.as_value()).unwrap();
        let cursor = Cursor { epoch: 1, next: vec![4711, 320] };
        let position = Position { epoch: 1, partition: 0, offset: 4711 };
        let (message_id, channel_id) = (MessageId::random(), domain::ChannelId::random());
        let gone = MessageDeleted { message_id, channel_id, user_id: domain::UserId::random() };
        let record = Event::MessageDeleted(gone).encode().unwrap();
        let mut frames = vec![frame::ready(&cursor), frame::ping(&cursor)];
        frames.extend(frame::event(&position, Utc::now(), &record));
        frames.extend(Reset::ALL.map(|reason| frame::reset(reason, &cursor)));
        assert_eq!(frames.len(), 7);
        for frame in frames {
            let mut json: Value = serde_json::from_str(frame.json()).unwrap();
            assert!(schema.is_valid(&json), "{json}");
            json["cursor"] = Value::from("1.2");
            json["position"] = Value::from("1.2");
            assert!(!schema.is_valid(&json), "{json}");
        }
    }

    #[test]
    fn every_reason_to_close_is_told() {
        let codes = close_codes();
        assert_eq!(codes.len(), End::ALL.len());
        assert!(codes.iter().all(|(code, reason)| *code >= 1002 && (1..=123).contains(&reason.len())), "{codes:?}");
    }
}
