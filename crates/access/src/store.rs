//! SQL of the facts that authorisation needs.

use chrono::{DateTime, Utc};
use domain::{
    ChannelId, Scopes, SessionId, TeamId, UserId,
    policy::{Channel, Person, Team},
    roles::UnknownWord,
};
use sqlx::PgPool;

/// An API token that somebody presents.
pub(crate) struct ApiToken {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) expires_at: DateTime<Utc>,
}

/// The token of a digest, whether it is good or not.
pub(crate) async fn api_token(pool: &PgPool, digest: &[u8]) -> sqlx::Result<Option<ApiToken>> {
    sqlx::query!("select id, user_id, expires_at from api_tokens where token_hash = $1", digest)
        .map(|row| ApiToken { id: SessionId(row.id), user: UserId(row.user_id), expires_at: row.expires_at })
        .fetch_optional(pool)
        .await
}

/// Who somebody is to an issuer.
pub(crate) async fn identity(pool: &PgPool, issuer: &str, subject: &str) -> sqlx::Result<Option<UserId>> {
    let user =
        sqlx::query_scalar!("select user_id from identities where issuer = $1 and subject = $2", issuer, subject);
    Ok(user.fetch_optional(pool).await?.map(UserId))
}

/// Writes down that a session which an issuer's token is of is in use; one that has ended stays so. When it ended, if it
/// has, in seconds since 1970.
pub(crate) async fn begin_session(pool: &PgPool, session: SessionId, user: UserId) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into sessions as s (id, user_id, origin) values ($1, $2, 'issuer')
         on conflict (id) do update
         set last_used_at = case when s.revoked_at is null then now() else s.last_used_at end
         returning floor(extract(epoch from s.revoked_at))::bigint",
        session.0,
        user.0
    )
    .fetch_one(pool)
    .await
}

/// A person by a session of theirs, or by an API token, which is a session of its own kind; where one id names both, the
/// token, since it may less.
pub(crate) async fn person(
    pool: &PgPool,
    user: UserId,
    session: SessionId,
) -> sqlx::Result<Option<Result<Person, UnknownWord>>> {
    let row = sqlx::query!(
        r#"select u.role, u.active, c.live as "live!", c.scopes as "scopes?: Vec<String>", c.used as "used!"
           from users u join (
               select user_id, revoked_at is null as live, null::text[] as scopes, true as used
               from sessions where id = $2
               union all
               select user_id, revoked_at is null and expires_at > now(), scopes,
                      coalesce(last_used_at > now() - interval '1 minute', false)
               from api_tokens where id = $2
           ) c on c.user_id = u.id
           where u.id = $1 order by c.scopes is null limit 1"#,
        user.0,
        session.0
    )
    .fetch_optional(pool)
    .await?;
    if row.as_ref().is_some_and(|row| row.live && !row.used) {
        // Nothing is decided by it, so nothing is refused where it can't be written.
        drop(use_api_token(pool, session).await);
    }
    Ok(row.map(|row| {
        let scopes = row.scopes.map(|words| Scopes::of_words(words.iter().map(String::as_str))).transpose()?;
        Ok(Person { id: user, role: row.role.parse()?, active: row.active, live: row.live, scopes })
    }))
}

/// Records that a token is in use, to the minute.
async fn use_api_token(pool: &PgPool, token: SessionId) -> sqlx::Result<()> {
    sqlx::query!(
        "update api_tokens set last_used_at = now()
         where id = $1 and coalesce(last_used_at < now() - interval '1 minute', true)",
        token.0
    )
    .execute(pool)
    .await
    .map(drop)
}

pub(crate) async fn channel(
    pool: &PgPool,
    channel: ChannelId,
    user: UserId,
) -> sqlx::Result<Option<Result<Channel, UnknownWord>>> {
    let row = sqlx::query!(
        r#"select c.kind, c.visibility, c.posting, c.archived_at is not null as "archived!", m.role as "role?"
           from channels c left join channel_members m on m.channel_id = c.id and m.user_id = $2 and m.active
           where c.id = $1"#,
        channel.0,
        user.0
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| {
        Ok(Channel {
            kind: row.kind.parse()?,
            visibility: row.visibility.parse()?,
            posting: row.posting.parse()?,
            archived: row.archived,
            membership: row.role.map(|role| role.parse()).transpose()?,
        })
    }))
}

pub(crate) async fn team(pool: &PgPool, team: TeamId, user: UserId) -> sqlx::Result<Option<Result<Team, UnknownWord>>> {
    let row = sqlx::query!(
        r#"select t.archived_at is not null as "archived!", m.role as "role?"
           from teams t left join team_members m on m.team_id = t.id and m.user_id = $2 and m.active
           where t.id = $1"#,
        team.0,
        user.0
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Ok(Team { archived: row.archived, membership: row.role.map(|role| role.parse()).transpose()? })))
}
