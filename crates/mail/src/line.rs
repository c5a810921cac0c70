//! Texts that people chose, made safe to stand in a letter.

use std::fmt;

/// The longest name, in Unicode scalar values: as long as the longest name of a person.
const NAME_CHARS: usize = 80;
/// The longest e-mail address (RFC 5321).
const ADDRESS_CHARS: usize = 320;
/// What stands for a text of which nothing is left.
const NOTHING: &str = "(no name)";

/// One short visible line: no control characters, no line breaks of any kind, nothing that turns the direction of the
/// text around it, nothing invisible. HTML still has to be escaped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Line(String);

impl Line {
    /// A name of somebody or something; a long one is cut.
    pub(crate) fn name(text: &str) -> Self {
        Self::cut(text, NAME_CHARS)
    }

    /// An e-mail address, which is shown whole.
    pub(crate) fn address(text: &str) -> Self {
        Self::cut(text, ADDRESS_CHARS)
    }

    fn cut(text: &str, most: usize) -> Self {
        let mut line = String::new();
        let (mut count, mut gap) = (0, false);
        for char in text.chars().filter(|char| !is_invisible(*char)) {
            if char.is_whitespace() || char.is_control() {
                gap = count > 0;
                continue;
            }
            let needed = if gap { 2 } else { 1 };
            if count + needed > most {
                line.push('…');
                break;
            }
            if gap {
                line.push(' ');
            }
            line.push(char);
            count += needed;
            gap = false;
        }
        if line.is_empty() { Self(NOTHING.to_owned()) } else { Self(line) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Formatting characters: marks, overrides and isolates of direction, characters without width, tags, annotations.
/// The two joiners stay, which Persian names and families of emoji are written with.
const fn is_invisible(char: char) -> bool {
    matches!(
        char,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> String {
        Line::name(text).as_str().to_owned()
    }

    #[test]
    fn breaks_and_control_characters_are_one_space_and_none_at_the_ends() {
        for breaking in ["\r\n", "\n", "\r", "\0", "\t", "\u{b}", "\u{85}", "\u{2028}", "\u{2029}", " \r\n ", "\u{7f}"]
        {
            assert_eq!(name(&format!("{breaking}Ada{breaking}Lovelace{breaking}")), "Ada Lovelace", "{breaking:?}");
        }
    }

    #[test]
    fn overrides_and_invisible_characters_are_gone_and_joiners_stay() {
        assert_eq!(name("\u{202e}moc.live\u{202c}"), "moc.live");
        assert_eq!(name("\u{2066}A\u{200b}da\u{2069}\u{feff}\u{e0041}"), "Ada");
        assert_eq!(name("می\u{200c}خواهم"), "می\u{200c}خواهم");
        assert_eq!(name("👩\u{200d}💻"), "👩\u{200d}💻");
    }

    #[test]
    fn a_long_name_is_cut_an_address_is_not_and_an_empty_one_says_so() {
        assert_eq!(name(&"ü".repeat(10_000)), format!("{}…", "ü".repeat(80)));
        assert_eq!(name(&"ü".repeat(80)), "ü".repeat(80));
        let address = format!("{}@{}.example", "a".repeat(64), "b".repeat(63));
        assert_eq!(Line::address(&address).as_str(), address);
        assert_eq!(name(" \u{200b}\n"), NOTHING);
    }

    proptest! {
        #[test]
        fn whatever_comes_in_one_short_line_comes_out(text in any::<String>()) {
            let line = name(&text);
            prop_assert!(!line.is_empty() && line.chars().count() <= NAME_CHARS + 1);
            prop_assert!(!line.chars().any(|char| char.is_control() || is_invisible(char)));
            prop_assert!(!line.chars().any(|char| char.is_whitespace() && char != ' '));
            prop_assert_eq!(line.trim(), &line);
            prop_assert_eq!(name(line.trim_end_matches('…')), line.trim_end_matches('…').trim_end());
        }
    }
}
