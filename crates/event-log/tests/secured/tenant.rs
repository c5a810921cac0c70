//! A tenant's own program, with a Kafka client as anybody would configure it.

use std::time::{Duration, Instant};

use event_log::{Security, security::Protocol};
use rdkafka::{
    ClientConfig, Message,
    consumer::{BaseConsumer, CommitMode, Consumer},
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
    producer::{FutureProducer, FutureRecord},
};

use crate::broker::LIMIT;

pub struct Tenant(ClientConfig);

impl Tenant {
    pub fn new(bootstrap: &str, security: &Security) -> Self {
        let mut config = ClientConfig::new();
        let login = security.login.as_ref().unwrap();
        config
            .set("bootstrap.servers", bootstrap)
            .set("security.protocol", Protocol::SaslSsl.name())
            .set("ssl.ca.pem", security.tls.as_ref().unwrap().ca.as_ref().unwrap())
            .set("sasl.mechanism", login.mechanism.name())
            .set("sasl.username", &login.user)
            .set("sasl.password", login.password.expose())
            .set("message.timeout.ms", LIMIT.as_millis().to_string())
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest");
        Self(config)
    }

    pub async fn write(&self, topic: &str, value: &str) -> KafkaResult<()> {
        let producer: FutureProducer = self.0.create()?;
        let record = FutureRecord::<str, str>::to(topic).payload(value).partition(0);
        producer.send(record, LIMIT).await.map(drop).map_err(|(error, _)| error)
    }

    /// The first record of a topic, read as a member of a group that commits it.
    pub async fn read(&self, group: &str, topic: &str) -> KafkaResult<String> {
        let (mut config, group, topic) = (self.0.clone(), group.to_owned(), topic.to_owned());
        let read = move || {
            let consumer: BaseConsumer = config.set("group.id", group).create()?;
            consumer.subscribe(&[&topic])?;
            let deadline = Instant::now() + LIMIT;
            while Instant::now() < deadline {
                match consumer.poll(Duration::from_millis(100)) {
                    Some(Ok(record)) => {
                        consumer.commit_message(&record, CommitMode::Sync)?;
                        return Ok(String::from_utf8_lossy(record.payload().unwrap_or_default()).into_owned());
                    }
                    // Brokers come and go; what a broker says about us does not.
                    Some(Err(error)) if refusal(&error) => return Err(error),
                    Some(Err(_)) | None => {}
                }
            }
            Err(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut))
        };
        tokio::task::spawn_blocking(read).await.unwrap()
    }
}

pub fn refusal(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::GroupAuthorizationFailed
                | RDKafkaErrorCode::Authentication
        )
    )
}
