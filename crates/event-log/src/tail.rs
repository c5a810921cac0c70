//! Following partitions without a group: every edge sees every record of the workspaces it serves.

use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{Consumer, StreamConsumer},
};

use crate::{KafkaConfig, LogError, Record, complaint::Complaint, range::is_transient};

/// A consumer whose set of partitions changes while it runs.
pub struct Tail {
    consumer: StreamConsumer,
    away: Complaint,
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tail").finish_non_exhaustive()
    }
}

impl Tail {
    /// Connects with no partition.
    ///
    /// # Errors
    /// The configuration is refused.
    pub fn connect(config: &KafkaConfig) -> Result<Self, LogError> {
        let consumer: StreamConsumer = config
            .consumer("edge")
            .set("enable.auto.commit", "false")
            // A place that the log no longer has is an error, not a reason to begin elsewhere.
            .set("auto.offset.reset", "error")
            // Who was behind by a whole queue reads on at once; the default waits a second.
            .set("fetch.queue.backoff.ms", "20")
            .create()?;
        consumer.assign(&TopicPartitionList::new())?;
        Ok(Self { consumer, away: Complaint::default() })
    }

    /// Follows partitions of a topic from these next offsets on, one for each partition from 0.
    ///
    /// # Errors
    /// The client refuses.
    pub fn follow(&self, topic: &str, next: &[i64]) -> Result<(), LogError> {
        let mut list = TopicPartitionList::new();
        for (partition, offset) in (0..).zip(next) {
            list.add_partition_offset(topic, partition, Offset::Offset(*offset))?;
        }
        Ok(self.consumer.incremental_assign(&list)?)
    }

    /// Stops following the first `partitions` of a topic.
    ///
    /// # Errors
    /// The client refuses.
    pub fn forget(&self, topic: &str, partitions: u32) -> Result<(), LogError> {
        let mut list = TopicPartitionList::new();
        for partition in 0..i32::try_from(partitions).unwrap_or_default() {
            list.add_partition(topic, partition);
        }
        Ok(self.consumer.incremental_unassign(&list)?)
    }

    /// The next record of any partition, with its topic. Waits out a cluster that is away.
    ///
    /// # Errors
    /// One that waiting doesn't mend.
    pub async fn recv(&self) -> Result<(String, Record), LogError> {
        loop {
            match self.consumer.recv().await {
                Ok(message) => return Ok((message.topic().to_owned(), Record::of(&message))),
                Err(error) if is_transient(&error) => {
                    if self.away.is_due() {
                        tracing::warn!(%error, "the log is away; delivery waits");
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
