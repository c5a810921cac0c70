//! A class's backends. Secrets are names in the operator's namespace, never contents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A Kafka cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KafkaBackend {
    /// `host:port` of brokers.
    #[schemars(length(min = 1, max = 16), inner(length(min = 3, max = 260)))]
    pub bootstrap_servers: Vec<String>,
    /// How to connect.
    #[serde(default)]
    pub security: KafkaSecurity,
    /// Whether workspaces have principals of their own.
    #[serde(default)]
    pub principals: Sharing,
    /// How topics are made.
    #[serde(default)]
    pub topics: TopicDefaults,
}

/// How to connect to Kafka.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KafkaSecurity {
    /// The protocol.
    #[serde(default)]
    pub protocol: KafkaProtocol,
    /// With SASL: the mechanism.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<SaslMechanism>,
    /// With SASL: the Secret with the admin's user name and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub admin_secret: Option<String>,
    /// With TLS: the Secret with the authority's certificate; the system's authorities if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub ca_secret: Option<String>,
}

/// Kafka's security protocols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum KafkaProtocol {
    /// Neither encrypted nor authenticated.
    #[default]
    #[serde(rename = "PLAINTEXT")]
    Plaintext,
    /// Encrypted.
    #[serde(rename = "SSL")]
    Ssl,
    /// Authenticated.
    #[serde(rename = "SASL_PLAINTEXT")]
    SaslPlaintext,
    /// Encrypted and authenticated.
    #[serde(rename = "SASL_SSL")]
    SaslSsl,
}

/// Kafka's password mechanisms that are supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SaslMechanism {
    /// SCRAM over SHA-256.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    /// SCRAM over SHA-512.
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
}

/// Whether each workspace has one of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Sharing {
    /// All workspaces share one.
    #[default]
    Shared,
    /// One per workspace.
    PerWorkspace,
}

/// How topics are made. Has effect at creation only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TopicDefaults {
    /// Replicas; the broker's default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 15))]
    pub replication_factor: Option<u16>,
    /// Replicas that must acknowledge; the broker's default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 15))]
    pub min_in_sync_replicas: Option<u16>,
    /// How long the log keeps records; 168 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 8760))]
    pub retention_hours: Option<u32>,
    /// Partitions per topic; never change in place.
    #[serde(default)]
    pub partitions: Partitions,
}

/// Partitions per topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Partitions {
    /// Of `messages`.
    #[schemars(range(min = 1, max = 64))]
    pub messages: u16,
    /// Of `directory`.
    #[schemars(range(min = 1, max = 1))]
    pub directory: u16,
    /// Of `notifications`.
    #[schemars(range(min = 1, max = 1))]
    pub notifications: u16,
    /// Of `audit`.
    #[schemars(range(min = 1, max = 1))]
    pub audit: u16,
    /// Of `dead-letters`.
    #[schemars(range(min = 1, max = 1))]
    pub dead_letters: u16,
}

impl Default for Partitions {
    fn default() -> Self {
        Self { messages: 2, directory: 1, notifications: 1, audit: 1, dead_letters: 1 }
    }
}

/// A Postgres server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostgresBackend {
    /// Its host name.
    #[schemars(length(min = 1, max = 253))]
    pub host: String,
    /// Its port.
    #[serde(default = "postgres_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
    /// The Secret with the admin's user name and password.
    #[schemars(length(min = 1, max = 253))]
    pub admin_secret: String,
    /// Encryption.
    #[serde(default)]
    pub tls: PostgresTls,
}

const fn postgres_port() -> u16 {
    5432
}

/// Encryption to Postgres.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostgresTls {
    /// How strict.
    #[serde(default)]
    pub mode: PostgresTlsMode,
    /// The Secret with the authority's certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub ca_secret: Option<String>,
}

/// How strict encryption to Postgres is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PostgresTlsMode {
    /// None.
    Disable,
    /// Encrypted, the certificate unchecked.
    Require,
    /// Encrypted, the certificate's authority and name checked.
    #[default]
    VerifyFull,
}

/// An S3 service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectStoreBackend {
    /// Its URL.
    #[schemars(length(min = 8, max = 512))]
    pub endpoint: String,
    /// Its region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub region: Option<String>,
    /// The Secret with the admin's key pair.
    #[schemars(length(min = 1, max = 253))]
    pub admin_secret: String,
    /// Whether workspaces have buckets of their own.
    #[serde(default)]
    pub buckets: Sharing,
}
