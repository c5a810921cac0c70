//! The transactional outbox: what Postgres decided is told to the log right after commit.

use std::time::Duration;

use domain::{
    Event,
    ids::{TopicKind, UnknownTopicKind},
};
use sqlx::{PgConnection, PgPool};
use tenancy::Workspace;
use tokio::time::timeout;
use uuid::Uuid;

use crate::{AppendError, EventLog, store};

/// Events read and removed together.
const BATCH: i64 = 100;
/// For one statement on the outbox, should the network lose it.
const STATEMENT: Duration = Duration::from_secs(5);

/// Why the outbox could not be relayed; what was not relayed waits.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The workspace's database.
    #[error("the outbox can't be read: {0}")]
    Database(#[from] sqlx::Error),
    /// The log.
    #[error(transparent)]
    Log(#[from] AppendError),
    /// A row of another version.
    #[error("an outbox row is unreadable: {0}")]
    Event(#[from] serde_json::Error),
    /// A row of another version.
    #[error("an outbox row names an unknown topic")]
    Topic(#[from] UnknownTopicKind),
}

/// Writes `event` into the outbox, in the transaction of the change that it tells of.
/// Take the changed row's lock first: then one entity's events have the order of their versions.
///
/// # Errors
/// The database's.
pub async fn enqueue(
    connection: &mut PgConnection,
    topic: TopicKind,
    key: Uuid,
    event: &Event,
) -> Result<(), RelayError> {
    store::enqueue(connection, topic, key, &serde_json::to_value(event)?).await?;
    Ok(())
}

/// The same for many events of one entity, in one statement: as many as there are.
///
/// # Errors
/// The database's.
pub async fn enqueue_all(
    connection: &mut PgConnection,
    topic: TopicKind,
    key: Uuid,
    events: &[Event],
) -> Result<(), RelayError> {
    let events: Vec<_> = events.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    store::enqueue_all(connection, topic, key, &events).await?;
    Ok(())
}

/// Relays everything that waits, in order. A row that this version can't relay is passed over: it may be for a newer one.
///
/// A row stays until the log has it, so a kill relays it again, and two processes may both relay it, even interleaved:
/// readers go by versions. A lock against that would hold a connection as long as Kafka takes.
///
/// # Errors
/// The first failure that time may heal; the events from there on stay.
pub async fn relay(log: &EventLog, workspace: &Workspace, pool: &PgPool) -> Result<(), RelayError> {
    let mut after = 0;
    loop {
        let waiting = in_time(store::waiting(pool, after, BATCH)).await?;
        let Some(last) = waiting.last() else { return Ok(()) };
        after = last.id;
        let mut relayed = Vec::with_capacity(waiting.len());
        let mut failure = None;
        for row in waiting {
            match append(log, workspace, row.topic, row.key, row.event).await {
                Ok(()) => relayed.push(row.id),
                Err(error) if error.passes() => {
                    failure = Some(error);
                    break;
                }
                Err(error) => {
                    tracing::error!(workspace = %workspace.id, row = row.id, %error, "an outbox row is passed over");
                }
            }
        }
        if !relayed.is_empty() {
            in_time(store::relayed(pool, &relayed)).await?;
        }
        if let Some(error) = failure {
            return Err(error);
        }
    }
}

impl RelayError {
    /// Whether trying again may help, rather than another row or another version.
    fn passes(&self) -> bool {
        match self {
            Self::Database(_) => true,
            Self::Log(error) => !matches!(error, AppendError::TooLarge | AppendError::Encode(_)),
            Self::Event(_) | Self::Topic(_) => false,
        }
    }
}

async fn in_time<T>(statement: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    timeout(STATEMENT, statement).await.unwrap_or_else(|elapsed| Err(sqlx::Error::Io(elapsed.into())))
}

async fn append(
    log: &EventLog,
    workspace: &Workspace,
    topic: String,
    key: Uuid,
    event: serde_json::Value,
) -> Result<(), RelayError> {
    let event: Event = serde_json::from_value(event)?;
    log.append(workspace, topic.parse()?, key, &event).await?;
    Ok(())
}
