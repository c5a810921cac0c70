//! What a channel may be called, be about and be for.

use domain::{
    Name, Posting, Visibility,
    names::{InvalidName, check_line},
};
use function_host::Problem;

/// The longest topic, in Unicode scalar values.
const MAX_TOPIC_CHARS: usize = 250;
/// The longest purpose, in Unicode scalar values.
const MAX_PURPOSE_CHARS: usize = 500;

/// A channel's properties: all that a change may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Properties {
    pub name: Name,
    pub topic: String,
    pub purpose: String,
    pub visibility: Visibility,
    pub posting: Posting,
}

/// What is talked about: up to 250 characters in one line.
///
/// # Errors
/// 422 `topic-too-long`, `topic-control-character`.
pub(crate) fn topic(text: &str) -> Result<String, Problem> {
    check_line(text, MAX_TOPIC_CHARS, false).map_err(|error| {
        let (code, detail) = match error {
            InvalidName::TooLong => ("topic-too-long", "a channel's topic has at most 250 characters"),
            _ => ("topic-control-character", "a channel's topic is one line, without characters that are not seen"),
        };
        Problem::unprocessable(code, detail).at("topic")
    })
}

/// What a channel is for: up to 500 characters in lines.
///
/// # Errors
/// 422 `purpose-too-long`, `purpose-control-character`.
pub(crate) fn purpose(text: &str) -> Result<String, Problem> {
    check_line(text, MAX_PURPOSE_CHARS, true).map_err(|error| {
        let (code, detail) = match error {
            InvalidName::TooLong => ("purpose-too-long", "a channel's purpose has at most 500 characters"),
            _ => ("purpose-control-character", "a channel's purpose has no characters that are not seen"),
        };
        Problem::unprocessable(code, detail).at("purpose")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_may_be_empty_and_has_up_to_250_characters() {
        assert_eq!(topic(" ").unwrap(), "");
        assert_eq!(topic(&"x".repeat(250)).unwrap(), "x".repeat(250));
        assert_eq!(topic(&"x".repeat(251)).unwrap_err().code(), "topic-too-long");
        for bad in ["bell \u{7}", "two\nlines", "evil\u{202e}live"] {
            assert_eq!(topic(bad).unwrap_err().code(), "topic-control-character", "{bad:?}");
        }
    }

    #[test]
    fn a_purpose_may_have_lines_and_up_to_500_characters() {
        assert_eq!(purpose("one\ntwo").unwrap(), "one\ntwo");
        assert_eq!(purpose(&"ü".repeat(500)).unwrap(), "ü".repeat(500));
        assert_eq!(purpose(&"ü".repeat(501)).unwrap_err().code(), "purpose-too-long");
        assert_eq!(purpose("evil\u{202e}live").unwrap_err().code(), "purpose-control-character");
    }
}
