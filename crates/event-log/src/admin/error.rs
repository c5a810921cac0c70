//! Why administration failed.

use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};

/// Why administration failed.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The client's settings are wrong; says which.
    #[error("Kafka at {bootstrap} cannot be used: {source}")]
    Client {
        /// The bootstrap servers as configured.
        bootstrap: String,
        /// librdkafka's reason.
        source: KafkaError,
    },
    /// No broker answered in time, or the connection was refused.
    #[error("Kafka at {bootstrap} did not answer: {reason}")]
    Unreachable {
        /// The bootstrap servers as configured.
        bootstrap: String,
        /// librdkafka's reason.
        reason: String,
    },
    /// A broker is not who it should be: its certificate is not trusted, or is for another name.
    #[error("Kafka at {bootstrap} is not trusted; check the authority (CA) and the brokers' names: {reason}")]
    Untrusted {
        /// The bootstrap servers as configured.
        bootstrap: String,
        /// librdkafka's reason.
        reason: String,
    },
    /// The cluster does not take the password, or knows no such user. It never tells which of both.
    #[error("Kafka at {bootstrap} does not let the user {user:?} in; check the name and the password: {reason}")]
    LoginRefused {
        /// The bootstrap servers as configured.
        bootstrap: String,
        /// The user.
        user: String,
        /// The broker's words.
        reason: String,
    },
    /// The broker refused.
    #[error("Kafka refused, {what}: {code}{}", detail(.reason))]
    Refused {
        /// What it was about, for example `topic t.k3v7q2hdm6xa.messages`.
        what: String,
        /// The broker's code.
        code: RDKafkaErrorCode,
        /// The broker's words; empty if it has none.
        reason: String,
    },
    /// A name or value that can't be sent.
    #[error("{what} can't be sent to Kafka: {reason}")]
    Unsendable {
        /// What it is about.
        what: String,
        /// Why.
        reason: String,
    },
    /// The blocking call was lost with its runtime.
    #[error("the call to Kafka was cut off by shutdown")]
    Cancelled,
}

impl AdminError {
    /// Stable, for logs and statuses.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Client { .. } => "kafka-client",
            Self::Unreachable { .. } => "kafka-unreachable",
            Self::Untrusted { .. } => "kafka-untrusted",
            Self::LoginRefused { .. } => "kafka-login-refused",
            Self::Refused { .. } => "kafka-refused",
            Self::Unsendable { .. } => "kafka-unsendable",
            Self::Cancelled => "cancelled",
        }
    }
}

fn detail(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}
