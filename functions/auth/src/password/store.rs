//! SQL of passwords.

use domain::UserId;
use sqlx::{PgConnection, PgPool};

/// What is stored of somebody's password, if they have one.
pub(super) async fn password(pool: &PgPool, user: UserId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("select password_hash from passwords where user_id = $1", user.0).fetch_optional(pool).await
}

pub(super) async fn set_password(connection: &mut PgConnection, user: UserId, hash: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into passwords (user_id, password_hash) values ($1, $2)
         on conflict (user_id) do update set password_hash = excluded.password_hash, updated_at = now()",
        user.0,
        hash
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Whether this is all that is stored of somebody's password still: nobody has changed it meanwhile.
pub(super) async fn is_still(connection: &mut PgConnection, user: UserId, stored: Option<&str>) -> sqlx::Result<bool> {
    let now = sqlx::query_scalar!("select password_hash from passwords where user_id = $1 for update", user.0)
        .fetch_optional(connection)
        .await?;
    Ok(now.as_deref() == stored)
}
