//! Topic administration: making topics, and telling whether they can be written to and read.
//!
//! `CreateTopics` answers before the broker has opened the logs, so "created" and "ready" are two questions here:
//! [`TopicAdmin::ensure`] asks for topics, [`TopicAdmin::describe`] says what is there and whether every partition has a
//! leader that answers ListOffsets. [`TopicAdmin::delete`] is the only thing here that takes anything away.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka::admin::{AdminOptions, NewTopic, TopicReplication, TopicResult};
use rdkafka::error::KafkaResult;
use rdkafka::metadata::MetadataTopic;
use rdkafka::types::RDKafkaErrorCode;

use crate::admin::AdminError;
use crate::admin::REQUEST_LIMIT;
pub use crate::admin::TopicAdmin;

/// ListOffsets to a partition that is being opened is asked again by the caller, so this one gives up sooner.
const OFFSETS_LIMIT: Duration = Duration::from_secs(2);

/// A topic as it should be made. It has effect at creation only: counts never change in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// Full name, for example `t.k3v7q2hdm6xa.messages`.
    pub name: String,
    /// Number of partitions, at least 1.
    pub partitions: u16,
    /// Number of replicas; `None` leaves it to the broker's default.
    pub replication: Option<u16>,
    /// Topic options by Kafka's names; what is not named keeps the broker's default.
    pub config: Vec<(&'static str, String)>,
}

/// What stands on the broker for one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicDescription {
    /// Full name.
    pub name: String,
    /// One entry per partition, by number; empty if the topic does not exist.
    pub partitions: Vec<PartitionDescription>,
}

impl TopicDescription {
    /// The topic is known to the broker.
    #[must_use]
    pub fn exists(&self) -> bool {
        !self.partitions.is_empty()
    }

    /// Every partition has a leader that answers.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.exists() && self.partitions.iter().all(|partition| partition.watermarks.is_some())
    }
}

/// What stands on the broker for one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionDescription {
    /// The partition's number.
    pub partition: i32,
    /// A leader is elected.
    pub has_leader: bool,
    /// The leader's answer to ListOffsets: (lowest offset, next offset). `None` while it doesn't answer.
    pub watermarks: Option<(i64, i64)>,
}

impl TopicAdmin {
    /// Makes the topics that don't exist; those that do are left as they are, so it is safe to repeat.
    ///
    /// # Errors
    /// [`AdminError::Unreachable`], or [`AdminError::Refused`] for the first topic that the broker refuses; others of the
    /// same call may have been made.
    pub async fn ensure(&self, topics: &[TopicSpec]) -> Result<(), AdminError> {
        if topics.is_empty() {
            return Ok(());
        }
        let new_topics: Vec<NewTopic<'_>> = topics.iter().map(new_topic).collect();
        self.each(self.client().create_topics(&new_topics, &limited()), RDKafkaErrorCode::TopicAlreadyExists).await
    }

    /// Deletes topics with all that is in them. Those that don't exist are passed over, so it is safe to repeat.
    ///
    /// # Errors
    /// As [`TopicAdmin::ensure`].
    pub async fn delete(&self, names: &[String]) -> Result<(), AdminError> {
        if names.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.each(self.client().delete_topics(&names, &limited()), RDKafkaErrorCode::UnknownTopicOrPartition).await
    }

    /// Waits for a request's answers, of which `fine` means that there was nothing to do.
    async fn each(
        &self,
        request: impl Future<Output = KafkaResult<Vec<TopicResult>>>,
        fine: RDKafkaErrorCode,
    ) -> Result<(), AdminError> {
        let results = self.listening(async { request.await.map_err(|source| self.unreachable(&source)) }).await?;
        let refused = results.into_iter().filter_map(Result::err).find(|(_, code)| *code != fine);
        refused.map_or(Ok(()), |(topic, code)| Err(refused_topic(&topic, code)))
    }

    /// What stands on the broker for each name, in the same order. A topic that doesn't exist has no partitions; one that
    /// is just being made has partitions without watermarks.
    ///
    /// # Errors
    /// [`AdminError::Unreachable`] if no broker answers.
    pub async fn describe(&self, names: &[String]) -> Result<Vec<TopicDescription>, AdminError> {
        let admin = self.clone();
        let names = names.to_vec();
        self.blocking(move |_| names.iter().map(|name| admin.describe_one(name, true)).collect()).await
    }

    /// The same without asking leaders for watermarks: a third of the requests, and the client keeps nothing of it.
    ///
    /// # Errors
    /// [`AdminError::Unreachable`] if no broker answers.
    pub async fn list(&self, names: &[String]) -> Result<Vec<TopicDescription>, AdminError> {
        let admin = self.clone();
        let names = names.to_vec();
        self.blocking(move |_| names.iter().map(|name| admin.describe_one(name, false)).collect()).await
    }

    /// How many partitions each topic of the cluster has, in one request.
    ///
    /// # Errors
    /// [`AdminError::Unreachable`] if no broker answers.
    pub async fn all(&self) -> Result<HashMap<String, u16>, AdminError> {
        let admin = self.clone();
        let listed = move |_: &_| {
            let found = admin.client().inner().fetch_metadata(None, REQUEST_LIMIT);
            let found = found.map_err(|source| admin.unreachable(&source))?;
            let count = |topic: &MetadataTopic| u16::try_from(topic.partitions().len()).unwrap_or(u16::MAX);
            Ok(found.topics().iter().map(|topic| (topic.name().to_owned(), count(topic))).collect())
        };
        self.blocking(listed).await
    }

    fn describe_one(&self, name: &str, ask_leaders: bool) -> Result<TopicDescription, AdminError> {
        let fetched = self.client().inner().fetch_metadata(Some(name), REQUEST_LIMIT);
        let metadata = fetched.map_err(|source| self.unreachable(&source))?;
        let mut partitions = Vec::new();
        for topic in metadata.topics().iter().filter(|topic| topic.name() == name) {
            // Only "unknown" means absent; any other error says nothing of whether the topic is there.
            match topic.error().map(RDKafkaErrorCode::from) {
                None => {}
                Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => continue,
                Some(code) => return Err(refused_topic(name, code)),
            }
            partitions.extend(topic.partitions().iter().map(|partition| {
                let has_leader = partition.leader() >= 0 && partition.error().is_none();
                let watermarks = (ask_leaders && has_leader).then(|| self.watermarks(name, partition.id())).flatten();
                PartitionDescription { partition: partition.id(), has_leader, watermarks }
            }));
        }
        partitions.sort_by_key(|partition| partition.partition);
        Ok(TopicDescription { name: name.to_owned(), partitions })
    }

    fn watermarks(&self, topic: &str, partition: i32) -> Option<(i64, i64)> {
        self.client().inner().fetch_watermarks(topic, partition, OFFSETS_LIMIT).ok()
    }
}

fn limited() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(REQUEST_LIMIT)).operation_timeout(Some(REQUEST_LIMIT))
}

fn refused_topic(topic: &str, code: RDKafkaErrorCode) -> AdminError {
    AdminError::Refused { what: format!("topic {topic}"), code, reason: String::new() }
}

fn new_topic(spec: &TopicSpec) -> NewTopic<'_> {
    let replication = spec.replication.map_or(-1, i32::from);
    spec.config.iter().fold(
        NewTopic::new(&spec.name, i32::from(spec.partitions), TopicReplication::Fixed(replication)),
        |topic, (option, value)| topic.set(option, value),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_ready_only_when_every_partition_answers() {
        let partition = |partition, watermarks| PartitionDescription { partition, has_leader: true, watermarks };
        let topic = |partitions| TopicDescription { name: "t".to_owned(), partitions };
        assert!(!topic(vec![]).exists() && !topic(vec![]).is_ready());
        assert!(!topic(vec![partition(0, Some((0, 0))), partition(1, None)]).is_ready());
        assert!(topic(vec![partition(0, Some((0, 0))), partition(1, Some((2, 9)))]).is_ready());
    }
}
