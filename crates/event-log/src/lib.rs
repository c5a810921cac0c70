//! The event log: the one place where Threadly speaks Kafka.
//!
//! Writers [append](EventLog::append); the [projector] turns records into rows in batches whose position
//! advances in the same transaction, as does [up_to] for hosts that are called with events; the [tail] feeds an edge; [range] reads a piece again; the [outbox]
//! relays what Postgres decided first. [`admin`] has the cluster's own business: topics, users, rights.

pub mod admin;
mod applier;
mod assignments;
mod budget;
mod complaint;
mod config;
pub mod dead_letters;
mod dirty;
pub mod outbox;
mod polled;
mod producer;
pub mod projection;
pub mod projector;
pub mod range;
mod reach;
mod record;
pub mod relay;
pub mod security;
mod start;
mod store;
pub mod tail;
pub mod topics;
pub mod up_to;
mod worker;

pub use config::KafkaConfig;
pub use producer::{AppendError, Appended, EventLog};
pub use projection::{ApplyError, CaughtUp, ProjectError, Projection, Recorded};
pub use record::Record;
pub use relay::Relay;
pub use security::Security;

/// A failure of the client or the cluster, with its own words.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Kafka's client refused or failed.
    #[error("Kafka: {0}")]
    Kafka(#[from] rdkafka::error::KafkaError),
    /// The asked-for records did not arrive in time.
    #[error("Kafka did not answer within {0:?}")]
    TimedOut(std::time::Duration),
}
