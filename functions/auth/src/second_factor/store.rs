//! SQL of one-time codes and recovery codes.

use chrono::{DateTime, Utc};
use domain::UserId;
use sqlx::{PgConnection, PgPool};

/// What is known of somebody's second factor.
pub(super) struct Factor {
    pub(super) secret: Vec<u8>,
    pub(super) confirmed_at: Option<DateTime<Utc>>,
    pub(super) now: DateTime<Utc>,
    /// The step of the last code taken.
    pub(super) last_step: u64,
}

/// Somebody's factor, confirmed or not; of two who use it at once, the second waits here.
pub(super) async fn lock(connection: &mut PgConnection, user: UserId) -> sqlx::Result<Option<Factor>> {
    sqlx::query!(
        r#"select secret, confirmed_at, last_step, now() as "now!" from second_factors where user_id = $1 for update"#,
        user.0
    )
    .map(|row| Factor {
        secret: row.secret,
        confirmed_at: row.confirmed_at,
        now: row.now,
        last_step: row.last_step.unsigned_abs(),
    })
    .fetch_optional(connection)
    .await
}

/// Whether somebody's sign-ins need a code.
pub(super) async fn is_on(pool: &PgPool, user: UserId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(select from second_factors where user_id = $1 and confirmed_at is not null) as "on!""#,
        user.0
    )
    .fetch_one(pool)
    .await
}

/// Keeps a secret that is not confirmed yet; one that was made within the hour stays, so that a retry gets the same.
pub(super) async fn offer(connection: &mut PgConnection, user: UserId, secret: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into second_factors as f (user_id, secret) values ($1, $2)
         on conflict (user_id) do update set secret = excluded.secret, created_at = now(), last_step = 0
         where f.confirmed_at is null and f.created_at < now() - interval '1 hour'",
        user.0,
        secret
    )
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn confirm(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!("update second_factors set confirmed_at = now() where user_id = $1 and confirmed_at is null", user.0)
        .execute(connection)
        .await
        .map(drop)
}

/// The factor is locked.
pub(super) async fn use_step(connection: &mut PgConnection, user: UserId, step: u64) -> sqlx::Result<()> {
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    sqlx::query!("update second_factors set last_step = $2 where user_id = $1", user.0, step)
        .execute(connection)
        .await
        .map(drop)
}

/// Whether the code was there and unused; one that was used within 10 minutes counts for a retry.
pub(super) async fn use_recovery_code(
    connection: &mut PgConnection,
    user: UserId,
    digest: &[u8],
    retry: bool,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update recovery_codes set used_at = coalesce(used_at, now())
         where user_id = $1 and code_hash = $2
           and (used_at is null or ($3 and used_at > now() - interval '10 minutes'))",
        user.0,
        digest,
        retry
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// These codes, in place of all others. The factor is locked.
pub(super) async fn replace_recovery_codes(
    connection: &mut PgConnection,
    user: UserId,
    digests: &[Vec<u8>],
) -> sqlx::Result<()> {
    sqlx::query!("delete from recovery_codes where user_id = $1", user.0).execute(&mut *connection).await?;
    sqlx::query!(
        "insert into recovery_codes (user_id, code_hash) select $1, digest from unnest($2::bytea[]) digest",
        user.0,
        digests
    )
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn recovery_codes_left(pool: &PgPool, user: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "left!" from recovery_codes where user_id = $1 and used_at is null"#,
        user.0
    )
    .fetch_one(pool)
    .await
}

/// Takes the factor and its codes away.
pub(super) async fn remove(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!("delete from recovery_codes where user_id = $1", user.0).execute(&mut *connection).await?;
    sqlx::query!("delete from second_factors where user_id = $1", user.0).execute(connection).await.map(drop)
}
