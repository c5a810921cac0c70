//! Classes. The directory source has one, built in: its backends are those that the program was given.

use crds::{
    backends::{Partitions, Sharing, TopicDefaults},
    workspace::Limits,
    workspace_class::Allowed,
};
use domain::{WorkspaceId, ids::TopicKind};
use event_log::topics::TopicSpec;

/// The name of the built-in class.
pub const STANDARD: &str = "standard";

const RETENTION_HOURS: u32 = 168;

/// What a class says, as far as provisioning needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// How topics are made.
    pub topics: TopicDefaults,
    /// Whether each workspace has a user of Kafka of its own.
    pub principals: Sharing,
    /// What a workspace may ask for.
    pub allowed: Allowed,
    /// How much a workspace may use that asks for nothing.
    pub limits: Limits,
    /// How much a workspace may ask for.
    pub maximums: Limits,
    /// How many workspaces fit.
    pub capacity: Option<u32>,
    /// How many bytes all databases of its server may take.
    pub storage: Option<u64>,
    /// How long the data of a workspace with the deletion policy Delete is kept once its manifest is gone; until a person
    /// purges it without one.
    pub purge_after_days: Option<u32>,
}

impl Class {
    /// The built-in class: two partitions for messages, seven days of log, Shared and Retain only.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            name: STANDARD.to_owned(),
            topics: TopicDefaults::default(),
            principals: Sharing::Shared,
            allowed: Allowed::default(),
            limits: Limits::default(),
            maximums: Limits::default(),
            capacity: None,
            storage: None,
            purge_after_days: None,
        }
    }

    /// How a workspace's topic is made. `message_partitions` is the registry's word, since a class may change later.
    #[must_use]
    pub fn topic(&self, id: &WorkspaceId, kind: TopicKind, message_partitions: u16) -> TopicSpec {
        let hours = u64::from(self.topics.retention_hours.unwrap_or(RETENTION_HOURS));
        let mut config = vec![("retention.ms", (hours * 3_600_000).to_string())];
        if kind == TopicKind::Messages {
            config.push(("message.timestamp.type", "LogAppendTime".to_owned()));
        }
        if let Some(replicas) = self.topics.min_in_sync_replicas {
            config.push(("min.insync.replicas", replicas.to_string()));
        }
        TopicSpec {
            name: id.topic(kind),
            partitions: partitions(kind, message_partitions),
            replication: self.topics.replication_factor,
            config,
        }
    }

    /// How many partitions this class gives to each topic.
    #[must_use]
    pub const fn partitions(&self) -> &Partitions {
        &self.topics.partitions
    }
}

/// The number of partitions of a workspace's topic.
#[must_use]
pub const fn partitions(kind: TopicKind, message_partitions: u16) -> u16 {
    match kind {
        TopicKind::Messages => message_partitions,
        TopicKind::Directory | TopicKind::Notifications | TopicKind::Audit | TopicKind::DeadLetters => 1,
    }
}
