//! SQL of pictures.

use std::time::Duration;

use domain::UserId;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use super::{
    Kept, Upload,
    picture::{Digest, InvalidPicture, Picture},
};

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

/// Bytes of all people's pictures but one's, which a new one replaces.
pub(crate) async fn others_bytes(pool: &PgPool, user: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(avatar_length), 0)::bigint as "bytes!" from users where id <> $1 and avatar_length > 0"#,
        user.0
    )
    .fetch_one(pool)
    .await
}

/// Notes that an object may be nobody's, to be looked at after `wait`.
pub(crate) async fn leave(
    database: impl PgExecutor<'_>,
    user: UserId,
    digest: Digest,
    wait: Duration,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into avatar_leftovers (user_id, digest, next_at) values ($1, $2, now() + make_interval(secs => $3))
         on conflict (user_id, digest) do update set next_at = excluded.next_at",
        user.0,
        digest.to_string(),
        wait.as_secs_f64()
    )
    .execute(database)
    .await
    .map(drop)
}

/// An object is somebody's again, or is gone.
pub(crate) async fn settle(connection: &mut PgConnection, user: UserId, digest: Digest) -> sqlx::Result<()> {
    sqlx::query!("delete from avatar_leftovers where user_id = $1 and digest = $2", user.0, digest.to_string())
        .execute(connection)
        .await
        .map(drop)
}

/// Objects to be looked at now.
pub(crate) async fn leftovers(pool: &PgPool, limit: i64) -> sqlx::Result<Vec<(UserId, Digest)>> {
    sqlx::query!("select user_id, digest from avatar_leftovers where next_at <= now() order by next_at limit $1", limit)
        .try_map(|row| Ok((UserId(row.user_id), stored(row.digest.parse())?)))
        .fetch_all(pool)
        .await
}

/// How long until there is one to be looked at.
pub(crate) async fn next_leftover(pool: &PgPool) -> sqlx::Result<Option<Duration>> {
    let seconds = sqlx::query_scalar!("select extract(epoch from min(next_at) - now())::float8 from avatar_leftovers");
    Ok(seconds.fetch_one(pool).await?.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default()))
}
