//! Topic administration: making topics, and telling whether they can be written to and read.
//!
//! `CreateTopics` answers before the broker has opened the logs, so "created" and "ready" are two questions here:
//! [`TopicAdmin::ensure`] asks for topics, [`TopicAdmin::describe`] says what is there and whether every partition has a
//! leader that answers ListOffsets. [`TopicAdmin::delete`] is the only thing here that takes anything away.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use rdkafka::admin::{AdminOptions, NewTopic, TopicReplication, TopicResult};
use rdkafka::error::KafkaResult;
use rdkafka::metadata::MetadataTopic;
use rdkafka::types::RDKafkaErrorCode;

pub use crate::admin::TopicAdmin;
use crate::admin::{AdminError, Partitions, REQUEST_LIMIT};

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
        self.exists() && self.partitions.iter().all(|partition| partition.answers)
    }
}

/// What stands on the broker for one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionDescription {
    /// The partition's number.
    pub partition: i32,
    /// A leader is elected, and answers ListOffsets.
    pub answers: bool,
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
    /// is just being made has partitions that don't answer.
    ///
    /// # Errors
    /// [`AdminError::Unreachable`] if no broker answers.
    pub async fn describe(&self, names: &[String]) -> Result<Vec<TopicDescription>, AdminError> {
        let (admin, names) = (self.clone(), names.to_vec());
        self.blocking(move |patience| {
            let found = admin.partitions(&names, patience)?;
            let led = found.iter().flat_map(|(name, partitions)| {
                partitions.iter().filter(|(_, has_leader)| *has_leader).map(|(partition, _)| (name.clone(), *partition))
            });
            // Leaders that can't be asked don't answer.
            let answering = admin.answering(&led.collect::<Vec<_>>(), &patience.within(OFFSETS_LIMIT));
            Ok(described(names, &found, &answering))
        })
        .await
    }

    /// The same without asking leaders, so that no partition answers.
    ///
    /// # Errors
    /// [`AdminError::Unreachable`] if no broker answers.
    pub async fn list(&self, names: &[String]) -> Result<Vec<TopicDescription>, AdminError> {
        let (admin, names) = (self.clone(), names.to_vec());
        self.blocking(move |patience| {
            let found = admin.partitions(&names, patience)?;
            Ok(described(names, &found, &HashSet::new()))
        })
        .await
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
}

fn described(
    names: Vec<String>,
    found: &HashMap<String, Partitions>,
    answering: &HashSet<(String, i32)>,
) -> Vec<TopicDescription> {
    let describe = |name: String| {
        let partitions = found.get(&name).into_iter().flatten().map(|(partition, _)| PartitionDescription {
            partition: *partition,
            answers: answering.contains(&(name.clone(), *partition)),
        });
        let mut partitions: Vec<PartitionDescription> = partitions.collect();
        partitions.sort_by_key(|partition| partition.partition);
        TopicDescription { name, partitions }
    };
    names.into_iter().map(describe).collect()
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
        let partition = |partition, answers| PartitionDescription { partition, answers };
        let topic = |partitions| TopicDescription { name: "t".to_owned(), partitions };
        assert!(!topic(vec![]).exists() && !topic(vec![]).is_ready());
        assert!(!topic(vec![partition(0, true), partition(1, false)]).is_ready());
        assert!(topic(vec![partition(0, true), partition(1, true)]).is_ready());
    }
}
