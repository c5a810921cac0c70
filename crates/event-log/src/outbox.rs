//! The transactional outbox: what Postgres decided is told to the log right after commit.

use domain::{
    Event,
    ids::{TopicKind, UnknownTopicKind},
};
use sqlx::{Acquire, PgConnection, PgPool};
use tenancy::Workspace;
use uuid::Uuid;

use crate::{AppendError, EventLog, store};

/// Events relayed in one transaction.
const BATCH: i64 = 100;

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

/// Relays everything that waits, in order. A kill between append and commit relays again: readers go by versions.
///
/// # Errors
/// The first failure; the events from there on stay.
pub async fn relay(log: &EventLog, workspace: &Workspace, pool: &PgPool) -> Result<(), RelayError> {
    let mut connection = pool.acquire().await?;
    loop {
        let mut transaction = connection.begin().await?;
        let waiting = store::waiting(&mut transaction, BATCH).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let mut relayed = Vec::with_capacity(waiting.len());
        let mut failure = None;
        for row in waiting {
            match append(log, workspace, row.topic, row.key, row.event).await {
                Ok(()) => relayed.push(row.id),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        store::relayed(&mut transaction, &relayed).await?;
        transaction.commit().await?;
        if let Some(error) = failure {
            return Err(error);
        }
    }
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
