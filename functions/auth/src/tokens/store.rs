//! SQL of API tokens.

use chrono::{DateTime, Utc};
use domain::{Scope, Scopes, TokenId, UserId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{
    answer::{TokenView, Wanted},
    mint::Holder,
};

/// A token that has an id already.
pub(crate) struct Known {
    pub(crate) user: UserId,
    pub(crate) name: String,
    pub(crate) scopes: Scopes,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) revoked: bool,
    /// It was made so long ago that nobody asks for it again.
    pub(crate) settled: bool,
}

struct TokenRow {
    id: Uuid,
    name: String,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl TokenRow {
    fn read(self) -> sqlx::Result<TokenView> {
        Ok(TokenView {
            token_id: TokenId(self.id),
            name: self.name,
            scopes: scopes(&self.scopes)?.iter().collect(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
        })
    }
}

fn scopes(words: &[String]) -> sqlx::Result<Scopes> {
    Scopes::of_words(words.iter().map(String::as_str)).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

fn words(scopes: Scopes) -> Vec<String> {
    scopes.iter().map(Scope::as_str).map(str::to_owned).collect()
}

pub(crate) async fn lock_token(connection: &mut PgConnection, id: TokenId) -> sqlx::Result<Option<Known>> {
    sqlx::query!(
        r#"select user_id, name, scopes, expires_at, revoked_at is not null as "revoked!",
                  created_at < now() - interval '10 minutes' as "settled!"
           from api_tokens where id = $1 for update"#,
        id.0
    )
    .try_map(|row| {
        Ok(Known {
            user: UserId(row.user_id),
            name: row.name,
            scopes: scopes(&row.scopes)?,
            expires_at: row.expires_at,
            revoked: row.revoked,
            settled: row.settled,
        })
    })
    .fetch_optional(connection)
    .await
}

/// Nothing if the id is a token's or a session's: facts of both are found by it.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    id: TokenId,
    digest: &[u8],
    holder: Holder<'_>,
    wanted: &Wanted,
) -> sqlx::Result<Option<TokenView>> {
    let row = sqlx::query_as!(
        TokenRow,
        "insert into api_tokens (id, token_hash, user_id, name, scopes, created_by, expires_at)
         select $1, $2, $3, $4, $5, $6, $7 where not exists (select from sessions where id = $1)
         on conflict do nothing
         returning id, name, scopes, created_at, expires_at, last_used_at",
        id.0,
        digest,
        holder.person.id.0,
        wanted.name.as_str(),
        &words(wanted.scopes),
        holder.made_by.0,
        wanted.expires_at
    );
    row.fetch_optional(connection).await?.map(TokenRow::read).transpose()
}

pub(crate) async fn replace_secret(
    connection: &mut PgConnection,
    id: TokenId,
    digest: &[u8],
) -> sqlx::Result<TokenView> {
    let row = sqlx::query_as!(
        TokenRow,
        "update api_tokens set token_hash = $2 where id = $1
         returning id, name, scopes, created_at, expires_at, last_used_at",
        id.0,
        digest
    );
    row.fetch_one(connection).await?.read()
}

/// How many tokens of somebody's are good.
pub(crate) async fn live(connection: &mut PgConnection, user: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from api_tokens
           where user_id = $1 and revoked_at is null and expires_at > now()"#,
        user.0
    )
    .fetch_one(connection)
    .await
}

/// Rows of tokens that ended a month ago tell nobody anything.
pub(crate) async fn delete_long_ended(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from api_tokens where user_id = $1 and least(revoked_at, expires_at) < now() - interval '30 days'",
        user.0
    )
    .execute(connection)
    .await
    .map(drop)
}

pub(crate) async fn tokens(
    pool: &PgPool,
    user: UserId,
    after: Option<TokenId>,
    limit: i64,
) -> sqlx::Result<Vec<TokenView>> {
    let rows = sqlx::query_as!(
        TokenRow,
        "select id, name, scopes, created_at, expires_at, last_used_at from api_tokens
         where user_id = $1 and revoked_at is null and ($2::uuid is null or id > $2) order by id limit $3",
        user.0,
        after.map(|after| after.0),
        limit
    );
    rows.fetch_all(pool).await?.into_iter().map(TokenRow::read).collect()
}

/// Ends a token of somebody's: whether it is only now, or nothing if there is none.
pub(crate) async fn revoke(connection: &mut PgConnection, token: TokenId, user: UserId) -> sqlx::Result<Option<bool>> {
    let known = sqlx::query_scalar!(
        "select user_id from api_tokens where id = $1 and user_id = $2 for update",
        token.0,
        user.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    if known.is_none() {
        return Ok(None);
    }
    let done = sqlx::query!("update api_tokens set revoked_at = now() where id = $1 and revoked_at is null", token.0)
        .execute(connection)
        .await?;
    Ok(Some(done.rows_affected() == 1))
}
