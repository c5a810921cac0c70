//! Opaque tokens: 32 random bytes as text. Only the SHA-256 is stored, which no dump of the database turns back.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A token for its one holder; does not print.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    pub(crate) fn random() -> Self {
        Self(BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>()))
    }

    /// A refresh token: what all of its session's begin with, and 32 random bytes.
    pub(crate) fn of_family(family: Family) -> Self {
        let bytes = [family.0.as_bytes().as_slice(), &rand::random::<[u8; 32]>()].concat();
        Self(BASE64URL_NOPAD.encode(&bytes))
    }

    /// The token itself, in base64url: 43 characters, of a refresh token 64.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn digest(&self) -> TokenDigest {
        TokenDigest::of(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What all refresh tokens of one session begin with. It is no secret in itself: it lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Family(pub(crate) Uuid);

impl Family {
    /// Of a refresh token that somebody presents, if it is one.
    pub(crate) fn of(presented: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(presented.as_bytes()).ok().filter(|bytes| bytes.len() == 48)?;
        Uuid::from_slice(bytes.get(..16)?).ok().map(Self)
    }
}

/// What is stored of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// Of a token that somebody presents.
    pub(crate) fn of(presented: &str) -> Self {
        Self(Sha256::digest(presented).into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_digest_and_does_not_print() {
        let (one, other) = (Token::random(), Token::random());
        assert_eq!(one.expose().len(), 43);
        assert_eq!(TokenDigest::of(one.expose()), one.digest());
        assert_ne!(one.digest(), other.digest());
        assert_eq!(format!("{one:?}"), "Token(…)");
    }

    #[test]
    fn a_refresh_token_tells_its_family_and_nothing_else_is_one() {
        let family = Family(Uuid::now_v7());
        let (one, other) = (Token::of_family(family), Token::of_family(family));
        assert_ne!(one.digest(), other.digest());
        assert_eq!((one.expose().len(), Family::of(one.expose())), (64, Some(family)));
        for bad in ["", "\0", "x", Token::random().expose(), &one.expose()[1..], &format!("{}A", one.expose())] {
            assert_eq!(Family::of(bad), None, "{bad}");
        }
    }
}
