//! SQL of conversations.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{ChannelId, ChannelKind, UserId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{MOST, answer::Conversation};
use crate::{
    answer::{Seen, word},
    members,
    paging::Newest,
};

/// How many somebody has opened and is in, beside this one. They open no other until the transaction ends.
pub(crate) async fn lock_and_count_opened(
    connection: &mut PgConnection,
    opener: UserId,
    id: ChannelId,
) -> sqlx::Result<i64> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('conversations ' || $1::uuid, 0))", opener.0)
        .execute(&mut *connection)
        .await?;
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from channel_members m join channels c on c.id = m.channel_id
           where m.user_id = $1 and m.active and c.kind <> 'channel' and c.created_by = $1 and c.id <> $2"#,
        opener.0,
        id.0
    )
    .fetch_one(connection)
    .await
}

/// False if there is one of this id: whoever comes second waits until the first is done.
pub(crate) async fn insert_conversation(
    connection: &mut PgConnection,
    id: ChannelId,
    kind: ChannelKind,
    opener: UserId,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into channels (id, name, visibility, kind, created_by) values ($1, '', 'private', $2, $3)
         on conflict (id) do nothing",
        id.0,
        kind.as_str(),
        opener.0
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Those of these people who are active and not in the conversation; nobody deactivates them before the transaction ends.
pub(crate) async fn hold_missing(
    connection: &mut PgConnection,
    id: ChannelId,
    people: &[UserId],
) -> sqlx::Result<Vec<UserId>> {
    let ids: Vec<Uuid> = people.iter().map(|person| person.0).collect();
    let missing = sqlx::query_scalar!(
        "select u.id from users u
         where u.id = any($2) and u.active and not exists(
             select from channel_members m where m.channel_id = $1 and m.user_id = u.id and m.active)
         order by u.id for share of u",
        id.0,
        &ids
    );
    Ok(missing.fetch_all(connection).await?.into_iter().map(UserId).collect())
}

/// A conversation, whoever asks.
pub(crate) async fn conversation(pool: &PgPool, seen: &Seen<'_>, id: ChannelId) -> sqlx::Result<Option<Conversation>> {
    let row = sqlx::query!("select id, kind, created_at from channels where id = $1 and kind <> 'channel'", id.0)
        .fetch_optional(pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(filled(pool, seen, vec![(row.id, row.kind, row.created_at)]).await?.pop())
}

/// Those that `user` is in, the newest first.
pub(crate) async fn conversations(
    pool: &PgPool,
    seen: &Seen<'_>,
    user: UserId,
    before: Option<Newest>,
    limit: i64,
) -> sqlx::Result<Vec<Conversation>> {
    let rows = sqlx::query!(
        "select c.id, c.kind, c.created_at from channel_members m join channels c on c.id = m.channel_id
         where m.user_id = $1 and m.active and c.kind <> 'channel'
           and ($2::timestamptz is null or (c.created_at, c.id) < ($2, $3::uuid))
         order by c.created_at desc, c.id desc limit $4",
        user.0,
        before.map(|before| before.at),
        before.map(|before| before.id),
        limit
    );
    let rows = rows.map(|row| (row.id, row.kind, row.created_at)).fetch_all(pool).await?;
    filled(pool, seen, rows).await
}

/// Puts their members into conversations.
async fn filled(
    pool: &PgPool,
    seen: &Seen<'_>,
    rows: Vec<(Uuid, String, DateTime<Utc>)>,
) -> sqlx::Result<Vec<Conversation>> {
    let ids: Vec<ChannelId> = rows.iter().map(|(id, ..)| ChannelId(*id)).collect();
    let mut members: HashMap<ChannelId, Vec<_>> = HashMap::new();
    for (channel, member) in members::store::members_of(pool, seen, &ids, MOST).await? {
        members.entry(channel).or_default().push(member);
    }
    let fill = |(id, kind, created_at): (Uuid, String, _)| {
        let channel_id = ChannelId(id);
        let members = members.remove(&channel_id).unwrap_or_default();
        Ok(Conversation { channel_id, kind: word(&kind)?, members, created_at })
    };
    rows.into_iter().map(fill).collect()
}
