//! SQL of people and their pictures, channels and members.

use std::str::FromStr;

use domain::{ChannelId, Handle, UserId, roles::UnknownWord};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::{
    answer::{Avatar, ChannelView, Me, Member, Person},
    avatars::{Kept, Upload},
    picture::{Digest, InvalidPicture, Picture},
    properties::Properties,
};

/// Reads a stored word; one that this version doesn't know is a failure to decode the row.
fn word<T: FromStr<Err = UnknownWord>>(text: &str) -> sqlx::Result<T> {
    text.parse().map_err(|error: UnknownWord| sqlx::Error::Decode(Box::new(error)))
}

/// The picture that a digest names, if there is one.
fn picture(handle: &Handle, user: Uuid, digest: Option<String>) -> Option<Avatar> {
    digest.map(|digest| Avatar::new(handle, UserId(user), &digest))
}

pub(crate) async fn me(pool: &PgPool, handle: &Handle, user: UserId) -> sqlx::Result<Option<Me>> {
    sqlx::query!("select id, email, display_name, role, avatar_digest from users where id = $1", user.0)
        .try_map(|row| {
            Ok(Me {
                user_id: UserId(row.id),
                email: row.email,
                display_name: row.display_name,
                role: word(&row.role)?,
                avatar: picture(handle, row.id, row.avatar_digest),
            })
        })
        .fetch_optional(pool)
        .await
}

/// Somebody as the database gives them.
struct PersonRow {
    id: Uuid,
    display_name: String,
    role: String,
    active: bool,
    avatar_digest: Option<String>,
}

impl PersonRow {
    fn read(self, handle: &Handle) -> sqlx::Result<Person> {
        Ok(Person {
            user_id: UserId(self.id),
            display_name: self.display_name,
            role: word(&self.role)?,
            active: self.active,
            avatar: picture(handle, self.id, self.avatar_digest),
        })
    }
}

pub(crate) async fn person(pool: &PgPool, handle: &Handle, user: UserId) -> sqlx::Result<Option<Person>> {
    sqlx::query_as!(PersonRow, "select id, display_name, role, active, avatar_digest from users where id = $1", user.0)
        .try_map(|row| row.read(handle))
        .fetch_optional(pool)
        .await
}

pub(crate) async fn people(
    pool: &PgPool,
    handle: &Handle,
    after: Option<UserId>,
    limit: i64,
) -> sqlx::Result<Vec<Person>> {
    sqlx::query_as!(
        PersonRow,
        "select id, display_name, role, active, avatar_digest from users
         where $1::uuid is null or id > $1 order by id limit $2",
        after.map(|id| id.0) as Option<Uuid>,
        limit
    )
    .try_map(|row| row.read(handle))
    .fetch_all(pool)
    .await
}

/// A person's picture.
pub(crate) async fn avatar(pool: &PgPool, user: UserId) -> sqlx::Result<Option<Kept>> {
    let row =
        sqlx::query!("select avatar_digest, avatar_type from users where id = $1", user.0).fetch_optional(pool).await?;
    let row = row.and_then(|row| Some((row.avatar_digest?, row.avatar_type?)));
    row.map(|(digest, kind)| Ok(Kept { digest: stored(digest.parse())?, kind: stored(kind.parse())? })).transpose()
}

/// What stands in the database was checked before it was written.
fn stored<T>(read: Result<T, InvalidPicture>) -> sqlx::Result<T> {
    read.map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// The digest of a person's picture; their row stays locked until the transaction ends.
pub(crate) async fn lock_avatar(connection: &mut PgConnection, user: UserId) -> sqlx::Result<Option<Digest>> {
    let digest = sqlx::query_scalar!("select avatar_digest from users where id = $1 for no key update", user.0)
        .fetch_optional(connection)
        .await?
        .flatten();
    digest.map(|digest| stored(digest.parse())).transpose()
}

/// Whether the person has another picture now; false if they have this one already.
pub(crate) async fn set_avatar(
    connection: &mut PgConnection,
    user: UserId,
    avatar: Option<(Kept, u32)>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update users set avatar_digest = $2, avatar_type = $3, avatar_length = $4, version = version + 1
         where id = $1 and avatar_digest is distinct from $2",
        user.0,
        avatar.map(|(avatar, _)| avatar.digest.to_string()),
        avatar.map(|(avatar, _)| avatar.kind.as_str()),
        avatar.map_or(0, |(_, length)| length.cast_signed())
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes an announced picture, unless its person has `most` open ones. Two at once may both be the last.
pub(crate) async fn insert_upload(
    pool: &PgPool,
    user: UserId,
    id: Uuid,
    picture: &Picture,
    most: i64,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query!(
        "insert into avatar_uploads (id, user_id, content_type, length, digest)
         select $1, $2, $3, $4, $5
         where (select count(*) from avatar_uploads
                where user_id = $2 and created_at > now() - interval '1 day') < $6",
        id,
        user.0,
        picture.kind.as_str(),
        i32::try_from(picture.length).unwrap_or(i32::MAX),
        picture.digest.to_string(),
        most
    )
    .execute(pool)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// An upload that this person has announced.
pub(crate) async fn upload(database: impl PgExecutor<'_>, user: UserId, id: Uuid) -> sqlx::Result<Option<Upload>> {
    sqlx::query!(
        r#"select content_type, length, digest, created_at, completed_at is not null as "completed!"
           from avatar_uploads where id = $1 and user_id = $2"#,
        id,
        user.0
    )
    .try_map(|row| {
        let picture = Picture {
            kind: stored(row.content_type.parse())?,
            length: u32::try_from(row.length).unwrap_or_default(),
            digest: stored(row.digest.parse())?,
        };
        Ok(Upload { picture, created_at: row.created_at, completed: row.completed })
    })
    .fetch_optional(database)
    .await
}

/// Marks an upload as looked at and taken over.
pub(crate) async fn complete_upload(connection: &mut PgConnection, id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("update avatar_uploads set completed_at = now() where id = $1 and completed_at is null", id)
        .execute(connection)
        .await
        .map(drop)
}

/// Forgets what a person announced so long ago that nothing of it is left, nor anybody who retries.
pub(crate) async fn forget_uploads(pool: &PgPool, user: UserId) -> sqlx::Result<()> {
    sqlx::query!("delete from avatar_uploads where user_id = $1 and created_at < now() - interval '2 days'", user.0)
        .execute(pool)
        .await
        .map(drop)
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
        "insert into channels (id, name, name_key, name_words, topic, visibility, created_by)
         values ($1, $2, $6, array_to_tsvector($7::text[]), $3, $4, $5) on conflict (id) do nothing returning version",
        id.0,
        properties.name.as_str(),
        properties.topic.as_str(),
        properties.visibility.as_str(),
        maker.0,
        properties.name.key(),
        &properties.name.words()
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
        "update channels set name = $2, name_key = $5, name_words = array_to_tsvector($6::text[]), topic = $3,
                visibility = $4, version = version + 1
         where id = $1 and (name, topic, visibility) is distinct from ($2, $3, $4) returning version",
        id.0,
        properties.name.as_str(),
        properties.topic.as_str(),
        properties.visibility.as_str(),
        properties.name.key(),
        &properties.name.words()
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn members(
    pool: &PgPool,
    handle: &Handle,
    channel: ChannelId,
    after: Option<UserId>,
    limit: i64,
) -> sqlx::Result<Vec<Member>> {
    sqlx::query!(
        "select u.id, u.display_name, u.avatar_digest, m.role from channel_members m join users u on u.id = m.user_id
         where m.channel_id = $1 and m.active and ($2::uuid is null or m.user_id > $2) order by m.user_id limit $3",
        channel.0,
        after.map(|id| id.0) as Option<Uuid>,
        limit
    )
    .try_map(|row| {
        Ok(Member {
            user_id: UserId(row.id),
            display_name: row.display_name,
            role: word(&row.role)?,
            avatar: picture(handle, row.id, row.avatar_digest),
        })
    })
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
