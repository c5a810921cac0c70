//! Appending: acknowledged by all replicas, in order, never twice by this producer's own retries.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use domain::{Event, Position, ids::TopicKind, position::partition_of};
use rdkafka::{
    error::{KafkaError, RDKafkaErrorCode},
    message::{Header, OwnedHeaders},
    producer::BaseRecord,
};
use tenancy::Workspace;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    KafkaConfig, LogError,
    polled::{PolledProducer, Record, Teller},
    reach::{Reach, Reporter},
};

/// Longest wait for an acknowledgement; below the HTTP limit, so that the answer is ours.
const MESSAGE_TIMEOUT_MS: &str = "4000";
/// Longest wait for a broker that was lost to say that it is back.
const PROBE: Duration = Duration::from_secs(1);
/// Between two questions to it.
const PROBE_PAUSE: Duration = Duration::from_millis(200);
/// Messages waiting in this process; beyond, writers are refused at once.
const QUEUE_MESSAGES: &str = "20000";

/// Where and when the broker put a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Its place.
    pub position: Position,
    /// By the broker's clock.
    pub time: DateTime<Utc>,
}

/// Why a record was not acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// It may or may not be in the log: retry with the same id.
    #[error("the log did not acknowledge in time; the outcome is unknown")]
    OutcomeUnknown,
    /// It is not in the log.
    #[error("the log takes no writes now: {0}")]
    Unavailable(KafkaError),
    /// It is larger than the log takes.
    #[error("the event is too large for the log")]
    TooLarge,
    /// It could not be encoded.
    #[error("the event can't be encoded: {0}")]
    Encode(#[from] serde_json::Error),
}

/// The writer's end of the log. Clones share one producer.
#[derive(Clone)]
pub struct EventLog {
    config: Arc<KafkaConfig>,
    producer: Arc<RwLock<PolledProducer>>,
    reach: Reach,
}

impl std::fmt::Debug for EventLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventLog").field("config", &self.config).finish_non_exhaustive()
    }
}

impl EventLog {
    /// Makes the producer. Connects in the background; see [`EventLog::warm`].
    ///
    /// # Errors
    /// The configuration is refused.
    pub fn connect(config: KafkaConfig) -> Result<Self, LogError> {
        let reach = Reach::default();
        let producer = producer(&config, &reach)?;
        Ok(Self { config: Arc::new(config), producer: Arc::new(RwLock::new(producer)), reach })
    }

    /// How this process reaches Kafka.
    #[must_use]
    pub fn config(&self) -> &KafkaConfig {
        &self.config
    }

    /// Whether a broker answers, as far as is known.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        !self.reach.is_lost()
    }

    /// Waits until a broker answers, as far as is known. Somebody has to [watch](EventLog::watch).
    pub async fn reachable(&self) {
        self.reach.regained().await;
    }

    /// Watches whether the cluster can be reached, until `shutdown`: while it can't, appends are refused at once.
    pub async fn watch(self, shutdown: CancellationToken) {
        let watched = async {
            loop {
                self.reach.lost().await;
                while self.ask(PROBE).await.is_err() {
                    tokio::time::sleep(PROBE_PAUSE).await;
                }
            }
        };
        shutdown.run_until_cancelled(watched).await;
    }

    /// Asks the cluster for metadata, so that the first append waits tens of milliseconds instead of 500.
    ///
    /// # Errors
    /// No broker answers within 5 s.
    pub async fn warm(&self) -> Result<(), LogError> {
        self.ask(Duration::from_secs(5)).await
    }

    async fn ask(&self, wait: Duration) -> Result<(), LogError> {
        let producer = self.current();
        let fetched =
            tokio::task::spawn_blocking(move || producer.client().fetch_metadata(Some("__consumer_offsets"), wait))
                .await;
        match fetched {
            Ok(Ok(_)) => {
                self.reach.regain();
                Ok(())
            }
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(LogError::TimedOut(wait)),
        }
    }

    /// Appends an event under `key`, and answers once every in-sync replica has it.
    ///
    /// # Errors
    /// See [`AppendError`]; only [`AppendError::OutcomeUnknown`] may still appear in the log.
    pub async fn append(
        &self,
        workspace: &Workspace,
        topic: TopicKind,
        key: Uuid,
        event: &Event,
    ) -> Result<Appended, AppendError> {
        let value = event.encode()?;
        let (name, key_text) = (workspace.topic(topic), key.to_string());
        let partition = partition_of(key, workspace.partitions(topic));
        let headers = cloud_event(workspace, event);
        let record = |teller| BaseRecord::with_opaque_to(&name, teller).key(key_text.as_str()).headers(headers);
        self.send(workspace, partition, |teller| record(teller).payload(value.as_slice())).await
    }

    /// Appends a record's bytes to a partition, as they are.
    ///
    /// # Errors
    /// See [`AppendError`].
    pub async fn append_again(
        &self,
        workspace: &Workspace,
        topic: TopicKind,
        partition: u32,
        value: &[u8],
    ) -> Result<Appended, AppendError> {
        let name = workspace.topic(topic);
        self.send(workspace, partition, |teller| BaseRecord::with_opaque_to(&name, teller).payload(value)).await
    }

    async fn send<'a>(
        &self,
        workspace: &Workspace,
        partition: u32,
        record: impl FnOnce(Teller) -> Record<'a>,
    ) -> Result<Appended, AppendError> {
        if self.reach.is_lost() {
            return Err(AppendError::Unavailable(KafkaError::MessageProduction(RDKafkaErrorCode::AllBrokersDown)));
        }
        let producer = self.current();
        let number = i32::try_from(partition).unwrap_or_default();
        match producer.send(|teller| record(teller).partition(number)).await {
            Some(Ok(delivered)) => Ok(Appended {
                position: Position { epoch: workspace.epoch, partition, offset: delivered.offset },
                time: delivered.time.to_millis().and_then(DateTime::from_timestamp_millis).unwrap_or_else(Utc::now),
            }),
            Some(Err(error)) => Err(self.refused(&producer, error)),
            None => Err(AppendError::OutcomeUnknown),
        }
    }

    fn refused(&self, producer: &PolledProducer, error: KafkaError) -> AppendError {
        if producer.client().fatal_error().is_some() {
            self.replace();
            return AppendError::OutcomeUnknown;
        }
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::MessageSizeTooLarge) => AppendError::TooLarge,
            Some(
                RDKafkaErrorCode::QueueFull
                | RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::UnknownPartition
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::TopicAuthorizationFailed,
            ) => AppendError::Unavailable(error),
            Some(RDKafkaErrorCode::MessageTimedOut) => {
                // A broker that is frozen, or cut off without a word, tells nothing else.
                self.reach.lose();
                AppendError::OutcomeUnknown
            }
            _ => AppendError::OutcomeUnknown,
        }
    }

    /// A fatal idempotence error ends a producer for good: the next append has a fresh one.
    fn replace(&self) {
        let mut current = self.producer.write().unwrap_or_else(PoisonError::into_inner);
        // Several appends may fail at once; the first of them replaces.
        if current.client().fatal_error().is_none() {
            return;
        }
        match producer(&self.config, &self.reach) {
            Ok(fresh) => {
                tracing::warn!("the producer had a fatal error and was replaced");
                *current = fresh;
            }
            Err(error) => tracing::error!(%error, "the producer can't be replaced"),
        }
    }

    fn current(&self) -> PolledProducer {
        self.producer.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until everything queued is acknowledged or timed out, at shutdown.
    pub async fn flush(&self) {
        let producer = self.current();
        let flushed = tokio::task::spawn_blocking(move || producer.flush(Duration::from_secs(5))).await;
        if !matches!(flushed, Ok(Ok(()))) {
            tracing::warn!("some records were not acknowledged before shutdown");
        }
    }
}

fn producer(config: &KafkaConfig, reach: &Reach) -> Result<PolledProducer, LogError> {
    let mut client = config.client();
    client
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "0")
        .set("message.timeout.ms", MESSAGE_TIMEOUT_MS)
        .set("queue.buffering.max.messages", QUEUE_MESSAGES);
    Ok(PolledProducer::create(&client, Reporter(reach.clone()))?)
}

/// CloudEvents 1.0 attributes, in Kafka's binary content mode.
fn cloud_event(workspace: &Workspace, event: &Event) -> OwnedHeaders {
    let id = Uuid::now_v7().to_string();
    let source = format!("/workspaces/{}", workspace.id);
    OwnedHeaders::new_with_capacity(5)
        .insert(Header { key: "ce_specversion", value: Some("1.0") })
        .insert(Header { key: "ce_id", value: Some(&id) })
        .insert(Header { key: "ce_source", value: Some(&source) })
        .insert(Header { key: "ce_type", value: Some(event.kind()) })
        .insert(Header { key: "content-type", value: Some("application/json") })
}
