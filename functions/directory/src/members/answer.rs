//! What clients see of a channel's members, and how they name them in paths.

use domain::{AccountKind, ChannelId, ChannelRole, UserId, events::Status};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Avatar;

/// A member of a channel in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(crate) struct MemberPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The channel.
    pub channel_id: ChannelId,
    /// The person.
    pub user_id: UserId,
}

/// A member of a channel or a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    /// The person's id.
    pub user_id: UserId,
    /// As shown to others.
    pub display_name: String,
    /// In the channel.
    pub role: ChannelRole,
    /// A person, or a program.
    pub kind: AccountKind,
    /// False once deactivated.
    pub active: bool,
    /// What they do; may be empty.
    pub title: String,
    /// What they say that they are doing; null if nothing, or once it is over.
    pub status: Option<Status>,
    /// The person's picture; null without one.
    pub avatar: Option<Avatar>,
}

/// A page of members, in the order of their ids.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberPage {
    /// The members.
    pub items: Vec<Member>,
    /// For the next page; null at the end.
    pub next_cursor: Option<String>,
}
