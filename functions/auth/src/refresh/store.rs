//! SQL of refresh tokens.

use std::time::Duration;

use domain::SessionId;
use sqlx::PgConnection;

use super::{RETRY, RefreshToken};
use crate::{
    sessions::store::UNUSED_DAYS,
    store::PersonRow,
    token::{Family, TokenDigest},
};

/// How long a refresh token is good.
const LIFETIME: Duration = Duration::from_hours(30 * 24);

/// What a session's refresh tokens begin with.
pub(crate) async fn family(connection: &mut PgConnection, session: SessionId) -> sqlx::Result<Family> {
    sqlx::query_scalar!("select family from sessions where id = $1", session.0).fetch_one(connection).await.map(Family)
}

/// The session of this family, if it lives.
pub(super) async fn live_session_of(connection: &mut PgConnection, family: Family) -> sqlx::Result<Option<SessionId>> {
    let session = sqlx::query_scalar!(
        "select id from sessions
         where family = $1 and revoked_at is null and last_used_at > now() - make_interval(days => $2)",
        family.0,
        UNUSED_DAYS
    );
    Ok(session.fetch_optional(connection).await?.map(SessionId))
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    digest: TokenDigest,
    session: SessionId,
    predecessor: Option<TokenDigest>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into refresh_tokens (token_hash, session_id, expires_at, predecessor)
         values ($1, $2, now() + make_interval(secs => $3), $4)",
        digest.as_bytes(),
        session.0,
        LIFETIME.as_secs_f64(),
        predecessor.as_ref().map(TokenDigest::as_bytes)
    )
    .execute(connection)
    .await
    .map(drop)
}

/// A refresh token with its session and person. Refreshes of one session follow each other: of two at once the second
/// waits here, and finds what the first has done.
pub(super) async fn lock(connection: &mut PgConnection, digest: TokenDigest) -> sqlx::Result<Option<RefreshToken>> {
    sqlx::query!(
        "select id from sessions where id = (select session_id from refresh_tokens where token_hash = $1)
         for no key update",
        digest.as_bytes()
    )
    .fetch_optional(&mut *connection)
    .await?;
    let row = sqlx::query!(
        r#"select t.session_id, t.expires_at, t.used_at, now() as "now!",
                  exists(select from refresh_tokens n where n.predecessor = $1 and n.used_at is not null)
                      as "successor_used!",
                  s.revoked_at is null and s.last_used_at > now() - make_interval(days => $2) as "session_live!",
                  u.id, u.email, u.display_name, u.role, u.active, u.version
           from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = s.user_id
           where t.token_hash = $1"#,
        digest.as_bytes(),
        UNUSED_DAYS
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let person = PersonRow {
        id: row.id,
        email: row.email,
        display_name: row.display_name,
        role: row.role,
        active: row.active,
        version: row.version,
    };
    Ok(Some(RefreshToken {
        person: person.read()?,
        session: SessionId(row.session_id),
        session_live: row.session_live,
        now: row.now,
        expires_at: row.expires_at,
        used_at: row.used_at,
        successor_used: row.successor_used,
    }))
}

/// Marks a token's use, the last one as long as no successor is used.
pub(super) async fn mark_used(connection: &mut PgConnection, digest: TokenDigest) -> sqlx::Result<()> {
    sqlx::query!(
        "update refresh_tokens set used_at = now() where token_hash = $1 and not exists (
             select from refresh_tokens n where n.predecessor = $1 and n.used_at is not null)",
        digest.as_bytes()
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Takes back what was given for a token and never used.
pub(super) async fn delete_successors(connection: &mut PgConnection, digest: TokenDigest) -> sqlx::Result<()> {
    sqlx::query!("delete from refresh_tokens where predecessor = $1 and used_at is null", digest.as_bytes())
        .execute(connection)
        .await
        .map(drop)
}

/// Deletes those of a session's tokens that nothing depends on any more: a successor is in use, or their time is over.
pub(super) async fn delete_spent(connection: &mut PgConnection, session: SessionId) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from refresh_tokens t where session_id = $1 and (expires_at < now() or (
             used_at < now() - make_interval(secs => $2)
             and exists(select from refresh_tokens n where n.predecessor = t.token_hash and n.used_at is not null)))",
        session.0,
        RETRY.as_seconds_f64()
    )
    .execute(connection)
    .await
    .map(drop)
}
