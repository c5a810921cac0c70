//! What is written to a workspace's topics: `{"event": KIND, "data": {…}}`.
//!
//! A consumer ignores fields it doesn't know, and stops at a kind it doesn't know: consumers upgrade first.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    AccountKind, ChannelId, ChannelKind, ChannelRole, MessageId, Posting, Role, SessionId, TeamId, TeamRole, UserId,
    Visibility,
};

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($data:ident) = $kind:literal),+ $(,)?) => {
        /// Every event of every topic.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "event", content = "data")]
        pub enum Event {
            $($(#[$doc])* #[serde(rename = $kind)] $variant($data)),+
        }

        impl Event {
            /// Every kind, in the order of the code.
            pub const KINDS: &'static [&'static str] = &[$($kind),+];

            /// The event's kind, as in its `event` field.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $kind),+ }
            }

            /// Reads one record's value.
            ///
            /// # Errors
            /// [`DecodeError::UnknownKind`] for a well-formed event of a newer version, else [`DecodeError::Malformed`].
            pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
                let envelope: Envelope<'_> = serde_json::from_slice(value)?;
                match envelope.event.as_ref() {
                    $($kind => Ok(Self::$variant(serde_json::from_str(envelope.data.get())?)),)+
                    _ => Err(DecodeError::UnknownKind(envelope.event.chars().take(64).collect())),
                }
            }
        }
    };
}

events! {
    /// A message or reply appeared in a channel.
    MessageCreated(MessageCreated) = "THREAD_MESSAGE_CREATED",
    /// A message has a new text.
    MessageEdited(MessageEdited) = "THREAD_MESSAGE_EDITED",
    /// A message is gone for good.
    MessageDeleted(MessageDeleted) = "THREAD_MESSAGE_DELETED",
    /// A message that was posted can't be kept: a record of it went to the dead letters.
    MessageRejected(MessageRejected) = "THREAD_MESSAGE_REJECTED",
    /// The place from which a person receives a channel.
    MemberAdded(MemberAdded) = "CHANNEL_MEMBER_ADDED",
    /// The place after which a person receives nothing of a channel.
    MemberRemoved(MemberRemoved) = "CHANNEL_MEMBER_REMOVED",
    /// A channel is new, or has new properties.
    ChannelChanged(ChannelChanged) = "CHANNEL_CHANGED",
    /// A person is new, or has new properties.
    UserChanged(UserChanged) = "USER_CHANGED",
    /// A team is new, or has new properties.
    TeamChanged(TeamChanged) = "TEAM_CHANGED",
    /// Somebody is in a team, or no more.
    TeamMemberChanged(TeamMemberChanged) = "TEAM_MEMBER_CHANGED",
    /// A session was signed out, or an API token ended.
    SessionRevoked(SessionRevoked) = "SESSION_REVOKED",
    /// A record that a projection passed over.
    DeadLetter(DeadLetter) = "DEAD_LETTER",
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    event: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// Why a record's value is no event.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON, or not of the kind's shape: no consumer can ever apply it.
    #[error("malformed event: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A kind that a newer version wrote: this version must not skip it.
    #[error("unknown kind of event {0:?}")]
    UnknownKind(String),
}

impl Event {
    /// The record's value.
    ///
    /// # Errors
    /// None in practice: every field serializes.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// The channel that the event belongs to, if it belongs to one.
    #[must_use]
    pub fn channel(&self) -> Option<ChannelId> {
        match self {
            Self::MessageCreated(e) => Some(e.channel_id),
            Self::MessageEdited(e) => Some(e.channel_id),
            Self::MessageDeleted(e) => Some(e.channel_id),
            Self::MessageRejected(e) => Some(e.channel_id),
            Self::MemberAdded(e) => Some(e.channel_id),
            Self::MemberRemoved(e) => Some(e.channel_id),
            Self::ChannelChanged(e) => Some(e.channel_id),
            Self::UserChanged(_)
            | Self::TeamChanged(_)
            | Self::TeamMemberChanged(_)
            | Self::SessionRevoked(_)
            | Self::DeadLetter(_) => None,
        }
    }
}

/// See [`Event::MessageCreated`]. The first in the log fixes author and position, later ones of the same id are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageCreated {
    /// Made by the client.
    pub message_id: MessageId,
    /// Where it was said.
    pub channel_id: ChannelId,
    /// The message that it replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_message_id: Option<MessageId>,
    /// Who said it.
    pub user_id: UserId,
    /// What was said: 1 to 20,000 characters.
    pub text: String,
}

/// See [`Event::MessageEdited`]. Carries the full text; the last in the log wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageEdited {
    /// The message.
    pub message_id: MessageId,
    /// Its channel.
    pub channel_id: ChannelId,
    /// Who edited.
    pub user_id: UserId,
    /// The whole new text.
    pub text: String,
}

/// See [`Event::MessageDeleted`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageDeleted {
    /// The message.
    pub message_id: MessageId,
    /// Its channel.
    pub channel_id: ChannelId,
    /// Who deleted.
    pub user_id: UserId,
}

/// See [`Event::MessageRejected`]. A later CREATED of the same id is a new try, and may be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageRejected {
    /// The message.
    pub message_id: MessageId,
    /// Its channel.
    pub channel_id: ChannelId,
    /// Who posted it.
    pub user_id: UserId,
}

/// See [`Event::MemberAdded`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberAdded {
    /// The channel.
    pub channel_id: ChannelId,
    /// The person.
    pub user_id: UserId,
    /// What the person is there.
    pub role: ChannelRole,
    /// Counted per (channel, person); an older one is ignored.
    pub version: i64,
}

/// See [`Event::MemberRemoved`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberRemoved {
    /// The channel.
    pub channel_id: ChannelId,
    /// The person.
    pub user_id: UserId,
    /// Counted per (channel, person); an older one is ignored.
    pub version: i64,
}

/// See [`Event::ChannelChanged`]. Carries the whole new state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelChanged {
    /// The channel.
    pub channel_id: ChannelId,
    /// Unique in the workspace, case ignored.
    pub name: String,
    /// What it is about.
    pub topic: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// A channel if absent.
    #[serde(default = "channel", skip_serializing_if = "is_channel")]
    pub kind: ChannelKind,
    /// What it is for; empty if absent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// Everyone if absent.
    #[serde(default = "everyone", skip_serializing_if = "is_everyone")]
    pub posting: Posting,
    /// Nothing changes in it any more; false if absent.
    #[serde(default, skip_serializing_if = "is_false")]
    pub archived: bool,
    /// Counted per channel; an older one is ignored.
    pub version: i64,
}

const fn channel() -> ChannelKind {
    ChannelKind::Channel
}

fn is_channel(kind: &ChannelKind) -> bool {
    *kind == ChannelKind::Channel
}

const fn everyone() -> Posting {
    Posting::Everyone
}

fn is_everyone(posting: &Posting) -> bool {
    *posting == Posting::Everyone
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
const fn is_false(is: &bool) -> bool {
    !*is
}

const fn person() -> AccountKind {
    AccountKind::Person
}

fn is_person(kind: &AccountKind) -> bool {
    *kind == AccountKind::Person
}

/// See [`Event::UserChanged`]. Carries the whole new state; never the e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserChanged {
    /// The person.
    pub user_id: UserId,
    /// As shown to others.
    pub display_name: String,
    /// In the workspace.
    pub role: Role,
    /// False once deactivated.
    pub active: bool,
    /// The SHA-256 of their picture, in hexadecimal; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// A person if absent.
    #[serde(default = "person", skip_serializing_if = "is_person")]
    pub kind: AccountKind,
    /// What they do; empty if absent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Their zone in the IANA database; UTC if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What they say that they are doing; absent if nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Counted per person; an older one is ignored.
    pub version: i64,
}

/// What somebody says that they are doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// One emoji; may be empty.
    #[serde(default)]
    pub emoji: String,
    /// In words; may be empty.
    #[serde(default)]
    pub text: String,
    /// Over from then on, if it is not for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// See [`Event::TeamChanged`]. Carries the whole new state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeamChanged {
    /// The team.
    pub team_id: TeamId,
    /// Unique among the workspace's teams.
    pub name: String,
    /// What it does; may be empty.
    pub description: String,
    /// It is no more.
    pub archived: bool,
    /// Counted per team; an older one is ignored.
    pub version: i64,
}

/// See [`Event::TeamMemberChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeamMemberChanged {
    /// The team.
    pub team_id: TeamId,
    /// The person.
    pub user_id: UserId,
    /// What the person is there.
    pub role: TeamRole,
    /// Whether the person is in.
    pub active: bool,
    /// Counted per (team, person); an older one is ignored.
    pub version: i64,
}

/// See [`Event::SessionRevoked`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionRevoked {
    /// The session.
    pub session_id: SessionId,
    /// Whose it was.
    pub user_id: UserId,
}

/// See [`Event::DeadLetter`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// Which projection passed over it.
    pub projection: String,
    /// The topic's kind.
    pub topic: String,
    /// Its epoch.
    pub epoch: u32,
    /// Its partition.
    pub partition: u32,
    /// Its offset.
    pub offset: i64,
    /// `Undecodable` or `Rejected`.
    pub reason: String,
    /// In words.
    pub detail: String,
    /// The record's bytes, in base64 (RFC 4648, section 4), up to 512 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}
