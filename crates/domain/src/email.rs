//! E-mail addresses. Only a message that arrives proves one; here it need only be sane, and safe in a letter's header.

use std::{fmt, str::FromStr};

use crate::names::is_unseen;

/// The longest address, in bytes: 64 before the `@`, 255 after it (RFC 5321).
const MAX_BYTES: usize = 320;

/// An address as its owner writes it; two that differ in case only are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

/// A text that can't be an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an e-mail address has one @ with something on both sides, no spaces, nothing that separates addresses, and at \
     most {MAX_BYTES} bytes"
)]
pub struct InvalidEmail;

impl Email {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        let two_sides = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
        let forbidden = |c: char| c.is_whitespace() || is_unseen(c) || separates(c);
        if two_sides && !text.contains(forbidden) && text.len() <= MAX_BYTES {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEmail)
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What has a meaning of its own in a header that lists addresses (RFC 5322, section 3.2.3); mailboxes of people have
/// none of it.
const fn separates(c: char) -> bool {
    matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '\\' | '"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_at_and_two_sides_and_nothing_that_is_not_seen() {
        assert_eq!(" Ada@acme.example ".parse::<Email>().unwrap().as_str(), "Ada@acme.example");
        for bad in ["", "@", "ada", "ada@", "@acme", "a@b@c", "a b@c", "a@b\0", "a\n@b", "a@b\u{a0}c", "a\u{202e}@b"] {
            assert_eq!(bad.parse::<Email>(), Err(InvalidEmail), "{bad:?}");
        }
    }

    #[test]
    fn an_address_brings_no_second_one_and_no_header_with_it() {
        for bad in ["a@b,c", "a@b;c", "<a@b>", "a@b\r\nBcc:c", "a@b\nSubject: x", "\"a\"@b", "a(x)@b", "a@[127.0.0.1]"]
        {
            assert_eq!(bad.parse::<Email>(), Err(InvalidEmail), "{bad:?}");
        }
        assert!("o'neil+news/x=1@mail.acme.example".parse::<Email>().is_ok());
    }

    #[test]
    fn the_limit_counts_bytes() {
        assert!(format!("{}@b", "ü".repeat(159)).parse::<Email>().is_ok());
        assert!(format!("{}@b", "ü".repeat(160)).parse::<Email>().is_err());
    }
}
