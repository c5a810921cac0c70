//! SQL of accounts and their addresses.

use domain::UserId;
use sqlx::PgConnection;

use crate::token::TokenDigest;

/// An account as far as its address goes.
pub(crate) struct Address {
    pub(crate) email: Option<String>,
    pub(crate) proved: bool,
    pub(crate) active: bool,
}

/// Whose an address is.
pub(crate) struct Holder {
    pub(crate) user: UserId,
    /// As it is known: what was typed may only look like it, and its letters go elsewhere.
    pub(crate) email: String,
}

/// Whose an address is, if anybody's; and they, if they are active.
pub(crate) async fn holder(connection: &mut PgConnection, email: &str) -> sqlx::Result<Option<Option<Holder>>> {
    sqlx::query!(r#"select id, email as "email!", active from users where lower(email) = lower($1)"#, email)
        .map(|row| row.active.then_some(Holder { user: UserId(row.id), email: row.email }))
        .fetch_optional(connection)
        .await
}

/// Somebody's address; it stays until the transaction ends.
pub(crate) async fn lock_address(connection: &mut PgConnection, user: UserId) -> sqlx::Result<Option<Address>> {
    sqlx::query!(
        r#"select email, email_proved_at is not null as "proved!", active from users
           where id = $1 for no key update"#,
        user.0
    )
    .map(|row| Address { email: row.email, proved: row.proved, active: row.active })
    .fetch_optional(connection)
    .await
}

/// Gives somebody an address that they have proved; false if it is somebody else's. They are locked.
pub(super) async fn change_address(connection: &mut PgConnection, user: UserId, email: &str) -> sqlx::Result<bool> {
    let taken = sqlx::query_scalar!(
        r#"select exists(select from users where lower(email) = lower($2) and id <> $1) as "taken!""#,
        user.0,
        email
    );
    if taken.fetch_one(&mut *connection).await? {
        return Ok(false);
    }
    let done = sqlx::query!(
        "update users set email = $2, email_proved_at = now(), version = version + 1 where id = $1",
        user.0,
        email
    );
    match done.execute(connection).await {
        Ok(_) => Ok(true),
        // Somebody else was faster.
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) async fn prove_address(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!("update users set email_proved_at = coalesce(email_proved_at, now()) where id = $1", user.0)
        .execute(connection)
        .await
        .map(drop)
}

/// Ends what letters sent before let their readers do with an account, but for one ticket; and those that are not sent
/// yet.
pub(crate) async fn void_tickets(
    connection: &mut PgConnection,
    user: UserId,
    but: Option<TokenDigest>,
) -> sqlx::Result<()> {
    let but = but.as_ref().map(TokenDigest::as_bytes);
    sqlx::query!(
        "delete from sign_in_tickets where user_id = $1 and used_at is null and token_hash is distinct from $2
         and purpose in ('reset-password', 'change-email')",
        user.0,
        but
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from letters where sent_at is null and kind in ('reset-password', 'change-email')
         and data #>> '{data,user}' = $1::uuid::text",
        user.0
    )
    .execute(connection)
    .await
    .map(drop)
}
