//! SQL of people's sessions as they see them.

use chrono::{DateTime, Utc};
use domain::{SessionId, UserId};
use function_host::client::Client;
use sqlx::{PgConnection, PgExecutor, PgPool};

use super::{Place, list::OwnSession};

/// Sessions that nobody has used for so long have ended, with their refresh tokens.
pub(crate) const UNUSED_DAYS: i32 = 30;
/// Where somebody has been, at most.
const PLACES: i64 = 100;

/// Where somebody has been in the last 90 days, newest first; sessions that have ended count.
pub(crate) async fn places(database: impl PgExecutor<'_>, user: UserId) -> sqlx::Result<Vec<Place>> {
    sqlx::query!(
        "select device, address from sessions where user_id = $1 and last_used_at > now() - interval '90 days'
         order by last_used_at desc limit $2",
        user.0,
        PLACES
    )
    .map(|row| Place { device: row.device, address: row.address })
    .fetch_all(database)
    .await
}

/// Notes that a session is used, and from where.
pub(crate) async fn touch(connection: &mut PgConnection, session: SessionId, client: &Client) -> sqlx::Result<()> {
    sqlx::query!(
        "update sessions set last_used_at = now(), device = $2, address = $3 where id = $1",
        session.0,
        client.device,
        client.address.to_string()
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Ends those of somebody's sessions that nobody has used for long. Their tokens ended before, so nobody has to be told.
pub(crate) async fn end_unused(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!(
        "update sessions set revoked_at = now()
         where user_id = $1 and revoked_at is null and last_used_at < now() - make_interval(days => $2)",
        user.0,
        UNUSED_DAYS
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Ends those of somebody's sessions that are too many: of all but `newest` those that were used the longest ago. Of two
/// that are opened at once the second sees the first.
pub(crate) async fn end_oldest(
    connection: &mut PgConnection,
    user: UserId,
    newest: SessionId,
    most: i64,
) -> sqlx::Result<Vec<SessionId>> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('sessions ' || $1::uuid, 0))", user.0)
        .execute(&mut *connection)
        .await?;
    let ended = sqlx::query_scalar!(
        "update sessions set revoked_at = now() where id in (
             select id from sessions where user_id = $1 and revoked_at is null and id <> $2
             order by last_used_at desc, id desc offset $3 for update skip locked)
         returning id",
        user.0,
        newest.0,
        most - 1
    );
    Ok(ended.fetch_all(connection).await?.into_iter().map(SessionId).collect())
}

/// A page of somebody's live sessions, the newest ids first.
pub(super) async fn list(
    pool: &PgPool,
    user: UserId,
    current: SessionId,
    after: Option<SessionId>,
    limit: i64,
) -> sqlx::Result<Vec<OwnSession>> {
    sqlx::query!(
        "select id, device, address, created_at, last_used_at from sessions
         where user_id = $1 and revoked_at is null and last_used_at >= now() - make_interval(days => $4)
           and ($2::uuid is null or id < $2)
         order by id desc limit $3",
        user.0,
        after.map(|after| after.0),
        limit,
        UNUSED_DAYS
    )
    .map(|row| OwnSession {
        session_id: SessionId(row.id),
        device: row.device,
        address: row.address,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        current: row.id == current.0,
    })
    .fetch_all(pool)
    .await
}

/// Whose session it is or was.
pub(super) async fn holder(pool: &PgPool, session: SessionId) -> sqlx::Result<Option<UserId>> {
    let row = sqlx::query!("select user_id from sessions where id = $1", session.0).fetch_optional(pool).await?;
    Ok(row.map(|row| UserId(row.user_id)))
}

/// What the database's clock says.
pub(crate) async fn now(connection: &mut PgConnection) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(connection).await
}
