//! What clients see of conversations.

use chrono::{DateTime, Utc};
use domain::{ChannelId, ChannelKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::members::answer::Member;

/// A conversation that the caller is in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Conversation {
    /// The id of its channel, which messages go by.
    pub channel_id: ChannelId,
    /// `direct` of two people, `group` of more.
    pub kind: ChannelKind,
    /// Everybody in it, the caller too, in the order of their ids.
    pub members: Vec<Member>,
    /// When it was opened first.
    pub created_at: DateTime<Utc>,
}

/// A page of conversations, the one that was opened last first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationPage {
    /// The conversations.
    pub items: Vec<Conversation>,
    /// For the next page; null at the end.
    pub next_cursor: Option<String>,
}
