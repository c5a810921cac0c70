//! Keys of lists that go by two things, as cursors hold them.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Of a list in the order of names: two may have one name, so the id decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ByName {
    /// As Postgres has removed its case.
    pub name: String,
    pub id: Uuid,
}

/// Of a list with the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Newest {
    pub at: DateTime<Utc>,
    pub id: Uuid,
}

/// No key of such a list.
#[derive(Debug)]
pub(crate) struct NoKey;

/// The length of a UUID as text.
const UUID_CHARS: usize = 36;

fn split(text: &str) -> Result<(Uuid, &str), NoKey> {
    let (id, rest) = text.split_at_checked(UUID_CHARS).ok_or(NoKey)?;
    Ok((id.parse().map_err(|_| NoKey)?, rest))
}

impl fmt::Display for ByName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.id, self.name)
    }
}

impl FromStr for ByName {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let (id, name) = split(text)?;
        Ok(Self { id, name: name.to_owned() })
    }
}

impl fmt::Display for Newest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.id, self.at.timestamp_micros())
    }
}

impl FromStr for Newest {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let (id, micros) = split(text)?;
        let at = micros.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(NoKey)?;
        // What Postgres has no room for is none of its times.
        if (0..=9_999).contains(&chrono::Datelike::year(&at)) { Ok(Self { at, id }) } else { Err(NoKey) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_as_they_were_and_nothing_else_is_one() {
        let by_name = ByName { name: "ada über".to_owned(), id: Uuid::now_v7() };
        assert_eq!(by_name.to_string().parse::<ByName>().unwrap(), by_name);
        let at = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap();
        let newest = Newest { at, id: Uuid::now_v7() };
        assert_eq!(newest.to_string().parse::<Newest>().unwrap(), newest);
        let id = Uuid::now_v7();
        for bad in ["", "ü", "0", &"ü".repeat(30), &format!("{id}x"), &format!("{id}{}", i64::MAX), &format!("{id}")]
        {
            assert!(bad.parse::<Newest>().is_err(), "{bad}");
        }
        assert!("ada".parse::<ByName>().is_err() && "ü".repeat(40).parse::<ByName>().is_err());
    }
}
