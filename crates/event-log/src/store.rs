//! SQL of the log's own tables in a workspace's database: projections' positions and the outbox.

use domain::ids::TopicKind;
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A projection's stored place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredPosition {
    pub epoch: i32,
    pub next_offset: i64,
}

pub(crate) async fn position(
    executor: impl PgExecutor<'_>,
    projection: &str,
    topic: TopicKind,
    partition: i32,
) -> sqlx::Result<Option<StoredPosition>> {
    sqlx::query_as!(
        StoredPosition,
        "select epoch, next_offset from projection_positions where projection = $1 and topic = $2 and partition = $3",
        projection,
        topic.as_str(),
        partition
    )
    .fetch_optional(executor)
    .await
}

/// The start of a partition's projection; does nothing if it has begun.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    projection: &str,
    topic: TopicKind,
    partition: i32,
    epoch: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into projection_positions (projection, topic, partition, epoch, next_offset) values ($1, $2, $3, $4, 0)
         on conflict do nothing",
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
    from: StoredPosition,
    to: i64,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update projection_positions set next_offset = $6
         where projection = $1 and topic = $2 and partition = $3 and epoch = $4 and next_offset = $5",
        projection,
        topic.as_str(),
        partition,
        from.epoch,
        from.next_offset,
        to
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
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

/// The oldest waiting events, locked: a second relay waits here, and then finds them gone.
pub(crate) async fn waiting(connection: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<Waiting>> {
    sqlx::query_as!(Waiting, "select id, topic, key, event from outbox order by id limit $1 for update", limit)
        .fetch_all(connection)
        .await
}

pub(crate) async fn relayed(connection: &mut PgConnection, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!("delete from outbox where id = any($1)", ids).execute(connection).await?;
    Ok(())
}
