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
    }
}

impl Role {
    /// Owner or admin.
    #[must_use]
    pub fn administers(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
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
