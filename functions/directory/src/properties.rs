//! What a channel may be called and be about.

use std::str::FromStr;

use domain::{Name, Visibility};
use function_host::Problem;

/// The longest topic, in Unicode scalar values.
const MAX_TOPIC_CHARS: usize = 250;

/// A channel's properties: all that a change may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Properties {
    pub name: Name,
    pub topic: ChannelTopic,
    pub visibility: Visibility,
}

/// What a channel is about: up to 250 characters in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChannelTopic(String);

/// Why a text is no [`ChannelTopic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidProperty {
    #[error("a channel's topic has at most {MAX_TOPIC_CHARS} characters")]
    TopicTooLong,
    #[error("a channel's topic has no control characters")]
    TopicControlCharacter,
}

impl ChannelTopic {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
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
    fn a_topic_may_be_empty_and_has_up_to_250_characters() {
        let topic = |text: &str| text.parse::<ChannelTopic>().map(|topic| topic.0);
        assert_eq!(topic(" "), Ok(String::new()));
        assert_eq!(topic(&"x".repeat(250)), Ok("x".repeat(250)));
        assert_eq!(topic(&"x".repeat(251)), Err(InvalidProperty::TopicTooLong));
        assert_eq!(topic("bell \u{7}"), Err(InvalidProperty::TopicControlCharacter));
    }
}
