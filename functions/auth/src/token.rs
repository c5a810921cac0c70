//! Opaque tokens: 32 random bytes as text. Only the SHA-256 is stored, which no dump of the database turns back.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// A token for its one holder; does not print.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    pub(crate) fn random() -> Self {
        Self(BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>()))
    }

    /// The token itself: 43 characters of base64url.
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
}
