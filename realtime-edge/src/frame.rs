//! What goes over a socket: RFC 6455 frames, mostly texts of one JSON object. Servers don't mask, so an event is encoded
//! once, header and all, and shared by all its receivers.

use std::fmt::{Arguments, Write};

use axum::body::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::{Cursor, Position};
use schemars::JsonSchema;
use serde::Deserialize;

/// The final, and here only, fragment of a text.
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
/// Kind, length, and a long length of eight bytes.
const LONGEST_HEADER: usize = 10;
/// What stands around an event's own JSON, at most.
const AROUND_EVENT: usize = 160;

/// An encoded frame; clones share its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame(Bytes);

impl Frame {
    /// What is written.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Bytes on the wire.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// A frame that somebody else has encoded.
    pub(crate) fn encoded(bytes: &[u8]) -> Self {
        Self(Bytes::copy_from_slice(bytes))
    }

    #[cfg(test)]
    pub(crate) fn json(&self) -> &str {
        let header = match self.0[1] {
            127 => 10,
            126 => 4,
            _ => 2,
        };
        std::str::from_utf8(&self.0[header..]).unwrap()
    }
}

/// A text; `room` is a guess of its length.
fn text(words: Arguments<'_>, room: usize) -> Frame {
    let mut draft = String::with_capacity(LONGEST_HEADER + room);
    draft.extend([' '; LONGEST_HEADER]);
    // Writing to a string can't fail.
    let _ = draft.write_fmt(words);
    let mut bytes = draft.into_bytes();
    let length = bytes.len() - LONGEST_HEADER;
    let mut header = [TEXT; LONGEST_HEADER];
    let size = match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => {
            header[1] = short;
            2
        }
        (_, Ok(medium)) => {
            header[1] = 126;
            header[2..4].copy_from_slice(&medium.to_be_bytes());
            4
        }
        _ => {
            header[1] = 127;
            header[2..].copy_from_slice(&(length as u64).to_be_bytes());
            LONGEST_HEADER
        }
    };
    let start = LONGEST_HEADER - size;
    bytes[start..LONGEST_HEADER].copy_from_slice(&header[..size]);
    Frame(Bytes::from(bytes).slice(start..))
}

/// Why a client has to read its channels anew instead of resuming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub enum Reset {
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
    #[cfg(test)]
    pub(crate) const ALL: [Self; 4] = [Self::EpochChanged, Self::HistoryExpired, Self::TooFarBehind, Self::AheadOfLog];

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
    let body = body.trim_ascii_start();
    let words = format_args!(r#"{{"type":"event","position":"{position}","time":"{time}",{body}"#);
    Some(text(words, AROUND_EVENT + body.len()))
}

/// From here on frames come as they happen.
pub(crate) fn ready(cursor: &Cursor) -> Frame {
    text(format_args!(r#"{{"type":"ready","cursor":"{cursor}"}}"#), AROUND_EVENT)
}

/// Everything before the cursor has been sent.
pub(crate) fn ping(cursor: &Cursor) -> Frame {
    text(format_args!(r#"{{"type":"ping","cursor":"{cursor}"}}"#), AROUND_EVENT)
}

/// Forget what is known, and read it again from the cursor on.
pub(crate) fn reset(reason: Reset, cursor: &Cursor) -> Frame {
    let words = format_args!(r#"{{"type":"reset","reason":"{}","cursor":"{cursor}"}}"#, reason.as_str());
    text(words, AROUND_EVENT)
}

/// A WebSocket ping, which browsers answer by themselves.
pub(crate) fn probe() -> Frame {
    Frame(Bytes::from_static(&[PING, 0]))
}

/// The last frame of a socket. The reason has at most 123 bytes; without a code there is none.
pub(crate) fn close(code: Option<u16>, reason: &str) -> Frame {
    let mut bytes = vec![CLOSE, 0];
    if let Some(code) = code {
        bytes.extend(code.to_be_bytes());
        bytes.extend(reason.as_bytes());
    }
    bytes[1] = u8::try_from(bytes.len() - 2).unwrap_or_default();
    Frame(bytes.into())
}

/// What a client may send.
#[derive(Debug, Deserialize, JsonSchema)]
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
    use std::io;

    use domain::{ChannelId, Event, MessageId, UserId, events::MessageDeleted};
    use serde_json::{Value, json};
    use tungstenite::{
        Message,
        protocol::{CloseFrame, Role, WebSocket},
    };

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
        let json: Value = serde_json::from_str(frame.json()).unwrap();
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
            let json: Value = serde_json::from_str(frame.json()).unwrap();
            assert_eq!(json, json!({"type": kind, "cursor": "c1.4711.320"}));
        }
        let json: Value = serde_json::from_str(reset(Reset::HistoryExpired, &cursor).json()).unwrap();
        assert_eq!(json, json!({"type": "reset", "reason": "history-expired", "cursor": "c1.4711.320"}));
    }

    #[test]
    fn frames_of_every_length_read_as_rfc_6455_says() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 200_000] {
            let words = "x".repeat(length);
            let frame = text(format_args!("{words}"), 0);
            let mut socket = WebSocket::from_raw_socket(io::Cursor::new(frame.bytes().to_vec()), Role::Client, None);
            assert_eq!(socket.read().unwrap(), Message::text(words), "{length}");
        }
        let mut socket = WebSocket::from_raw_socket(
            io::Cursor::new([probe().bytes(), close(Some(4408), "slow reader").bytes()].concat()),
            Role::Client,
            None,
        );
        assert_eq!(socket.read().unwrap(), Message::Ping(Bytes::new()));
        let frame = CloseFrame { code: 4408.into(), reason: "slow reader".into() };
        assert_eq!(socket.read().unwrap(), Message::Close(Some(frame)));
        assert_eq!(close(None, "").bytes(), [CLOSE, 0]);
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
