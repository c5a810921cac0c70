//! How this process reaches Kafka.

use rdkafka::ClientConfig;

use crate::Security;

/// The cluster, and this process's stable name in it.
#[derive(Clone, Debug)]
pub struct KafkaConfig {
    /// `host:port`, comma separated.
    pub bootstrap: String,
    /// How connections are protected.
    pub security: Security,
    /// The installation's name (its control database): consumers of two installations never share a group.
    pub installation: String,
    /// Unique among running processes and the same after a restart: static group members are found again by it.
    pub instance: String,
}

impl KafkaConfig {
    /// What every client has in common.
    pub(crate) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.bootstrap)
            .set("client.id", format!("threadly.{}", self.instance))
            // A broker that restarts is found again quickly, without a storm.
            .set("reconnect.backoff.ms", "50")
            .set("reconnect.backoff.max.ms", "1000")
            .set("topic.metadata.refresh.interval.ms", "60000")
            // Looking at a topic that is not there must not make it, with the broker's settings instead of ours.
            .set("allow.auto.create.topics", "false")
            .set("socket.nagle.disable", "true");
        self.security.configure(&mut config);
        config
    }

    /// A consumer group's name.
    pub(crate) fn group(&self, purpose: &str) -> String {
        format!("threadly.{}.{purpose}", self.installation)
    }

    /// A member of a projection's group. It prefers full batches: what it makes of the log is read at once only by whoever
    /// names a place, and they go ahead of it.
    pub(crate) fn member(&self, purpose: &str) -> ClientConfig {
        let mut config = self.consumer(purpose);
        config.set("fetch.min.bytes", "32768").set("fetch.wait.max.ms", "500");
        config
    }

    /// What every consumer has in common; positions are ours, not Kafka's.
    pub(crate) fn consumer(&self, purpose: &str) -> ClientConfig {
        let mut config = self.client();
        config
            .set("group.id", self.group(purpose))
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "earliest")
            .set("fetch.wait.max.ms", "50")
            .set("fetch.error.backoff.ms", "100")
            .set("queued.max.messages.kbytes", "16384")
            .set("enable.partition.eof", "false");
        config
    }
}
