//! SQL of what is over.

use sqlx::PgPool;

/// Sessions are kept so long after their last use and their end: they tell where somebody has been.
const KEPT_DAYS: i32 = 91;

/// Deletes at most so many rows of each kind; true if none is left.
pub(super) async fn delete_some(pool: &PgPool, most: i64) -> sqlx::Result<bool> {
    let tokens = sqlx::query!(
        "delete from refresh_tokens where token_hash in (
             select token_hash from refresh_tokens where expires_at < now()
             order by expires_at limit $1 for update skip locked)",
        most
    )
    .execute(pool)
    .await?;
    let sessions = sqlx::query!(
        "delete from sessions where id in (
             select id from sessions where greatest(last_used_at, revoked_at) < now() - make_interval(days => $2)
             order by greatest(last_used_at, revoked_at) limit $1 for update skip locked)",
        most,
        KEPT_DAYS
    )
    .execute(pool)
    .await?;
    let failures = sqlx::query!(
        "delete from sign_in_failures where key in (
             select key from sign_in_failures where last_at < now() - interval '1 day'
             order by last_at limit $1 for update skip locked)",
        most
    )
    .execute(pool)
    .await?;
    let full = |done: sqlx::postgres::PgQueryResult| i64::try_from(done.rows_affected()).is_ok_and(|rows| rows >= most);
    Ok(![tokens, sessions, failures].into_iter().any(full))
}
