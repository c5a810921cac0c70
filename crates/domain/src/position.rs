//! Places in the message log. Clients treat both texts as opaque.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Where one record stands: `p{epoch}.{partition}.{offset}`. Ordered within a partition only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// The topics' identity; raised when the log lost records that had been seen.
    pub epoch: u32,
    /// The partition of the `messages` topic.
    pub partition: u32,
    /// The record's offset.
    pub offset: i64,
}

/// The next offset of every partition that a reader has not seen: `c{epoch}.{offset 0}.{offset 1}…`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The epoch that the offsets belong to.
    pub epoch: u32,
    /// The next offset, by partition.
    pub next: Vec<i64>,
}

/// A text that is neither a position nor a cursor.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a position (p1.0.42) or cursor (c1.42.7)")]
pub struct InvalidPosition;

/// The partition of a channel's records: CRC-32 of its id modulo the count, as Kafka clients' `consistent` partitioner.
#[must_use]
pub fn partition_of(key: Uuid, partitions: u32) -> u32 {
    crc32fast::hash(key.as_hyphenated().to_string().as_bytes()) % partitions.max(1)
}

impl Position {
    /// Whether `self` stands after `other`; positions of an older epoch stand before all of a newer one.
    #[must_use]
    pub fn is_after(&self, other: &Self) -> bool {
        (self.epoch, self.offset) > (other.epoch, other.offset)
    }
}

impl Cursor {
    /// The start of every partition's log.
    #[must_use]
    pub fn start(epoch: u32, partitions: u32) -> Self {
        Self { epoch, next: vec![0; partitions as usize] }
    }

    /// Moves past `position` if that is further; a position of another epoch or partition changes nothing.
    pub fn advance_past(&mut self, position: &Position) {
        if position.epoch != self.epoch {
            return;
        }
        if let Some(next) = self.next.get_mut(position.partition as usize) {
            *next = (*next).max(position.offset.saturating_add(1));
        }
    }

    /// Whether the reader of this cursor has seen `position`.
    #[must_use]
    pub fn has_seen(&self, position: &Position) -> bool {
        self.epoch > position.epoch
            || (self.epoch == position.epoch
                && self.next.get(position.partition as usize).is_some_and(|next| *next > position.offset))
    }
}

/// What a reader asks to have seen at least: a position or a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtLeast {
    /// One record.
    Position(Position),
    /// Everything before a cursor.
    Cursor(Cursor),
}

impl AtLeast {
    /// The offset that the projection of `partition` must have reached, if this epoch's.
    #[must_use]
    pub fn next_offset(&self, epoch: u32, partition: u32) -> Option<i64> {
        match self {
            Self::Position(p) if p.epoch == epoch && p.partition == partition => Some(p.offset.saturating_add(1)),
            Self::Cursor(c) if c.epoch == epoch => c.next.get(partition as usize).copied(),
            _ => None,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}.{}.{}", self.epoch, self.partition, self.offset)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.epoch)?;
        self.next.iter().try_for_each(|next| write!(f, ".{next}"))
    }
}

fn number<T: FromStr>(text: Option<&str>) -> Result<T, InvalidPosition> {
    let text = text.ok_or(InvalidPosition)?;
    // `+1` and `-1` parse as numbers but are never written by us.
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(InvalidPosition);
    }
    text.parse().map_err(|_| InvalidPosition)
}

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.strip_prefix('p').ok_or(InvalidPosition)?.split('.');
        let position =
            Self { epoch: number(parts.next())?, partition: number(parts.next())?, offset: number(parts.next())? };
        if parts.next().is_some() { Err(InvalidPosition) } else { Ok(position) }
    }
}

impl FromStr for Cursor {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.strip_prefix('c').ok_or(InvalidPosition)?.split('.');
        let epoch = number(parts.next())?;
        let next = parts.map(|part| number(Some(part))).collect::<Result<Vec<_>, _>>()?;
        if (1..=64).contains(&next.len()) { Ok(Self { epoch, next }) } else { Err(InvalidPosition) }
    }
}

impl FromStr for AtLeast {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::Position).or_else(|_| text.parse().map(Self::Cursor))
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for AtLeast {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_round_trip(epoch: u32, partition: u32, offset in 0..i64::MAX, next in prop::collection::vec(0..i64::MAX, 1..64)) {
            let position = Position { epoch, partition, offset };
            prop_assert_eq!(position.to_string().parse(), Ok(position));
            let cursor = Cursor { epoch, next };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = text.parse::<AtLeast>();
        }

        #[test]
        fn a_cursor_has_seen_what_it_advanced_past(partition in 0u32..4, offset in 0i64..1000) {
            let mut cursor = Cursor::start(1, 4);
            let position = Position { epoch: 1, partition, offset };
            prop_assert!(!cursor.has_seen(&position));
            cursor.advance_past(&position);
            prop_assert!(cursor.has_seen(&position));
            let after = Position { offset: offset + 1, ..position };
            prop_assert!(!cursor.has_seen(&after));
        }
    }

    #[test]
    fn foreign_texts_are_refused() {
        for text in [
            "",
            "p",
            "p1",
            "p1.2",
            "p1.2.3.4",
            "p1.2.-3",
            "p1.2.+3",
            "c1",
            "c",
            "c1.",
            "x1.2.3",
            "p1.2.99999999999999999999",
        ] {
            assert!(text.parse::<AtLeast>().is_err(), "{text}");
        }
    }
}
