//! What clients see of people, channels and members, and how they name them in paths.

use chrono::{DateTime, Utc};
use domain::{ChannelId, ChannelRole, Handle, Role, UserId, Visibility};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The workspace in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct WorkspacePath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
}

/// A person in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(crate) struct PersonPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The person.
    pub user_id: UserId,
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

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Avatar {
    /// The content's SHA-256 in hexadecimal: whoever has a picture of this digest need not ask for it again.
    pub digest: String,
    /// The path that leads to it; another one once the picture is another.
    pub url: String,
}

impl Avatar {
    pub(crate) fn new(handle: &Handle, user: UserId, digest: &str) -> Self {
        let url = format!("/w/{handle}/v1/people/{user}/avatar?digest={digest}");
        Self { digest: digest.to_owned(), url }
    }
}

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Me {
    /// The caller's id.
    pub user_id: UserId,
    /// The address that the caller signs in with; nobody else is told. Null where none is known.
    pub email: Option<String>,
    /// As shown to others.
    pub display_name: String,
    /// In the workspace.
    pub role: Role,
    /// The caller's picture; null without one.
    pub avatar: Option<Avatar>,
}

/// Somebody in the workspace.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    /// The person's id.
    pub user_id: UserId,
    /// As shown to others.
    pub display_name: String,
    /// In the workspace.
    pub role: Role,
    /// False once deactivated; listed still, because their messages stay.
    pub active: bool,
    /// The person's picture; null without one.
    pub avatar: Option<Avatar>,
}

/// A page of people, in the order of their ids.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PeoplePage {
    /// The people.
    pub items: Vec<Person>,
    /// For the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// A channel as the caller sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelView {
    /// The channel's id.
    pub channel_id: ChannelId,
    /// Unique in the workspace, case ignored.
    pub name: String,
    /// What it is about; may be empty.
    pub topic: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// What the caller is in it; null for a public channel that the caller is not in.
    pub membership: Option<ChannelRole>,
    /// Raised by one at every change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl ChannelView {
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

/// A member of a channel.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    /// The person's id.
    pub user_id: UserId,
    /// As shown to others.
    pub display_name: String,
    /// In the channel.
    pub role: ChannelRole,
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
