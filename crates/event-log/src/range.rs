//! Reading a piece of one partition again: for readers that are behind their own writes, and for clients that resume.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{Consumer, StreamConsumer},
    error::KafkaError,
};
use tokio::time::{Instant, timeout_at};

use crate::{KafkaConfig, LogError, Record};

/// Idle consumers kept for the next reader.
const KEPT: usize = 4;

/// How much one read may take.
#[derive(Clone, Copy, Debug)]
pub struct RangeLimits {
    /// Records.
    pub records: usize,
    /// Time.
    pub time: Duration,
}

impl RangeLimits {
    /// For a request that waits.
    pub const CATCH_UP: Self = Self { records: 2_000, time: Duration::from_millis(800) };
}

/// Readers of ranges; makes consumers as needed and keeps a few.
pub struct RangeReader {
    config: ClientConfig,
    idle: Mutex<Vec<StreamConsumer>>,
}

impl std::fmt::Debug for RangeReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RangeReader").finish_non_exhaustive()
    }
}

impl RangeReader {
    /// Connects at first use.
    #[must_use]
    pub fn new(config: &KafkaConfig) -> Self {
        let mut config = config.consumer("range");
        config.set("enable.auto.commit", "false").set("enable.partition.eof", "true").set("fetch.wait.max.ms", "10");
        Self { config, idle: Mutex::default() }
    }

    /// The records of `from..to`, in order; fewer if the limits or the log's end come first.
    ///
    /// # Errors
    /// The cluster refuses, or nothing at all arrives in time.
    pub async fn read(
        &self,
        topic: &str,
        partition: u32,
        from: i64,
        to: i64,
        limits: RangeLimits,
    ) -> Result<Vec<Record>, LogError> {
        let consumer = self.take()?;
        let mut assignment = TopicPartitionList::new();
        assignment.add_partition_offset(topic, i32::try_from(partition).unwrap_or_default(), Offset::Offset(from))?;
        consumer.assign(&assignment)?;
        let records = receive(&consumer, to, limits).await;
        consumer.unassign()?;
        self.give_back(consumer);
        records
    }

    /// The lowest offset of a partition and the next one.
    ///
    /// # Errors
    /// The cluster does not answer within `limit`.
    pub async fn watermarks(&self, topic: &str, partition: u32, limit: Duration) -> Result<(i64, i64), LogError> {
        let (consumer, topic) = (self.take()?, topic.to_owned());
        let partition = i32::try_from(partition).unwrap_or_default();
        let asked = tokio::task::spawn_blocking(move || {
            let watermarks = consumer.fetch_watermarks(&topic, partition, limit);
            (consumer, watermarks)
        });
        let Ok((consumer, watermarks)) = asked.await else { return Err(LogError::TimedOut(limit)) };
        self.give_back(consumer);
        Ok(watermarks?)
    }

    fn take(&self) -> Result<StreamConsumer, LogError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match kept {
            Some(consumer) => Ok(consumer),
            None => Ok(self.config.create()?),
        }
    }

    fn give_back(&self, consumer: StreamConsumer) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(consumer);
        }
    }
}

async fn receive(consumer: &StreamConsumer, to: i64, limits: RangeLimits) -> Result<Vec<Record>, LogError> {
    let deadline = Instant::now() + limits.time;
    let mut records = Vec::new();
    while records.len() < limits.records {
        match timeout_at(deadline, consumer.recv()).await {
            Ok(Ok(message)) => {
                let record = Record::of(&message);
                if record.offset < to {
                    records.push(record);
                }
                if records.last().is_none_or(|record| record.offset + 1 >= to) {
                    break;
                }
            }
            Ok(Err(KafkaError::PartitionEOF(_))) => break,
            // The client retries by itself; only the deadline ends the wait.
            Ok(Err(error)) if is_transient(&error) => {}
            Ok(Err(error)) => return Err(error.into()),
            Err(_) if records.is_empty() => return Err(LogError::TimedOut(limits.time)),
            Err(_) => break,
        }
    }
    Ok(records)
}

/// Errors that librdkafka reports while it reconnects by itself.
pub(crate) fn is_transient(error: &KafkaError) -> bool {
    use rdkafka::error::RDKafkaErrorCode as Code;
    matches!(
        error.rdkafka_error_code(),
        Some(Code::BrokerTransportFailure | Code::AllBrokersDown | Code::OperationTimedOut | Code::Resolve)
    )
}
