//! Topic administration: making topics, and telling whether they can be written to and read.
//!
//! `CreateTopics` answers before the broker has opened the logs, so "created" and "ready" are two questions here:
//! [`TopicAdmin::ensure`] asks for topics, [`TopicAdmin::describe`] says what is there and whether every partition has a
//! leader that answers ListOffsets. Nothing here shrinks or reconfigures a topic that exists.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::KafkaError;
use rdkafka::metadata::MetadataTopic;
use rdkafka::types::RDKafkaErrorCode;

/// How long one request may take before it counts as unanswered.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);
/// ListOffsets to a partition that is being opened is asked again by the caller, so this one gives up sooner.
const OFFSETS_LIMIT: Duration = Duration::from_secs(2);
/// Who the cluster is.
const IDENTITY_LIMIT: Duration = Duration::from_secs(5);
/// A name that no workspace's topic can have.
const NO_TOPIC: &str = "threadly-nothing";

/// Why topic administration failed.
#[derive(Debug, thiserror::Error)]
pub enum TopicError {
    /// The client's settings are wrong; says which.
    #[error("Kafka at {bootstrap} cannot be used: {source}")]
    Client {
        /// The bootstrap servers as configured.
        bootstrap: String,
        /// librdkafka's reason.
        source: KafkaError,
    },
    /// No broker answered in time, or the connection was refused.
    #[error("Kafka at {bootstrap} did not answer: {source}")]
    Unreachable {
        /// The bootstrap servers as configured.
        bootstrap: String,
        /// librdkafka's reason.
        source: KafkaError,
    },
    /// The broker refused to make or to describe a topic.
    #[error("Kafka refused, topic {topic}: {code}")]
    Refused {
        /// The topic's name.
        topic: String,
        /// The broker's code.
        code: RDKafkaErrorCode,
    },
    /// The blocking call was lost with its runtime.
    #[error("the call to Kafka was cut off by shutdown")]
    Cancelled,
}

impl TopicError {
    /// Stable, for logs and statuses.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Client { .. } => "kafka-client",
            Self::Unreachable { .. } => "kafka-unreachable",
            Self::Refused { .. } => "topic-refused",
            Self::Cancelled => "cancelled",
        }
    }
}

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

/// A connection for topic administration. Cheap to clone.
#[derive(Clone)]
pub struct TopicAdmin {
    bootstrap: Arc<str>,
    client: Arc<AdminClient<DefaultClientContext>>,
}

impl TopicAdmin {
    /// Whether both are clones of one connection.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.client, &other.client)
    }

    /// Makes a client; connections open at the first call, so an absent broker is told of there.
    ///
    /// # Errors
    /// [`TopicError::Client`] if `bootstrap` is not a list of `host:port`.
    pub fn connect(bootstrap: &str) -> Result<Self, TopicError> {
        let client = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("client.id", "threadly-topics")
            // A broker that is back should be found at once: the default waits up to 10 s.
            .set("reconnect.backoff.max.ms", "1000")
            .create()
            .map_err(|source| TopicError::Client { bootstrap: bootstrap.to_owned(), source })?;
        Ok(Self { bootstrap: bootstrap.into(), client: Arc::new(client) })
    }

    /// Makes the topics that don't exist; those that do are left as they are, so it is safe to repeat.
    ///
    /// # Errors
    /// [`TopicError::Unreachable`], or [`TopicError::Refused`] for the first topic that the broker refuses; others of the
    /// same call may have been made.
    pub async fn ensure(&self, topics: &[TopicSpec]) -> Result<(), TopicError> {
        if topics.is_empty() {
            return Ok(());
        }
        let new_topics: Vec<NewTopic<'_>> = topics.iter().map(new_topic).collect();
        let options = AdminOptions::new().request_timeout(Some(REQUEST_LIMIT)).operation_timeout(Some(REQUEST_LIMIT));
        let results =
            self.client.create_topics(&new_topics, &options).await.map_err(|source| self.unreachable(source))?;
        for result in results {
            match result {
                Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((topic, code)) => return Err(TopicError::Refused { topic, code }),
            }
        }
        Ok(())
    }

    /// Deletes topics with all that is in them; one that is gone already is as good.
    ///
    /// # Errors
    /// As [`Self::ensure`].
    pub async fn delete(&self, names: &[String]) -> Result<(), TopicError> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let options = AdminOptions::new().request_timeout(Some(REQUEST_LIMIT)).operation_timeout(Some(REQUEST_LIMIT));
        let results = self.client.delete_topics(&names, &options).await.map_err(|source| self.unreachable(source))?;
        for result in results {
            match result {
                Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic)) => {}
                Err((topic, code)) => return Err(TopicError::Refused { topic, code }),
            }
        }
        Ok(())
    }

    /// What stands on the broker for each name, in the same order. A topic that doesn't exist has no partitions; one that
    /// is just being made has partitions without watermarks.
    ///
    /// # Errors
    /// [`TopicError::Unreachable`] if no broker answers.
    pub async fn describe(&self, names: &[String]) -> Result<Vec<TopicDescription>, TopicError> {
        let admin = self.clone();
        let names = names.to_vec();
        tokio::task::spawn_blocking(move || names.iter().map(|name| admin.describe_one(name)).collect())
            .await
            .map_err(|_| TopicError::Cancelled)?
    }

    /// How many partitions each topic of the cluster has, in one request.
    ///
    /// # Errors
    /// [`TopicError::Unreachable`] if no broker answers.
    pub async fn all(&self) -> Result<HashMap<String, u16>, TopicError> {
        let admin = self.clone();
        let listed = tokio::task::spawn_blocking(move || {
            let found = admin.client.inner().fetch_metadata(None, REQUEST_LIMIT);
            let found = found.map_err(|source| admin.unreachable(source))?;
            let count = |topic: &MetadataTopic| u16::try_from(topic.partitions().len()).unwrap_or(u16::MAX);
            Ok(found.topics().iter().map(|topic| (topic.name().to_owned(), count(topic))).collect())
        });
        listed.await.map_err(|_| TopicError::Cancelled)?
    }

    /// The id that the cluster was given when its storage was made; asked anew each time.
    ///
    /// # Errors
    /// [`TopicError::Unreachable`] if no broker answers within 5 s, or none tells an id.
    pub async fn cluster_id(&self) -> Result<String, TopicError> {
        let admin = self.clone();
        let asked = move || {
            let client = admin.client.inner();
            // The client keeps the id that came with the last metadata, so these are asked for first; of a topic that is
            // not there, since all of them would be many.
            client.fetch_metadata(Some(NO_TOPIC), IDENTITY_LIMIT).map_err(|source| admin.unreachable(source))?;
            let none = || admin.unreachable(KafkaError::MetadataFetch(RDKafkaErrorCode::UnsupportedFeature));
            client.fetch_cluster_id(Duration::ZERO).ok_or_else(none)
        };
        tokio::task::spawn_blocking(asked).await.map_err(|_| TopicError::Cancelled)?
    }

    fn describe_one(&self, name: &str) -> Result<TopicDescription, TopicError> {
        let metadata =
            self.client.inner().fetch_metadata(Some(name), REQUEST_LIMIT).map_err(|source| self.unreachable(source))?;
        let mut partitions = Vec::new();
        for topic in metadata.topics().iter().filter(|topic| topic.name() == name) {
            // Only "unknown" means absent; any other error says nothing of whether the topic is there.
            match topic.error().map(RDKafkaErrorCode::from) {
                None => {}
                Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => continue,
                Some(code) => return Err(TopicError::Refused { topic: name.to_owned(), code }),
            }
            partitions.extend(topic.partitions().iter().map(|partition| {
                let has_leader = partition.leader() >= 0 && partition.error().is_none();
                let watermarks = has_leader.then(|| self.watermarks(name, partition.id())).flatten();
                PartitionDescription { partition: partition.id(), has_leader, watermarks }
            }));
        }
        partitions.sort_by_key(|partition| partition.partition);
        Ok(TopicDescription { name: name.to_owned(), partitions })
    }

    fn watermarks(&self, topic: &str, partition: i32) -> Option<(i64, i64)> {
        self.client.inner().fetch_watermarks(topic, partition, OFFSETS_LIMIT).ok()
    }

    fn unreachable(&self, source: KafkaError) -> TopicError {
        TopicError::Unreachable { bootstrap: self.bootstrap.to_string(), source }
    }
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
