//! What clients see of messages, and how they name them.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{
    ChannelId, MessageId, Position, UserId,
    fold::{Content, Message},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// In answers to writes: the record's place. In answers to reads: the place up to which the answer is complete.
pub(crate) const POSITION: HeaderName = HeaderName::from_static("threadly-position");

/// A message in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(crate) struct MessagePath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The channel.
    pub channel_id: ChannelId,
    /// The message.
    pub message_id: MessageId,
}

/// A channel in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(crate) struct ChannelPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The channel.
    pub channel_id: ChannelId,
}

/// The answer to a write.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Written {
    /// The message.
    pub message_id: MessageId,
    /// The record's place in the log; `atLeast` takes it.
    #[schema(value_type = String, example = "p1.0.4711")]
    pub position: Position,
    /// By the log's clock.
    pub time: DateTime<Utc>,
}

impl Written {
    pub(crate) fn answer(self, status: StatusCode) -> Response {
        let position = position_header(self.position);
        (status, [(POSITION, position)], Json(self)).into_response()
    }
}

/// The header's value of a place.
pub(crate) fn position_header(position: Position) -> HeaderValue {
    HeaderValue::from_str(&position.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A message as read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageView {
    /// Its id.
    pub message_id: MessageId,
    /// Its channel.
    pub channel_id: ChannelId,
    /// The message that it replies to.
    pub parent_message_id: Option<MessageId>,
    /// Who said it.
    pub user_id: UserId,
    /// The last text; null once deleted.
    pub text: Option<String>,
    /// Dense per channel, from 1, in log order.
    pub sequence: i64,
    /// Replies that are not deleted; 0 for replies.
    pub reply_count: i64,
    /// By the log's clock.
    pub created_at: DateTime<Utc>,
    /// By the log's clock.
    pub edited_at: Option<DateTime<Utc>>,
    /// By the log's clock.
    pub deleted_at: Option<DateTime<Utc>>,
    /// The place of its CREATED.
    #[schema(value_type = String, example = "p1.0.4711")]
    pub position: Position,
    /// The place of its last change.
    #[schema(value_type = String, example = "p1.0.4720")]
    pub changed_position: Position,
}

impl MessageView {
    pub(crate) fn new(message: Message, sequence: i64, reply_count: i64) -> Self {
        let (text, edited_at, deleted_at) = match message.content {
            Content::Live { text, edited_at } => (Some(text), edited_at, None),
            Content::Deleted { at } => (None, None, Some(at)),
        };
        Self {
            message_id: message.id,
            channel_id: message.channel,
            parent_message_id: message.parent,
            user_id: message.author,
            text,
            sequence,
            reply_count,
            created_at: message.created_at,
            edited_at,
            deleted_at,
            position: message.created,
            changed_position: message.changed,
        }
    }
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessagePage {
    /// In the order that the endpoint says.
    pub items: Vec<MessageView>,
    /// For the next page; null at the end.
    pub next_cursor: Option<String>,
}
