//! SQL of letters on their way.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{InvitationId, UserId};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{tickets::Purpose, token::TokenDigest};

/// A letter that is due.
pub(super) struct Due {
    pub(super) id: Uuid,
    pub(super) recipient: String,
    pub(super) data: serde_json::Value,
    /// This one included.
    pub(super) attempts: i32,
}

/// Takes letters that are due. Each is nobody else's for `lease`; whoever dies with one leaves it to the next then.
pub(super) async fn take(pool: &PgPool, most: i64, lease: Duration) -> sqlx::Result<Vec<Due>> {
    sqlx::query_as!(
        Due,
        "update letters set attempts = attempts + 1, next_at = now() + make_interval(secs => $2)
         where id in (
             select id from letters where sent_at is null and parked is null and next_at <= now()
             order by next_at limit $1 for update skip locked)
         returning id, recipient, data, attempts",
        most,
        lease.as_secs_f64()
    )
    .fetch_all(pool)
    .await
}

/// How long until the next letter is due.
pub(super) async fn next(pool: &PgPool) -> sqlx::Result<Option<Duration>> {
    let seconds = sqlx::query_scalar!(
        "select extract(epoch from min(next_at) - now())::float8 from letters where sent_at is null and parked is null"
    );
    Ok(seconds.fetch_one(pool).await?.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default()))
}

pub(super) async fn sent(pool: &PgPool, letter: Uuid) -> sqlx::Result<()> {
    sqlx::query!("update letters set sent_at = now() where id = $1", letter).execute(pool).await.map(drop)
}

/// It is tried again after `wait`.
pub(super) async fn put_off(pool: &PgPool, letter: Uuid, wait: Duration) -> sqlx::Result<()> {
    sqlx::query!(
        "update letters set next_at = now() + make_interval(secs => $2) where id = $1",
        letter,
        wait.as_secs_f64()
    )
    .execute(pool)
    .await
    .map(drop)
}

/// Nobody tries any more.
pub(super) async fn park(pool: &PgPool, letter: Uuid, why: &str) -> sqlx::Result<()> {
    sqlx::query!("update letters set parked = left($2, 500) where id = $1", letter, why).execute(pool).await.map(drop)
}

/// Its reason is gone.
pub(super) async fn drop_letter(pool: &PgPool, letter: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from letters where id = $1", letter).execute(pool).await.map(drop)
}

/// A few of the letters and tickets that are long past.
pub(super) async fn clear(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from letters where id in (
             select id from letters
             where sent_at < now() - interval '7 days' or (parked is not null and created_at < now() - interval '30 days')
             limit 100 for update skip locked)"
    )
    .execute(pool)
    .await?;
    sqlx::query!(
        "delete from sign_in_tickets where token_hash in (
             select token_hash from sign_in_tickets where expires_at < now() - interval '30 days'
             limit 100 for update skip locked)"
    )
    .execute(pool)
    .await
    .map(drop)
}

/// Whom an account's letter is about.
pub(super) struct Reader {
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) proved: bool,
    pub(super) active: bool,
}

pub(super) async fn reader(pool: &PgPool, user: UserId) -> sqlx::Result<Option<Reader>> {
    sqlx::query_as!(
        Reader,
        r#"select display_name as name, email, email_proved_at is not null as "proved!", active from users
           where id = $1 and erased_at is null"#,
        user.0
    )
    .fetch_optional(pool)
    .await
}

/// Keeps a ticket that is being sent. Where it gives a role at all, it is a member's.
pub(super) async fn insert_ticket(
    pool: &PgPool,
    digest: TokenDigest,
    purpose: Purpose,
    user: Option<UserId>,
    email: &str,
    lifetime: Duration,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into sign_in_tickets (token_hash, email, role, purpose, user_id, expires_at)
         values ($1, $2, 'member', $3, $4, now() + make_interval(secs => $5))",
        digest.as_bytes(),
        email,
        purpose.as_str(),
        user.map(|user| user.0),
        lifetime.as_secs_f64()
    )
    .execute(pool)
    .await
    .map(drop)
}

/// An invitation that is still good.
pub(super) struct Invited {
    pub(super) inviter: String,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) async fn invitation(pool: &PgPool, invitation: InvitationId) -> sqlx::Result<Option<Invited>> {
    sqlx::query_as!(
        Invited,
        "select u.display_name as inviter, i.expires_at from invitations i join users u on u.id = i.created_by
         where i.id = $1 and i.revoked_at is null and i.uses < i.max_uses and i.expires_at > now()",
        invitation.0
    )
    .fetch_optional(pool)
    .await
}

pub(super) async fn insert_invitation_token(
    pool: &PgPool,
    digest: TokenDigest,
    invitation: InvitationId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into invitation_tokens (token_hash, invitation_id) values ($1, $2)",
        digest.as_bytes(),
        invitation.0
    )
    .execute(pool)
    .await
    .map(drop)
}
