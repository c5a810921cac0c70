//! E-mail addresses. Only a message that arrives proves one; here it need only be sane.

use std::str::FromStr;

use function_host::Problem;

/// The longest address, in bytes: 64 before the `@`, 255 after it (RFC 5321).
const MAX_BYTES: usize = 320;

/// An address as its owner writes it; two that differ in case only are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email(String);

/// A text that can't be an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address has one @ with something on both sides, no spaces, and at most {MAX_BYTES} bytes")]
pub struct InvalidEmail;

impl Email {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        let two_sides = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
        let printable = !text.contains(|c: char| c.is_control() || c.is_whitespace());
        if two_sides && printable && text.len() <= MAX_BYTES { Ok(Self(text.to_owned())) } else { Err(InvalidEmail) }
    }
}

impl From<InvalidEmail> for Problem {
    fn from(error: InvalidEmail) -> Self {
        Self::unprocessable("email-invalid", error.to_string()).at("email")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_at_and_two_sides_and_nothing_unprintable() {
        assert_eq!(" Ada@acme.example ".parse::<Email>().unwrap().as_str(), "Ada@acme.example");
        for bad in ["", "@", "ada", "ada@", "@acme", "a@b@c", "a b@c", "a@b\0", "a\n@b", "a@b\u{a0}c"] {
            assert_eq!(bad.parse::<Email>(), Err(InvalidEmail), "{bad:?}");
        }
    }

    #[test]
    fn the_limit_counts_bytes() {
        assert!(format!("{}@b", "ü".repeat(159)).parse::<Email>().is_ok());
        assert!(format!("{}@b", "ü".repeat(160)).parse::<Email>().is_err());
    }
}
