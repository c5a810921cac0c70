//! Identities. Clients make UUIDv7 ids for what they create, so that every retry names the same thing.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh UUIDv7 (RFC 9562).
            #[must_use]
            pub fn random() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    };
}

uuid_id! {
    /// A person in one workspace.
    UserId
}
uuid_id! {
    /// A channel; also the key of everything in the message log, so that a channel has one order for everybody.
    ChannelId
}
uuid_id! {
    /// A message, unique within its channel. Made by the client; its timestamp is never trusted.
    MessageId
}
uuid_id! {
    /// One signed-in device.
    SessionId
}
uuid_id! {
    /// A token of a program's.
    TokenId
}
uuid_id! {
    /// A team of people.
    TeamId
}
uuid_id! {
    /// An invitation.
    InvitationId
}

/// The identity of a workspace for ever: 12 characters of lower-case base32, minted once in the control registry.
/// Topic, database and bucket names derive from it, so nothing is ever reused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct WorkspaceId(String);

/// A text that is no [`WorkspaceId`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a workspace id is 12 characters of a-z and 2-7")]
pub struct InvalidWorkspaceId;

impl WorkspaceId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `t_{id}`, the workspace's Postgres database.
    #[must_use]
    pub fn database(&self) -> String {
        format!("t_{}", self.0)
    }

    /// `threadly-{id}`, the workspace's bucket.
    #[must_use]
    pub fn bucket(&self) -> String {
        format!("threadly-{}", self.0)
    }

    /// `t.{id}.{kind}`, one of the workspace's Kafka topics.
    #[must_use]
    pub fn topic(&self, kind: TopicKind) -> String {
        format!("t.{}.{}", self.0, kind.as_str())
    }

    /// Whose topic a name is, and which of theirs; none if it is nobody's.
    #[must_use]
    pub fn of_topic(name: &str) -> Option<(Self, TopicKind)> {
        let (id, kind) = name.strip_prefix("t.")?.split_once('.')?;
        Some((id.parse().ok()?, kind.parse().ok()?))
    }
}

impl FromStr for WorkspaceId {
    type Err = InvalidWorkspaceId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = text.len() == 12 && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidWorkspaceId) }
    }
}

impl TryFrom<String> for WorkspaceId {
    type Error = InvalidWorkspaceId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a workspace in URLs: `/w/{handle}`. A DNS label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(String);

/// A text that is no [`Handle`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a handle is 1 to 63 of a-z, 0-9 and -, with no - at either end")]
pub struct InvalidHandle;

impl Handle {
    /// The handle as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Handle {
    type Err = InvalidHandle;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inside = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let valid = (1..=63).contains(&text.len())
            && text.bytes().all(inside)
            && !text.starts_with('-')
            && !text.ends_with('-');
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidHandle) }
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The five topics of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TopicKind {
    /// Messages and membership markers, keyed by channel.
    Messages,
    /// People, channels and memberships with their versions, keyed by entity.
    Directory,
    /// Read positions, preferences, inbox; keyed by user.
    Notifications,
    /// What is auditable.
    Audit,
    /// Records that no consumer can apply.
    DeadLetters,
}

impl TopicKind {
    /// All five.
    pub const ALL: [Self; 5] = [Self::Messages, Self::Directory, Self::Notifications, Self::Audit, Self::DeadLetters];

    /// The topic name's last part.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Directory => "directory",
            Self::Notifications => "notifications",
            Self::Audit => "audit",
            Self::DeadLetters => "dead-letters",
        }
    }
}

impl FromStr for TopicKind {
    type Err = UnknownTopicKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownTopicKind)
    }
}

/// A text that names none of the five topics.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("no such kind of topic")]
pub struct UnknownTopicKind;
