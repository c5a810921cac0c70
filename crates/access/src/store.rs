//! SQL of the facts that authorisation needs.

use domain::{
    ChannelId, SessionId, UserId,
    policy::{Channel, Person},
    roles::UnknownWord,
};
use sqlx::PgPool;

pub(crate) async fn person(
    pool: &PgPool,
    user: UserId,
    session: SessionId,
) -> sqlx::Result<Option<Result<Person, UnknownWord>>> {
    let row = sqlx::query!(
        r#"select u.role, u.active, s.revoked_at is null as "session_live!"
           from users u join sessions s on s.user_id = u.id where u.id = $1 and s.id = $2"#,
        user.0,
        session.0
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| {
        Ok(Person { id: user, role: row.role.parse()?, active: row.active, session_live: row.session_live })
    }))
}

pub(crate) async fn channel(
    pool: &PgPool,
    channel: ChannelId,
    user: UserId,
) -> sqlx::Result<Option<Result<Channel, UnknownWord>>> {
    let row = sqlx::query!(
        r#"select c.visibility, m.role as "role?"
           from channels c left join channel_members m on m.channel_id = c.id and m.user_id = $2 and m.active
           where c.id = $1"#,
        channel.0,
        user.0
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| {
        Ok(Channel { visibility: row.visibility.parse()?, membership: row.role.map(|role| role.parse()).transpose()? })
    }))
}
