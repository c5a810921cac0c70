//! Names of people, channels and teams: what they may hold, what they look like, and how they are found.

use std::{fmt, str::FromStr};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_security::confusable_detection::skeleton;

/// The longest name, in Unicode scalar values.
pub const MAX_NAME_CHARS: usize = 80;
/// Words of a name that are searched, and the longest, in Unicode scalar values.
const MAX_WORDS: usize = 16;
const MAX_WORD_CHARS: usize = 40;

/// A name: 1 to 80 characters in one line, none of them white space at either end, none of them invisible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

/// Why a text is no [`Name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing that is seen.
    #[error("a name needs some text")]
    Empty,
    /// Over [`MAX_NAME_CHARS`].
    #[error("a name has at most {MAX_NAME_CHARS} characters")]
    TooLong,
    /// A control character, or one that is not seen: it would pass a name off as another, or turn the text around it.
    #[error("a name has no control characters, no invisible ones, and none that turn the direction of text")]
    ControlCharacter,
}

impl Name {
    /// The name that is made of any text: what can't be in one is left out; `otherwise` if nothing is left.
    #[must_use]
    pub fn lenient(text: &str, otherwise: &str) -> Self {
        let cleaned: String = text.chars().filter(|c| !is_unseen(*c)).collect();
        let cut: String = cleaned.trim().chars().take(MAX_NAME_CHARS).collect();
        cut.parse().unwrap_or_else(|_| Self(otherwise.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same for all names that look alike (UTS 39, section 4), whatever their case.
    #[must_use]
    pub fn key(&self) -> String {
        let joined = self.0.split_whitespace().collect::<Vec<_>>().join(" ");
        let plain: String = joined.nfkc().filter(|c| !is_joiner(*c)).collect::<String>().to_lowercase();
        skeleton(&plain).collect::<String>().to_lowercase()
    }

    /// Its words, as [`words`] finds them.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        words(&self.0)
    }
}

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let name = text.trim();
        if name.chars().nth(MAX_NAME_CHARS).is_some() {
            return Err(InvalidName::TooLong);
        }
        if name.chars().any(is_unseen) {
            return Err(InvalidName::ControlCharacter);
        }
        if name.chars().all(|c| c.is_whitespace() || is_joiner(c) || is_combining_mark(c)) {
            return Err(InvalidName::Empty);
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The words of a text, in lower case and without marks over letters, each once: what a search for the beginning of a
/// word compares.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c) && !is_joiner(*c)).collect();
    let mut words = Vec::new();
    for word in plain.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word: String = word.chars().take(MAX_WORD_CHARS).collect();
        if !words.contains(&word) && words.len() < MAX_WORDS {
            words.push(word);
        }
    }
    words
}

/// A line of text that may be empty, without what [`Name`] refuses; with `lines`, of several lines.
///
/// # Errors
/// [`InvalidName::TooLong`] over `most` characters, [`InvalidName::ControlCharacter`].
pub fn check_line(text: &str, most: usize, lines: bool) -> Result<String, InvalidName> {
    let text = text.trim();
    if text.chars().nth(most).is_some() {
        return Err(InvalidName::TooLong);
    }
    if text.chars().any(|c| is_unseen(c) && !(lines && (c == '\n' || c == '\t'))) {
        return Err(InvalidName::ControlCharacter);
    }
    Ok(text.to_owned())
}

/// Joiners make one sign of two, in Persian, Hindi and emoji: part of a name, and not of what it looks like.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Nothing is seen of it, or it changes how the rest is seen.
pub(crate) fn is_unseen(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    let hides = matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{2800}');
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}');
    c.is_control() || turns || breaks || hides || private
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Result<String, InvalidName> {
        text.parse::<Name>().map(|name| name.0)
    }

    #[test]
    fn a_name_is_one_trimmed_line_of_1_to_80_characters_that_are_seen() {
        assert_eq!(name("  Ada L. \t"), Ok("Ada L.".into()));
        assert_eq!(name(&"ü".repeat(80)), Ok("ü".repeat(80)));
        assert_eq!(name(&"ü".repeat(81)), Err(InvalidName::TooLong));
        for empty in ["", " \u{a0}", "\u{200d}", "\u{301}", "\n"] {
            assert_eq!(name(empty), Err(InvalidName::Empty), "{empty:?}");
        }
        for bad in
            ["a\nb", "nul\0", "Ada\u{202e}live", "A\u{200b}da", "a\u{2066}b", "\u{feff}a", "a\u{e0041}", "\u{3164}"]
        {
            assert_eq!(name(bad), Err(InvalidName::ControlCharacter), "{bad:?}");
        }
        for good in ["می‌خواهم", "עדה", "👩‍💻", "Zoë", "李小龍", "O'Neil-Smith"] {
            assert_eq!(name(good), Ok(good.into()));
        }
    }

    #[test]
    fn names_that_look_alike_have_one_key() {
        let key = |text: &str| text.parse::<Name>().unwrap().key();
        for (one, other) in [
            ("general", "GENERAL"),
            ("general", "gener\u{430}l"),
            ("paypal", "p\u{430}yp\u{430}l"),
            ("team l", "team 1"),
            ("Zoe\u{308}", "Zo\u{eb}"),
            ("a  b", "a b"),
            ("ada", "a\u{200d}da"),
            ("ﬁnance", "finance"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        assert_ne!(key("general"), key("generals"));
        assert_ne!(key("Zoe"), key("Zo\u{eb}"));
    }

    #[test]
    fn words_are_found_by_their_letters() {
        assert_eq!(words("Ada  LOVELACE-King"), ["ada", "lovelace", "king"]);
        assert_eq!(words("Zoë Ada ada"), ["zoe", "ada"]);
        assert_eq!(words("#42, c++"), ["42", "c"]);
        assert_eq!(words("李小龍"), ["李小龍"]);
        assert!(words(" -- ").is_empty());
    }

    #[test]
    fn a_name_can_be_made_of_anything() {
        assert_eq!(Name::lenient("Ada\u{202e}\n", "x").as_str(), "Ada");
        assert_eq!(Name::lenient(" \0", "somebody").as_str(), "somebody");
        assert_eq!(Name::lenient(&"a".repeat(200), "x").as_str().len(), 80);
    }

    proptest! {
        #[test]
        fn every_name_is_its_own_name_and_has_words_that_postgres_takes(text in any::<String>()) {
            if let Ok(name) = text.parse::<Name>() {
                prop_assert_eq!(name.as_str().parse::<Name>(), Ok(name.clone()));
                prop_assert!(!name.key().contains('\0'));
                prop_assert!(name.words().iter().all(|word| !word.is_empty() && !word.contains('\0')));
            }
        }
    }
}
