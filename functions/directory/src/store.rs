//! SQL of people, channels and members.

use std::str::FromStr;

use domain::{ChannelId, ChannelRole, UserId, roles::UnknownWord};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::{
    answer::{ChannelView, Me, Member, Person},
    properties::Properties,
};

/// Reads a stored word; one that this version doesn't know is a failure to decode the row.
fn word<T: FromStr<Err = UnknownWord>>(text: &str) -> sqlx::Result<T> {
    text.parse().map_err(|error: UnknownWord| sqlx::Error::Decode(Box::new(error)))
}

pub(crate) async fn me(pool: &PgPool, user: UserId) -> sqlx::Result<Option<Me>> {
    sqlx::query!("select id, email, display_name, role from users where id = $1", user.0)
        .try_map(|row| {
            Ok(Me { user_id: UserId(row.id), email: row.email, display_name: row.display_name, role: word(&row.role)? })
        })
        .fetch_optional(pool)
        .await
}

pub(crate) async fn person(pool: &PgPool, user: UserId) -> sqlx::Result<Option<Person>> {
    sqlx::query!("select id, display_name, role, active from users where id = $1", user.0)
        .try_map(|row| {
            let role = word(&row.role)?;
            Ok(Person { user_id: UserId(row.id), display_name: row.display_name, role, active: row.active })
        })
        .fetch_optional(pool)
        .await
}

pub(crate) async fn people(pool: &PgPool, after: Option<UserId>, limit: i64) -> sqlx::Result<Vec<Person>> {
    sqlx::query!(
        "select id, display_name, role, active from users where $1::uuid is null or id > $1 order by id limit $2",
        after.map(|id| id.0) as Option<Uuid>,
        limit
    )
    .try_map(|row| {
        let role = word(&row.role)?;
        Ok(Person { user_id: UserId(row.id), display_name: row.display_name, role, active: row.active })
    })
    .fetch_all(pool)
    .await
}

/// A channel, whoever asks; what `user` is in it stands in the answer.
pub(crate) async fn channel(pool: &PgPool, id: ChannelId, user: UserId) -> sqlx::Result<Option<ChannelView>> {
    sqlx::query!(
        r#"select c.id, c.name, c.topic, c.visibility, c.version, c.created_at, m.role as "membership?"
           from channels c left join channel_members m on m.channel_id = c.id and m.user_id = $2 and m.active
           where c.id = $1"#,
        id.0,
        user.0
    )
    .try_map(|row| {
        Ok(ChannelView {
            channel_id: ChannelId(row.id),
            name: row.name,
            topic: row.topic,
            visibility: word(&row.visibility)?,
            membership: row.membership.as_deref().map(word).transpose()?,
            version: row.version,
            created_at: row.created_at,
        })
    })
    .fetch_optional(pool)
    .await
}

/// The channels that `user` may see, in the order of the key beside each: the name with its case removed.
pub(crate) async fn visible_channels(
    pool: &PgPool,
    user: UserId,
    after: Option<&str>,
    limit: i64,
) -> sqlx::Result<Vec<(String, ChannelView)>> {
    sqlx::query!(
        r#"select c.id, c.name, c.topic, c.visibility, c.version, c.created_at, m.role as "membership?",
                  lower(c.name) as "key!"
           from channels c left join channel_members m on m.channel_id = c.id and m.user_id = $1 and m.active
           where (c.visibility = 'public' or m.user_id is not null) and lower(c.name) > coalesce($2, '')
           order by lower(c.name) limit $3"#,
        user.0,
        after,
        limit
    )
    .try_map(|row| {
        let channel = ChannelView {
            channel_id: ChannelId(row.id),
            name: row.name,
            topic: row.topic,
            visibility: word(&row.visibility)?,
            membership: row.membership.as_deref().map(word).transpose()?,
            version: row.version,
            created_at: row.created_at,
        };
        Ok((row.key, channel))
    })
    .fetch_all(pool)
    .await
}

/// The new channel's version, or none if there is one of this id.
pub(crate) async fn insert_channel(
    connection: &mut PgConnection,
    id: ChannelId,
    properties: &Properties,
    maker: UserId,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into channels (id, name, topic, visibility, created_by) values ($1, $2, $3, $4, $5)
         on conflict (id) do nothing returning version",
        id.0,
        properties.name.as_str(),
        properties.topic.as_str(),
        properties.visibility.as_str(),
        maker.0
    )
    .fetch_optional(connection)
    .await
}

/// The changed channel's version, or none if nothing differs; its row stays locked until the transaction ends.
pub(crate) async fn update_channel(
    connection: &mut PgConnection,
    id: ChannelId,
    properties: &Properties,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "update channels set name = $2, topic = $3, visibility = $4, version = version + 1
         where id = $1 and (name, topic, visibility) is distinct from ($2, $3, $4) returning version",
        id.0,
        properties.name.as_str(),
        properties.topic.as_str(),
        properties.visibility.as_str()
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn members(
    pool: &PgPool,
    channel: ChannelId,
    after: Option<UserId>,
    limit: i64,
) -> sqlx::Result<Vec<Member>> {
    sqlx::query!(
        "select u.id, u.display_name, m.role from channel_members m join users u on u.id = m.user_id
         where m.channel_id = $1 and m.active and ($2::uuid is null or m.user_id > $2) order by m.user_id limit $3",
        channel.0,
        after.map(|id| id.0) as Option<Uuid>,
        limit
    )
    .try_map(|row| Ok(Member { user_id: UserId(row.id), display_name: row.display_name, role: word(&row.role)? }))
    .fetch_all(pool)
    .await
}

/// Whether the person is there and active; nobody deactivates them before the transaction ends.
pub(crate) async fn hold_active_person(connection: &mut PgConnection, person: UserId) -> sqlx::Result<bool> {
    let held = sqlx::query_scalar!("select id from users where id = $1 and active for share", person.0)
        .fetch_optional(connection)
        .await?;
    Ok(held.is_some())
}

/// The membership's new version, or none if the person is in already. Either way its row stays locked until the
/// transaction ends, so that of two at once the second sees what the first has done.
pub(crate) async fn let_in(
    connection: &mut PgConnection,
    channel: ChannelId,
    person: UserId,
    role: ChannelRole,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into channel_members as m (channel_id, user_id, role, active, version) values ($1, $2, $3, true, 1)
         on conflict (channel_id, user_id)
         do update set role = excluded.role, active = true, version = m.version + 1 where not m.active
         returning version",
        channel.0,
        person.0,
        role.as_str()
    )
    .fetch_optional(connection)
    .await
}

/// The tombstone's version, or none if the person is not in; its row stays locked until the transaction ends.
pub(crate) async fn take_out(
    connection: &mut PgConnection,
    channel: ChannelId,
    person: UserId,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "update channel_members set active = false, version = version + 1
         where channel_id = $1 and user_id = $2 and active returning version",
        channel.0,
        person.0
    )
    .fetch_optional(connection)
    .await
}

/// Whether the person was in the channel once and is no more.
pub(crate) async fn has_left(pool: &PgPool, channel: ChannelId, person: UserId) -> sqlx::Result<bool> {
    let tombstone = sqlx::query_scalar!(
        "select version from channel_members where channel_id = $1 and user_id = $2 and not active",
        channel.0,
        person.0
    )
    .fetch_optional(pool)
    .await?;
    Ok(tombstone.is_some())
}
