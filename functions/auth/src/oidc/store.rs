//! SQL of sessions that an issuer has vouched for.

use chrono::TimeDelta;
use domain::SessionId;
use sqlx::PgConnection;

/// Notes who has vouched for a session.
pub(super) async fn set_issuer(connection: &mut PgConnection, session: SessionId, issuer: &str) -> sqlx::Result<()> {
    sqlx::query!("update sessions set issuer = $2 where id = $1", session.0, issuer).execute(connection).await.map(drop)
}

/// What an issuer has said of a session.
pub(super) struct Vouched {
    pub(super) issuer: String,
    pub(super) age: TimeDelta,
}

/// Who has vouched for a session, if anybody has.
pub(super) async fn vouched(connection: &mut PgConnection, session: SessionId) -> sqlx::Result<Option<Vouched>> {
    sqlx::query!(
        r#"select issuer as "issuer!", extract(epoch from now() - created_at)::bigint as "age!"
           from sessions where id = $1 and issuer is not null"#,
        session.0
    )
    .map(|row| Vouched { issuer: row.issuer, age: TimeDelta::seconds(row.age) })
    .fetch_optional(connection)
    .await
}
