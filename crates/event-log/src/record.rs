//! One record as read from a topic.

use chrono::{DateTime, Utc};
use rdkafka::{Message, message::BorrowedMessage};

/// A record's place, time and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The partition that it came from.
    pub partition: u32,
    /// Its place there.
    pub offset: i64,
    /// When the broker appended it.
    pub time: DateTime<Utc>,
    /// Its bytes; empty for a null value.
    pub value: Vec<u8>,
}

impl Record {
    /// By which a projection knows its last record again: a log that has another one there is not the same log.
    pub(crate) fn digest(&self) -> i64 {
        let mut digest = crc32fast::Hasher::new();
        digest.update(&self.time.timestamp_millis().to_be_bytes());
        digest.update(&self.value);
        i64::from(digest.finalize())
    }

    pub(crate) fn of(message: &BorrowedMessage<'_>) -> Self {
        Self {
            partition: u32::try_from(message.partition()).unwrap_or_default(),
            offset: message.offset(),
            time: message.timestamp().to_millis().and_then(DateTime::from_timestamp_millis).unwrap_or_default(),
            value: message.payload().unwrap_or_default().to_vec(),
        }
    }
}
