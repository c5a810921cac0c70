//! Roles and visibility: the same words in columns, events, API and policy.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum $name {
            $($(#[$vdoc])* $variant),+
        }

        impl $name {
            /// The word used in columns, events and the API.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err(UnknownWord(text.to_owned())) }
            }
        }
    };
}

/// A stored word that this version doesn't know.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown word {0:?}")]
pub struct UnknownWord(pub String);

words! {
    /// What a person is in a workspace.
    Role {
        /// The first, and whoever is given it: everything.
        Owner = "owner",
        /// Members, channels, others' content.
        Admin = "admin",
        /// Everyday work.
        Member = "member",
        /// The channels that they were let into, and who is there.
        Guest = "guest",
    }
}

impl Role {
    /// Owner or admin.
    #[must_use]
    pub fn administers(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }

    /// Whether whoever has this role may do all that the other may.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        self.rank() >= other.rank()
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Owner => 3,
            Self::Admin => 2,
            Self::Member => 1,
            Self::Guest => 0,
        }
    }
}

words! {
    /// What a person is in a channel.
    ChannelRole {
        /// May change the channel and remove members.
        Admin = "admin",
        /// May read and post.
        Member = "member",
    }
}

words! {
    /// Who may see that a channel exists and join it.
    Visibility {
        /// Everyone in the workspace.
        Public = "public",
        /// Its members only.
        Private = "private",
    }
}

words! {
    /// Who may post in a channel.
    Posting {
        /// Everybody in it.
        Everyone = "everyone",
        /// Its admins, and the workspace's who are in it.
        Admins = "admins",
    }
}

words! {
    /// What a channel is to its members.
    ChannelKind {
        /// It has a name, and people come and go.
        Channel = "channel",
        /// Two people, always the same.
        Direct = "direct",
        /// A few people, always the same.
        Group = "group",
    }
}

words! {
    /// What a person is in a team.
    TeamRole {
        /// May change the team and its members.
        Lead = "lead",
        /// Is mentioned with it.
        Member = "member",
    }
}

words! {
    /// What is behind an account.
    AccountKind {
        /// Somebody who signs in.
        Person = "person",
        /// A program, by its API tokens.
        Bot = "bot",
    }
}
