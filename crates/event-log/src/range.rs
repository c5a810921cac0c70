//! Reading a piece of one partition again: for readers that are behind their own writes, and for clients that resume.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{Consumer, StreamConsumer},
    error::KafkaError,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

use uuid::Uuid;

use crate::{KafkaConfig, LogError, Record, admin::topic_ids};

/// Readers at once: each has a Kafka client of its own, with threads and connections. Others wait, within their limit.
const READERS: usize = 8;

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

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Range {
    /// In order.
    pub records: Vec<Record>,
    /// The log ends here, for now.
    pub ended: bool,
}

/// What the broker says of a partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// The topic's identity.
    pub topic_id: Uuid,
    /// The first offset that is kept.
    pub low: i64,
    /// The next to be written.
    pub high: i64,
}

/// Readers of ranges; makes consumers as needed and keeps them.
pub struct RangeReader {
    config: ClientConfig,
    places: Semaphore,
    idle: Mutex<Vec<StreamConsumer>>,
}

/// A consumer on loan. It goes back whatever becomes of the reader, since ending a Kafka client takes long.
struct Loan<'a> {
    consumer: Option<StreamConsumer>,
    idle: &'a Mutex<Vec<StreamConsumer>>,
    _place: SemaphorePermit<'a>,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        if let Some(consumer) = self.consumer.take() {
            if let Err(error) = consumer.unassign() {
                tracing::warn!(%error, "a reader's partition can't be let go");
            }
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(consumer);
        }
    }
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
        Self { config, places: Semaphore::new(READERS), idle: Mutex::default() }
    }

    /// The records of `from..to`, in order; fewer if the limits or the log's end come first. They begin later than `from`
    /// if the log does.
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
    ) -> Result<Range, LogError> {
        let deadline = Instant::now() + limits.time;
        let loan = timeout_at(deadline, self.take()).await.map_err(|_| LogError::TimedOut(limits.time))??;
        let Some(consumer) = &loan.consumer else { return Ok(Range::default()) };
        let mut assignment = TopicPartitionList::new();
        assignment.add_partition_offset(topic, i32::try_from(partition).unwrap_or_default(), Offset::Offset(from))?;
        consumer.assign(&assignment)?;
        receive(consumer, (topic, partition), to, limits.records, deadline)
            .await?
            .ok_or(LogError::TimedOut(limits.time))
    }

    /// Where the log of a partition begins and ends: the first offset that is kept, and the next to be written.
    ///
    /// # Errors
    /// The cluster does not answer within `limit`.
    pub async fn watermarks(&self, topic: &str, partition: u32, limit: Duration) -> Result<(i64, i64), LogError> {
        let (topic, partition) = (topic.to_owned(), i32::try_from(partition).unwrap_or_default());
        self.ask(limit, move |consumer| Ok(consumer.fetch_watermarks(&topic, partition, limit)?)).await
    }

    /// The same, with the topic's identity.
    ///
    /// # Errors
    /// The cluster does not answer within `limit`, or there is no such topic.
    pub(crate) async fn look(&self, topic: &str, partition: u32, limit: Duration) -> Result<Look, LogError> {
        let (names, partition) = (vec![topic.to_owned()], i32::try_from(partition).unwrap_or_default());
        self.ask(limit, move |consumer| {
            let topic_id =
                topic_ids(consumer.client(), &names, limit)?.remove(&names[0]).ok_or(LogError::TimedOut(limit))?;
            let (low, high) = consumer.fetch_watermarks(&names[0], partition, limit)?;
            Ok(Look { topic_id, low, high })
        })
        .await
    }

    /// Asks the broker in a thread of its own, as the client's calls block.
    async fn ask<T: Send + 'static>(
        &self,
        limit: Duration,
        question: impl FnOnce(&StreamConsumer) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let mut loan =
            timeout_at(Instant::now() + limit, self.take()).await.map_err(|_| LogError::TimedOut(limit))??;
        let Some(consumer) = loan.consumer.take() else { return Err(LogError::TimedOut(limit)) };
        let asked = tokio::task::spawn_blocking(move || {
            let answer = question(&consumer);
            (consumer, answer)
        });
        let Ok((consumer, answer)) = asked.await else { return Err(LogError::TimedOut(limit)) };
        loan.consumer = Some(consumer);
        answer
    }

    async fn take(&self) -> Result<Loan<'_>, LogError> {
        // The semaphore is never closed.
        let place = self.places.acquire().await.map_err(|_| LogError::TimedOut(Duration::ZERO))?;
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let consumer = match kept {
            Some(consumer) => consumer,
            None => self.config.create()?,
        };
        Ok(Loan { consumer: Some(consumer), idle: &self.idle, _place: place })
    }
}

/// `None` if nothing at all arrived before the deadline.
async fn receive(
    consumer: &StreamConsumer,
    (topic, partition): (&str, u32),
    to: i64,
    most: usize,
    deadline: Instant,
) -> Result<Option<Range>, LogError> {
    let mut records = Vec::new();
    while records.len() < most {
        match timeout_at(deadline, consumer.recv()).await {
            Ok(Ok(message)) => {
                let record = Record::of(&message);
                // What a former loan had fetched is not this one's: it may be another tenant's.
                if message.topic() != topic || record.partition != partition {
                    continue;
                }
                let last = record.offset + 1 >= to;
                if record.offset < to {
                    records.push(record);
                }
                if last {
                    break;
                }
            }
            Ok(Err(KafkaError::PartitionEOF(_))) => return Ok(Some(Range { records, ended: true })),
            // The client retries by itself; only the deadline ends the wait.
            Ok(Err(error)) if is_transient(&error) => {}
            Ok(Err(error)) => return Err(error.into()),
            Err(_) if records.is_empty() => return Ok(None),
            Err(_) => break,
        }
    }
    Ok(Some(Range { records, ended: false }))
}

/// Errors that librdkafka reports while it reconnects by itself.
pub(crate) fn is_transient(error: &KafkaError) -> bool {
    use rdkafka::error::RDKafkaErrorCode as Code;
    matches!(
        error.rdkafka_error_code(),
        Some(Code::BrokerTransportFailure | Code::AllBrokersDown | Code::OperationTimedOut | Code::Resolve)
    )
}
