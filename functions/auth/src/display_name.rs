//! What others call somebody.

use std::str::FromStr;

use function_host::Problem;

/// The longest name, in Unicode scalar values.
const MAX_CHARS: usize = 80;

/// A name of one line, without white space at its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DisplayName(String);

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidDisplayName {
    #[error("a display name needs some text")]
    Empty,
    #[error("a display name has at most {MAX_CHARS} characters")]
    TooLong,
    #[error("a display name has no control characters")]
    ControlCharacter,
}

impl DisplayName {
    /// The name of somebody who has not said any: what stands before the address's `@`.
    pub(crate) fn of_address(email: &str) -> Self {
        Self(email.split('@').next().unwrap_or_default().chars().take(MAX_CHARS).collect())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DisplayName {
    type Err = InvalidDisplayName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidDisplayName::Empty);
        }
        if text.chars().nth(MAX_CHARS).is_some() {
            return Err(InvalidDisplayName::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidDisplayName::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }
}

impl From<InvalidDisplayName> for Problem {
    fn from(error: InvalidDisplayName) -> Self {
        let code = match error {
            InvalidDisplayName::Empty => "display-name-empty",
            InvalidDisplayName::TooLong => "display-name-too-long",
            InvalidDisplayName::ControlCharacter => "display-name-control-character",
        };
        Self::unprocessable(code, error.to_string()).at("displayName")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_trimmed_line_of_at_most_80_characters() {
        assert_eq!(" Ada L. ".parse::<DisplayName>().unwrap().as_str(), "Ada L.");
        assert!("ü".repeat(80).parse::<DisplayName>().is_ok());
        assert_eq!("ü".repeat(81).parse::<DisplayName>(), Err(InvalidDisplayName::TooLong));
        assert_eq!(" \n".parse::<DisplayName>(), Err(InvalidDisplayName::Empty));
        assert_eq!("a\nb".parse::<DisplayName>(), Err(InvalidDisplayName::ControlCharacter));
    }

    #[test]
    fn an_address_yields_a_name_of_allowed_length() {
        assert_eq!(DisplayName::of_address("ada@acme.example").as_str(), "ada");
        assert_eq!(DisplayName::of_address(&format!("{}@b", "a".repeat(200))).as_str().len(), 80);
    }
}
