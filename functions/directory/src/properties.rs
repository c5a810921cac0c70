//! What a channel may be called and be about.

use std::str::FromStr;

use domain::Visibility;
use function_host::Problem;

/// The longest name, in Unicode scalar values.
const MAX_NAME_CHARS: usize = 80;
/// The longest topic, in Unicode scalar values.
const MAX_TOPIC_CHARS: usize = 250;

/// A channel's properties: all that a change may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Properties {
    pub name: ChannelName,
    pub topic: ChannelTopic,
    pub visibility: Visibility,
}

/// A channel's name: 1 to 80 characters in one line, none of them white space at either end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChannelName(String);

/// What a channel is about: up to 250 characters in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChannelTopic(String);

/// Why a text is no [`ChannelName`] or [`ChannelTopic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidProperty {
    #[error("a channel needs a name")]
    NameEmpty,
    #[error("a channel's name has at most {MAX_NAME_CHARS} characters")]
    NameTooLong,
    #[error("a channel's name has no control characters")]
    NameControlCharacter,
    #[error("a channel's topic has at most {MAX_TOPIC_CHARS} characters")]
    TopicTooLong,
    #[error("a channel's topic has no control characters")]
    TopicControlCharacter,
}

impl ChannelName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl ChannelTopic {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ChannelName {
    type Err = InvalidProperty;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim();
        if name.is_empty() {
            return Err(InvalidProperty::NameEmpty);
        }
        if name.chars().nth(MAX_NAME_CHARS).is_some() {
            return Err(InvalidProperty::NameTooLong);
        }
        if name.contains(char::is_control) {
            return Err(InvalidProperty::NameControlCharacter);
        }
        Ok(Self(name.to_owned()))
    }
}

impl FromStr for ChannelTopic {
    type Err = InvalidProperty;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let topic = text.trim();
        if topic.chars().nth(MAX_TOPIC_CHARS).is_some() {
            return Err(InvalidProperty::TopicTooLong);
        }
        if topic.contains(char::is_control) {
            return Err(InvalidProperty::TopicControlCharacter);
        }
        Ok(Self(topic.to_owned()))
    }
}

impl From<InvalidProperty> for Problem {
    fn from(error: InvalidProperty) -> Self {
        let (code, field) = match error {
            InvalidProperty::NameEmpty => ("name-empty", "name"),
            InvalidProperty::NameTooLong => ("name-too-long", "name"),
            InvalidProperty::NameControlCharacter => ("name-control-character", "name"),
            InvalidProperty::TopicTooLong => ("topic-too-long", "topic"),
            InvalidProperty::TopicControlCharacter => ("topic-control-character", "topic"),
        };
        Self::unprocessable(code, error.to_string()).at(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_has_1_to_80_characters_in_one_line() {
        let name = |text: &str| text.parse::<ChannelName>().map(|name| name.0);
        assert_eq!(name("  general \t"), Ok("general".into()));
        assert_eq!(name(&"ü".repeat(80)), Ok("ü".repeat(80)));
        assert_eq!(name(&"ü".repeat(81)), Err(InvalidProperty::NameTooLong));
        assert_eq!(name(" \u{a0}\n"), Err(InvalidProperty::NameEmpty));
        assert_eq!(name("two\nlines"), Err(InvalidProperty::NameControlCharacter));
        assert_eq!(name("nul\0"), Err(InvalidProperty::NameControlCharacter));
    }

    #[test]
    fn a_topic_may_be_empty_and_has_up_to_250_characters() {
        let topic = |text: &str| text.parse::<ChannelTopic>().map(|topic| topic.0);
        assert_eq!(topic(" "), Ok(String::new()));
        assert_eq!(topic(&"x".repeat(250)), Ok("x".repeat(250)));
        assert_eq!(topic(&"x".repeat(251)), Err(InvalidProperty::TopicTooLong));
        assert_eq!(topic("bell \u{7}"), Err(InvalidProperty::TopicControlCharacter));
    }
}
