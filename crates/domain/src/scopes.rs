//! What an API token may be used for: never more than its person may.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::roles::UnknownWord;

/// One part of what a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
pub enum Scope {
    /// See people and teams.
    #[serde(rename = "people:read")]
    PeopleRead,
    /// Change one's profile, and teams.
    #[serde(rename = "people:write")]
    PeopleWrite,
    /// See channels and who is in them.
    #[serde(rename = "channels:read")]
    ChannelsRead,
    /// Make and change channels, let people in and out.
    #[serde(rename = "channels:write")]
    ChannelsWrite,
    /// Read messages, also by socket.
    #[serde(rename = "messages:read")]
    MessagesRead,
    /// Post, edit and delete.
    #[serde(rename = "messages:write")]
    MessagesWrite,
    /// What admins do: invitations, roles, bots.
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::PeopleRead,
        Self::PeopleWrite,
        Self::ChannelsRead,
        Self::ChannelsWrite,
        Self::MessagesRead,
        Self::MessagesWrite,
        Self::Admin,
    ];

    /// The word used in columns and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PeopleRead => "people:read",
            Self::PeopleWrite => "people:write",
            Self::ChannelsRead => "channels:read",
            Self::ChannelsWrite => "channels:write",
            Self::MessagesRead => "messages:read",
            Self::MessagesWrite => "messages:write",
            Self::Admin => "admin",
        }
    }
}

/// Several scopes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Scopes(u16);

impl Scopes {
    /// Of stored words.
    ///
    /// # Errors
    /// A word that this version doesn't know.
    pub fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownWord> {
        let find = |word: &str| Scope::ALL.into_iter().find(|scope| scope.as_str() == word);
        words.into_iter().map(|word| find(word).ok_or_else(|| UnknownWord(word.to_owned()))).collect()
    }

    /// Whether a scope is among them.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u16) != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | 1 << scope as u16))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Scope::as_str)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_a_scope_is_the_same_everywhere() {
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
            let scopes = Scopes::of_words([scope.as_str()]).unwrap();
            assert_eq!(scopes.iter().collect::<Vec<_>>(), [scope]);
        }
        assert!(Scopes::of_words(["everything"]).is_err());
    }
}
