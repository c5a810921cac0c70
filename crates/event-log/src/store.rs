//! SQL of the log's own tables in a workspace's database: projections' positions and the outbox.

use domain::ids::TopicKind;
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A projection's stored place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredPosition {
    pub epoch: i32,
    pub next_offset: i64,
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
        "select epoch, next_offset, halted from projection_positions
         where projection = $1 and topic = $2 and partition = $3",
        projection,
        topic.as_str(),
        partition
    )
    .fetch_optional(executor)
    .await
}

/// The start of a partition's projection in an epoch; does nothing if it has begun in this epoch or a later one.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    projection: &str,
    topic: TopicKind,
    partition: i32,
    epoch: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into projection_positions (projection, topic, partition, epoch, next_offset) values ($1, $2, $3, $4, 0)
         on conflict (projection, topic, partition) do update set epoch = excluded.epoch, next_offset = 0, halted = null
             where projection_positions.epoch < excluded.epoch",
        projection,
        topic.as_str(),
        partition,
        epoch
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Advances from `from` to `to` if nobody else has; the row stays locked until the transaction ends.
pub(crate) async fn advance(
    connection: &mut PgConnection,
    projection: &str,
    topic: TopicKind,
    partition: i32,
    epoch: i32,
    (from, to): (i64, i64),
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update projection_positions set next_offset = $6
         where projection = $1 and topic = $2 and partition = $3 and epoch = $4 and next_offset = $5
               and halted is null",
        projection,
        topic.as_str(),
        partition,
        epoch,
        from,
        to
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
