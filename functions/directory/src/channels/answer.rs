//! What clients see of channels, and how they name them in paths.

use chrono::{DateTime, Utc};
use domain::{ChannelId, ChannelKind, ChannelRole, Posting, Visibility};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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

/// A channel as the caller sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelView {
    /// The channel's id.
    pub channel_id: ChannelId,
    /// A channel, or a conversation of people who are always the same.
    pub kind: ChannelKind,
    /// Unique among the workspace's channels, as are names that look alike; empty for conversations.
    pub name: String,
    /// What is talked about now; may be empty.
    pub topic: String,
    /// What the channel is for, in one line or several; may be empty.
    pub purpose: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// Who may post in it.
    pub posting: Posting,
    /// Whether it can only be read.
    pub archived: bool,
    /// What the caller is in it; null for a public channel that the caller is not in.
    pub membership: Option<ChannelRole>,
    /// Raised by one at every change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl ChannelView {
    /// What is shown beyond what the version says.
    pub(crate) fn shade(&self) -> &'static str {
        self.membership.map_or("", ChannelRole::as_str)
    }

    /// Whether the caller may see it at all.
    pub(crate) fn is_visible(&self) -> bool {
        self.visibility == Visibility::Public || self.membership.is_some()
    }
}

/// A page of channels, in the order of their names, case ignored.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelPage {
    /// The channels.
    pub items: Vec<ChannelView>,
    /// For the next page; null at the end.
    pub next_cursor: Option<String>,
}
