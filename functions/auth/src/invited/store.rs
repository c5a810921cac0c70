//! SQL of invitations that are used, beyond what `people` does for all.

use chrono::{DateTime, Utc};
use domain::{InvitationId, UserId};
use sqlx::{PgConnection, PgPool};

use crate::{person::Account, store, token::TokenDigest};

/// What whoever looks at an invitation is told beyond its role and address.
pub(super) struct More {
    pub(super) inviter: String,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) async fn more(connection: &mut PgConnection, invitation: InvitationId) -> sqlx::Result<Option<More>> {
    sqlx::query_as!(
        More,
        "select u.display_name as inviter, i.expires_at from invitations i join users u on u.id = i.created_by
         where i.id = $1",
        invitation.0
    )
    .fetch_optional(connection)
    .await
}

/// Whether somebody has used the invitation of this secret.
pub(super) async fn came_in_by(pool: &PgPool, user: UserId, token: &str) -> sqlx::Result<bool> {
    let digest = TokenDigest::of(token);
    sqlx::query_scalar!(
        r#"select exists(
               select from invitation_tokens t join invitation_uses u on u.invitation_id = t.invitation_id
               where t.token_hash = $1 and u.user_id = $2) as "found!""#,
        digest.as_bytes(),
        user.0
    )
    .fetch_one(pool)
    .await
}

pub(super) async fn has_used(
    connection: &mut PgConnection,
    invitation: InvitationId,
    user: UserId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(select from invitation_uses where invitation_id = $1 and user_id = $2) as "found!""#,
        invitation.0,
        user.0
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn is_taken(pool: &PgPool, user: UserId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists(select from users where id = $1) as "found!""#, user.0).fetch_one(pool).await
}

pub(super) async fn email_is_proved(connection: &mut PgConnection, user: UserId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select email_proved_at is not null as "proved!" from users where id = $1"#, user.0)
        .fetch_one(connection)
        .await
}

/// Somebody's account, by id.
pub(super) async fn account(pool: &PgPool, user: UserId) -> sqlx::Result<Option<Account>> {
    let mut connection = pool.acquire().await?;
    let Some(person) = store::person(&mut connection, user).await? else { return Ok(None) };
    let password_hash = sqlx::query_scalar!("select password_hash from passwords where user_id = $1", user.0)
        .fetch_optional(&mut *connection)
        .await?;
    Ok(Some(Account { person, password_hash }))
}
