//! SQL of who is in channels.

use chrono::{DateTime, Utc};
use domain::{ChannelId, ChannelRole, UserId, events::Status};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::answer::Member;
use crate::{
    answer::{Avatar, Seen, word},
    people::answer::shown,
};

/// A member as the database gives them.
struct Row {
    channel_id: Uuid,
    id: Uuid,
    display_name: String,
    role: String,
    kind: String,
    active: bool,
    title: String,
    status_emoji: String,
    status_text: String,
    status_until: Option<DateTime<Utc>>,
    avatar_digest: Option<String>,
}

impl Row {
    fn read(self, seen: &Seen<'_>) -> sqlx::Result<(ChannelId, Member)> {
        let user_id = UserId(self.id);
        let status = Status { emoji: self.status_emoji, text: self.status_text, until: self.status_until };
        let member = Member {
            user_id,
            display_name: self.display_name,
            role: word(&self.role)?,
            kind: word(&self.kind)?,
            active: self.active,
            title: self.title,
            status: shown(status, seen.now),
            avatar: self.avatar_digest.map(|digest| Avatar::new(seen.handle, user_id, &digest)),
        };
        Ok((ChannelId(self.channel_id), member))
    }
}

/// Members in the order of their ids; with a search, those whose names have it.
pub(crate) async fn members(
    pool: &PgPool,
    seen: &Seen<'_>,
    channel: ChannelId,
    search: Option<&str>,
    after: Option<UserId>,
    limit: i64,
) -> sqlx::Result<Vec<Member>> {
    let rows = sqlx::query_as!(
        Row,
        "select m.channel_id, u.id, u.display_name, m.role, u.kind, u.active, u.title, u.status_emoji, u.status_text,
                u.status_until, u.avatar_digest
         from channel_members m join users u on u.id = m.user_id
         where m.channel_id = $1 and m.active
           and ($2::text is null or u.name_words @@ $2::text::tsquery)
           and ($3::uuid is null or m.user_id > $3)
         order by m.user_id limit $4",
        channel.0,
        search,
        after.map(|id| id.0),
        limit
    );
    rows.try_map(|row| row.read(seen).map(|(_, member)| member)).fetch_all(pool).await
}

/// All members of a few small channels, each with its channel, in the order of their ids. None has more than `most`: said
/// to Postgres too, which expects of each channel what is usual of all, and would read everybody.
pub(crate) async fn members_of(
    pool: &PgPool,
    seen: &Seen<'_>,
    channels: &[ChannelId],
    most: u8,
) -> sqlx::Result<Vec<(ChannelId, Member)>> {
    let ids: Vec<Uuid> = channels.iter().map(|channel| channel.0).collect();
    let rows = sqlx::query_as!(
        Row,
        "select m.channel_id, u.id, u.display_name, m.role, u.kind, u.active, u.title, u.status_emoji, u.status_text,
                u.status_until, u.avatar_digest
         from unnest($1::uuid[]) c (id)
         cross join lateral (
             select channel_id, user_id, role from channel_members
             where channel_id = c.id and active order by user_id limit $2) m
         join users u on u.id = m.user_id order by m.user_id",
        &ids,
        i64::from(most)
    );
    rows.try_map(|row| row.read(seen)).fetch_all(pool).await
}

/// What the person is in the channel, if they are in it; a row that is there stays locked until the transaction ends.
pub(crate) async fn lock_member(
    connection: &mut PgConnection,
    channel: ChannelId,
    person: UserId,
) -> sqlx::Result<Option<ChannelRole>> {
    let row = sqlx::query!(
        "select role, active from channel_members where channel_id = $1 and user_id = $2 for no key update",
        channel.0,
        person.0
    );
    let row = row.fetch_optional(connection).await?.filter(|row| row.active);
    row.map(|row| word(&row.role)).transpose()
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
