//! SQL of the log's own tables in a workspace's database: projections' positions and the outbox.

use chrono::{DateTime, Utc};
use domain::{Position, ids::TopicKind};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::projection::ProjectionStatus;

/// A projection's stored place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredPosition {
    pub epoch: i32,
    pub next_offset: i64,
    /// Of the record before; `None` before the first, and of what an older version projected.
    pub last_digest: Option<i64>,
    /// `None` while only readers have projected.
    pub topic_id: Option<Uuid>,
    pub halted: Option<String>,
}

pub(crate) async fn position(
    executor: impl PgExecutor<'_>,
    projection: &str,
    topic: TopicKind,
    partition: i32,
) -> sqlx::Result<Option<StoredPosition>> {
    sqlx::query_as!(
        StoredPosition,
        "select epoch, next_offset, last_digest, topic_id, halted from projection_positions
         where projection = $1 and topic = $2 and partition = $3",
        projection,
        topic.as_str(),
        partition
    )
    .fetch_optional(executor)
    .await
}

pub(crate) async fn positions(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<ProjectionStatus>> {
    let rows = sqlx::query!(
        "select projection, topic, partition, epoch, next_offset, halted from projection_positions
         order by topic, projection, partition"
    )
    .fetch_all(executor)
    .await?;
    let statuses = rows.into_iter().map(|row| ProjectionStatus {
        projection: row.projection,
        topic: row.topic,
        next: Position {
            epoch: u32::try_from(row.epoch).unwrap_or_default(),
            partition: u32::try_from(row.partition).unwrap_or_default(),
            offset: row.next_offset,
        },
        halted: row.halted,
    });
    Ok(statuses.collect())
}

/// The start of a partition's projection in an epoch; does nothing if it has begun in this epoch or a later one.
pub(crate) async fn begin(
    executor: impl PgExecutor<'_>,
    projection: &str,
    topic: TopicKind,
    partition: i32,
    epoch: i32,
    next_offset: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into projection_positions (projection, topic, partition, epoch, next_offset) values ($1, $2, $3, $4, $5)
         on conflict (projection, topic, partition) do update set epoch = excluded.epoch, next_offset = excluded.next_offset, last_digest = null, topic_id = null,
             halted = null
             where projection_positions.epoch < excluded.epoch",
        projection,
        topic.as_str(),
        partition,
        epoch,
        next_offset
    )
    .execute(executor)
    .await?;
    Ok(())
}

/// From one next offset to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Advance {
    pub from: i64,
    pub to: i64,
    /// Of the last record that is passed.
    pub digest: i64,
    /// The topic's identity, if it is known.
    pub topic_id: Option<Uuid>,
}

/// Advances if nobody else has; the row stays locked until the transaction ends.
pub(crate) async fn advance(
    connection: &mut PgConnection,
    projection: &str,
    topic: TopicKind,
    partition: i32,
    epoch: i32,
    advance: Advance,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update projection_positions set next_offset = $6, last_digest = $7, topic_id = coalesce(topic_id, $8)
         where projection = $1 and topic = $2 and partition = $3 and epoch = $4 and next_offset = $5
               and halted is null",
        projection,
        topic.as_str(),
        partition,
        epoch,
        advance.from,
        advance.to,
        advance.digest,
        advance.topic_id
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stops a partition's projection for everybody, until a newer epoch.
pub(crate) async fn halt(
    executor: impl PgExecutor<'_>,
    projection: &str,
    topic: TopicKind,
    partition: i32,
    epoch: i32,
    reason: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update projection_positions set halted = $5
         where projection = $1 and topic = $2 and partition = $3 and epoch = $4 and halted is null",
        projection,
        topic.as_str(),
        partition,
        epoch,
        reason
    )
    .execute(executor)
    .await?;
    Ok(())
}

/// An event that waits to be relayed.
pub(crate) struct Waiting {
    pub id: i64,
    pub topic: String,
    pub key: Uuid,
    pub event: Value,
}

pub(crate) async fn enqueue(
    connection: &mut PgConnection,
    topic: TopicKind,
    key: Uuid,
    event: &Value,
) -> sqlx::Result<()> {
    sqlx::query!("insert into outbox (topic, key, event) values ($1, $2, $3)", topic.as_str(), key, event)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn enqueue_all(
    connection: &mut PgConnection,
    topic: TopicKind,
    key: Uuid,
    events: &[Value],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into outbox (topic, key, event) select $1, $2, event from unnest($3::jsonb[]) event",
        topic.as_str(),
        key,
        events
    )
    .execute(connection)
    .await
    .map(drop)
}

/// The oldest events that wait behind the id `after`.
pub(crate) async fn waiting(executor: impl PgExecutor<'_>, after: i64, limit: i64) -> sqlx::Result<Vec<Waiting>> {
    sqlx::query_as!(
        Waiting,
        "select id, topic, key, event from outbox where id > $1 order by id limit $2",
        after,
        limit
    )
    .fetch_all(executor)
    .await
}

pub(crate) async fn relayed(executor: impl PgExecutor<'_>, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!("delete from outbox where id = any($1)", ids).execute(executor).await?;
    Ok(())
}

/// A record that could not be projected.
pub(crate) struct Rejected<'a> {
    pub projection: &'a str,
    pub topic: TopicKind,
    pub partition: i32,
    pub epoch: i32,
    pub offset: i64,
    pub value: &'a [u8],
    pub time: DateTime<Utc>,
    pub reason: &'static str,
    pub detail: &'a str,
}

/// Keeps a record; one that is kept already stays as it is.
pub(crate) async fn reject(connection: &mut PgConnection, record: Rejected<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into dead_letters (projection, topic, partition, epoch, record_offset, record_value, recorded_at,
                                   reason, detail)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        record.projection,
        record.topic.as_str(),
        record.partition,
        record.epoch,
        record.offset,
        record.value,
        record.time,
        record.reason,
        record.detail
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A kept record as people see it.
pub(crate) struct LetterRow {
    pub id: i64,
    pub projection: String,
    pub topic: String,
    pub partition: i32,
    pub epoch: i32,
    pub record_offset: i64,
    pub record_value: Vec<u8>,
    pub recorded_at: DateTime<Utc>,
    pub reason: String,
    pub detail: String,
    pub rejected_at: DateTime<Utc>,
    pub redriven_at: Option<DateTime<Utc>>,
}

/// Kept records behind the id `after`, oldest first.
pub(crate) async fn letters(executor: impl PgExecutor<'_>, after: i64, limit: i64) -> sqlx::Result<Vec<LetterRow>> {
    sqlx::query_as!(
        LetterRow,
        "select id, projection, topic, partition, epoch, record_offset, record_value, recorded_at, reason, detail,
                rejected_at, redriven_at
         from dead_letters where id > $1 order by id limit $2",
        after,
        limit
    )
    .fetch_all(executor)
    .await
}

pub(crate) async fn letter(executor: impl PgExecutor<'_>, id: i64) -> sqlx::Result<Option<LetterRow>> {
    sqlx::query_as!(
        LetterRow,
        "select id, projection, topic, partition, epoch, record_offset, record_value, recorded_at, reason, detail,
                rejected_at, redriven_at
         from dead_letters where id = $1",
        id
    )
    .fetch_optional(executor)
    .await
}

pub(crate) async fn redriven(executor: impl PgExecutor<'_>, id: i64) -> sqlx::Result<()> {
    sqlx::query!("update dead_letters set redriven_at = now() where id = $1", id).execute(executor).await?;
    Ok(())
}
