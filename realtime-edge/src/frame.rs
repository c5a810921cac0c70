//! What goes over a socket: one JSON object a frame. An event is encoded once and shared by all its receivers.

use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::{Cursor, Position};
use serde::Deserialize;

/// An encoded frame; clones share its bytes.
pub(crate) type Frame = Utf8Bytes;

/// Why a client has to read its channels anew instead of resuming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reset {
    /// The log lost records, and its epoch was raised.
    EpochChanged,
    /// The log no longer holds what the client has missed.
    HistoryExpired,
    /// It missed more than is read again.
    TooFarBehind,
    /// It has seen what the log never held.
    AheadOfLog,
}

impl Reset {
    /// Stable, for clients and metrics.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::EpochChanged => "epoch-changed",
            Self::HistoryExpired => "history-expired",
            Self::TooFarBehind => "too-far-behind",
            Self::AheadOfLog => "ahead-of-log",
        }
    }
}

/// The record's own JSON with its place and time before it, or nothing if it is no JSON object.
pub(crate) fn event(position: &Position, time: DateTime<Utc>, value: &[u8]) -> Option<Frame> {
    let body = std::str::from_utf8(value).ok()?.trim_ascii().strip_prefix('{')?;
    let time = time.to_rfc3339_opts(SecondsFormat::Millis, true);
    Some(format!(r#"{{"type":"event","position":"{position}","time":"{time}",{}"#, body.trim_ascii_start()).into())
}

/// From here on frames come as they happen.
pub(crate) fn ready(cursor: &Cursor) -> Frame {
    format!(r#"{{"type":"ready","cursor":"{cursor}"}}"#).into()
}

/// Everything before the cursor has been sent.
pub(crate) fn ping(cursor: &Cursor) -> Frame {
    format!(r#"{{"type":"ping","cursor":"{cursor}"}}"#).into()
}

/// Forget what is known, and read it again from the cursor on.
pub(crate) fn reset(reason: Reset, cursor: &Cursor) -> Frame {
    format!(r#"{{"type":"reset","reason":"{}","cursor":"{cursor}"}}"#, reason.as_str()).into()
}

/// What a client may send.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum ClientFrame {
    /// A fresh access token of the same person, before the old one ends.
    #[serde(rename_all = "camelCase")]
    Token {
        /// The token.
        access_token: String,
    },
}

#[cfg(test)]
mod tests {
    use domain::{ChannelId, Event, MessageId, UserId, events::MessageDeleted};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_event_frame_carries_the_records_own_json() {
        let event = Event::MessageDeleted(MessageDeleted {
            message_id: MessageId::random(),
            channel_id: ChannelId::random(),
            user_id: UserId::random(),
        });
        let position = Position { epoch: 1, partition: 0, offset: 4711 };
        let time = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        let frame = super::event(&position, time, &event.encode().unwrap()).unwrap();
        let json: Value = serde_json::from_str(&frame).unwrap();
        assert_eq!(
            json,
            json!({
                "type": "event", "position": "p1.0.4711", "time": "2023-11-14T22:13:20.123Z",
                "event": "THREAD_MESSAGE_DELETED", "data": serde_json::to_value(&event).unwrap()["data"],
            })
        );
    }

    #[test]
    fn other_frames_are_json_and_carry_a_cursor() {
        let cursor = Cursor { epoch: 1, next: vec![4711, 320] };
        for (frame, kind) in [(ready(&cursor), "ready"), (ping(&cursor), "ping")] {
            let json: Value = serde_json::from_str(&frame).unwrap();
            assert_eq!(json, json!({"type": kind, "cursor": "c1.4711.320"}));
        }
        let json: Value = serde_json::from_str(&reset(Reset::HistoryExpired, &cursor)).unwrap();
        assert_eq!(json, json!({"type": "reset", "reason": "history-expired", "cursor": "c1.4711.320"}));
    }

    #[test]
    fn no_client_frame_but_a_token_is_taken() {
        let parse = |text: &str| serde_json::from_str::<ClientFrame>(text).is_ok();
        assert!(parse(r#"{"type":"token","accessToken":"a.b.c"}"#));
        for text in
            ["", "x", "{}", "[]", r#"{"type":"post"}"#, r#"{"type":"token"}"#, r#"{"type":"token","accessToken":1}"#]
        {
            assert!(!parse(text), "{text}");
        }
    }
}
