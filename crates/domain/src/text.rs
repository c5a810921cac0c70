//! What a message's text may be.

/// The longest message, in Unicode scalar values.
pub const MAX_MESSAGE_CHARS: usize = 20_000;

/// Why a text is no message.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum InvalidText {
    /// Nothing but white space.
    #[error("a message needs some text")]
    Empty,
    /// Over [`MAX_MESSAGE_CHARS`].
    #[error("a message has at most {MAX_MESSAGE_CHARS} characters")]
    TooLong,
    /// A control character other than tab and line feed.
    #[error("a message has no control characters other than tab and line feed")]
    ControlCharacter,
}

/// Checks a message's text. Direction overrides (U+202A…) pass: Arabic and Hebrew writers need their relatives, and clients isolate each text.
///
/// # Errors
/// The first rule that the text breaks.
pub fn check_message(text: &str) -> Result<(), InvalidText> {
    if text.chars().all(char::is_whitespace) {
        return Err(InvalidText::Empty);
    }
    if text.chars().nth(MAX_MESSAGE_CHARS).is_some() {
        return Err(InvalidText::TooLong);
    }
    check_no_controls(text)
}

/// Checks that a text holds no control character other than tab and line feed.
///
/// # Errors
/// [`InvalidText::ControlCharacter`].
pub fn check_no_controls(text: &str) -> Result<(), InvalidText> {
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(InvalidText::ControlCharacter);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_characters_not_bytes() {
        assert_eq!(check_message(&"ü".repeat(MAX_MESSAGE_CHARS)), Ok(()));
        assert_eq!(check_message(&"ü".repeat(MAX_MESSAGE_CHARS + 1)), Err(InvalidText::TooLong));
    }

    #[test]
    fn empty_and_control_characters_are_refused() {
        assert_eq!(check_message(" \n\t"), Err(InvalidText::Empty));
        assert_eq!(check_message("bell \u{7}"), Err(InvalidText::ControlCharacter));
        assert_eq!(check_message("nul \0"), Err(InvalidText::ControlCharacter));
        assert_eq!(check_message("two\nlines\tand a tab"), Ok(()));
    }
}
