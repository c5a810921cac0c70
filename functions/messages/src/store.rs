//! SQL of messages and deliveries.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    ChannelId, MessageId, Position, UserId,
    fold::{Content, Message},
    membership::Membership,
};
use event_log::ApplyError;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::answer::MessageView;

/// A row of `messages`.
struct Row {
    channel_id: Uuid,
    id: Uuid,
    parent_id: Option<Uuid>,
    author_id: Uuid,
    text: Option<String>,
    epoch: i32,
    partition: i32,
    created_offset: i64,
    changed_offset: i64,
    created_at: DateTime<Utc>,
    edited_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
    sequence: i64,
    /// Read for pages only.
    replies: i64,
}

impl Row {
    fn into_view(self) -> MessageView {
        let (sequence, replies) = (self.sequence, self.replies);
        MessageView::new(self.into(), sequence, replies)
    }
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        let at = |offset| position(row.epoch, row.partition, offset);
        let content = match row.text {
            Some(text) => Content::Live { text, edited_at: row.edited_at },
            None => Content::Deleted { at: row.deleted_at.unwrap_or(row.created_at) },
        };
        Self {
            channel: ChannelId(row.channel_id),
            id: MessageId(row.id),
            parent: row.parent_id.map(MessageId),
            author: UserId(row.author_id),
            created: at(row.created_offset),
            created_at: row.created_at,
            changed: at(row.changed_offset),
            content,
        }
    }
}

fn position(epoch: i32, partition: i32, offset: i64) -> Position {
    Position {
        epoch: u32::try_from(epoch).unwrap_or_default(),
        partition: u32::try_from(partition).unwrap_or_default(),
        offset,
    }
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

pub(crate) async fn message(
    executor: impl PgExecutor<'_>,
    channel: ChannelId,
    id: MessageId,
) -> sqlx::Result<Option<Message>> {
    let row = sqlx::query_as!(
        Row,
        r#"select channel_id, id, parent_id, author_id, text, epoch, partition, created_offset, changed_offset, created_at,
                  edited_at, deleted_at, sequence, 0::bigint as "replies!"
           from messages where channel_id = $1 and id = $2"#,
        channel.0,
        id.0
    )
    .fetch_optional(executor)
    .await?;
    Ok(row.map(Message::from))
}

pub(crate) async fn messages(
    connection: &mut PgConnection,
    keys: &[(ChannelId, MessageId)],
) -> Result<Vec<Message>, ApplyError> {
    let (channels, ids): (Vec<Uuid>, Vec<Uuid>) = keys.iter().map(|(channel, id)| (channel.0, id.0)).unzip();
    let rows = sqlx::query_as!(
        Row,
        r#"select m.channel_id, m.id, m.parent_id, m.author_id, m.text, m.epoch, m.partition, m.created_offset,
                  m.changed_offset, m.created_at, m.edited_at, m.deleted_at, m.sequence, 0::bigint as "replies!"
           from unnest($1::uuid[], $2::uuid[]) as k (channel_id, id)
           join messages m on m.channel_id = k.channel_id and m.id = k.id"#,
        &channels,
        &ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// Inserts messages in the order given, numbering each channel's on.
pub(crate) async fn insert_messages(connection: &mut PgConnection, messages: &[Message]) -> Result<(), ApplyError> {
    if messages.is_empty() {
        return Ok(());
    }
    let sequences = reserve_sequences(connection, messages).await?;
    let channels: Vec<Uuid> = messages.iter().map(|m| m.channel.0).collect();
    let ids: Vec<Uuid> = messages.iter().map(|m| m.id.0).collect();
    let parents: Vec<Option<Uuid>> = messages.iter().map(|m| m.parent.map(|id| id.0)).collect();
    let authors: Vec<Uuid> = messages.iter().map(|m| m.author.0).collect();
    let columns = Contents::of(messages);
    let epochs: Vec<i32> = messages.iter().map(|m| number(m.created.epoch)).collect();
    let partitions: Vec<i32> = messages.iter().map(|m| number(m.created.partition)).collect();
    let created: Vec<i64> = messages.iter().map(|m| m.created.offset).collect();
    let created_at: Vec<DateTime<Utc>> = messages.iter().map(|m| m.created_at).collect();
    sqlx::query!(
        "insert into messages (channel_id, id, parent_id, author_id, text, sequence, epoch, partition, created_offset,
                               changed_offset, created_at, edited_at, deleted_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::int[],
                              $8::int[], $9::bigint[], $10::bigint[], $11::timestamptz[], $12::timestamptz[],
                              $13::timestamptz[])",
        &channels,
        &ids,
        &parents as &[Option<Uuid>],
        &authors,
        &columns.texts as &[Option<&str>],
        &sequences,
        &epochs,
        &partitions,
        &created,
        &columns.changed,
        &created_at,
        &columns.edited_at as &[Option<DateTime<Utc>>],
        &columns.deleted_at as &[Option<DateTime<Utc>>]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What edits and deletions change, by column.
struct Contents<'a> {
    texts: Vec<Option<&'a str>>,
    changed: Vec<i64>,
    edited_at: Vec<Option<DateTime<Utc>>>,
    deleted_at: Vec<Option<DateTime<Utc>>>,
}

impl<'a> Contents<'a> {
    fn of(messages: &'a [Message]) -> Self {
        let mut columns =
            Self { texts: Vec::new(), changed: Vec::new(), edited_at: Vec::new(), deleted_at: Vec::new() };
        for message in messages {
            let (text, edited_at, deleted_at) = match &message.content {
                Content::Live { text, edited_at } => (Some(text.as_str()), *edited_at, None),
                Content::Deleted { at } => (None, None, Some(*at)),
            };
            columns.texts.push(text);
            columns.changed.push(message.changed.offset);
            columns.edited_at.push(edited_at);
            columns.deleted_at.push(deleted_at);
        }
        columns
    }
}

/// The next numbers of each message's channel, in the order given.
async fn reserve_sequences(connection: &mut PgConnection, messages: &[Message]) -> Result<Vec<i64>, ApplyError> {
    let mut counts: HashMap<Uuid, i64> = HashMap::new();
    for message in messages {
        *counts.entry(message.channel.0).or_default() += 1;
    }
    let (channels, numbers): (Vec<Uuid>, Vec<i64>) = counts.iter().map(|(channel, count)| (*channel, *count)).unzip();
    let rows = sqlx::query!(
        "insert into channel_counters (channel_id, last_sequence) select * from unnest($1::uuid[], $2::bigint[])
         on conflict (channel_id) do update set last_sequence = channel_counters.last_sequence + excluded.last_sequence
         returning channel_id, last_sequence",
        &channels,
        &numbers
    )
    .fetch_all(connection)
    .await?;
    let mut next: HashMap<Uuid, i64> = rows
        .into_iter()
        .map(|row| (row.channel_id, row.last_sequence - counts.get(&row.channel_id).copied().unwrap_or_default()))
        .collect();
    let sequences = messages.iter().map(|message| {
        let last = next.entry(message.channel.0).or_default();
        *last += 1;
        *last
    });
    Ok(sequences.collect())
}

pub(crate) async fn update_messages(connection: &mut PgConnection, messages: &[Message]) -> Result<(), ApplyError> {
    if messages.is_empty() {
        return Ok(());
    }
    let channels: Vec<Uuid> = messages.iter().map(|m| m.channel.0).collect();
    let ids: Vec<Uuid> = messages.iter().map(|m| m.id.0).collect();
    let columns = Contents::of(messages);
    sqlx::query!(
        "update messages m set text = k.text, changed_offset = k.changed_offset, edited_at = k.edited_at,
                deleted_at = k.deleted_at
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
              as k (channel_id, id, text, changed_offset, edited_at, deleted_at)
         where m.channel_id = k.channel_id and m.id = k.id",
        &channels,
        &ids,
        &columns.texts as &[Option<&str>],
        &columns.changed,
        &columns.edited_at as &[Option<DateTime<Utc>>],
        &columns.deleted_at as &[Option<DateTime<Utc>>]
    )
    .execute(connection)
    .await?;
    Ok(())
}

type MemberKey = (ChannelId, UserId);

pub(crate) async fn memberships(
    connection: &mut PgConnection,
    keys: &[MemberKey],
) -> Result<Vec<(MemberKey, Membership)>, ApplyError> {
    let (channels, users): (Vec<Uuid>, Vec<Uuid>) = keys.iter().map(|(channel, user)| (channel.0, user.0)).unzip();
    let rows = sqlx::query!(
        "select d.channel_id, d.user_id, d.version, d.active, d.joined_epoch, d.joined_partition, d.joined_offset
         from unnest($1::uuid[], $2::uuid[]) as k (channel_id, user_id)
         join delivery_members d on d.channel_id = k.channel_id and d.user_id = k.user_id",
        &channels,
        &users
    )
    .fetch_all(connection)
    .await?;
    let members = rows.into_iter().map(|row| {
        let joined = position(row.joined_epoch, row.joined_partition, row.joined_offset);
        let membership = Membership { version: row.version, active: row.active, joined };
        ((ChannelId(row.channel_id), UserId(row.user_id)), membership)
    });
    Ok(members.collect())
}

pub(crate) async fn put_memberships(
    connection: &mut PgConnection,
    members: &[(MemberKey, Membership)],
) -> Result<(), ApplyError> {
    let channels: Vec<Uuid> = members.iter().map(|((channel, _), _)| channel.0).collect();
    let users: Vec<Uuid> = members.iter().map(|((_, user), _)| user.0).collect();
    let versions: Vec<i64> = members.iter().map(|(_, m)| m.version).collect();
    let active: Vec<bool> = members.iter().map(|(_, m)| m.active).collect();
    let epochs: Vec<i32> = members.iter().map(|(_, m)| number(m.joined.epoch)).collect();
    let partitions: Vec<i32> = members.iter().map(|(_, m)| number(m.joined.partition)).collect();
    let offsets: Vec<i64> = members.iter().map(|(_, m)| m.joined.offset).collect();
    sqlx::query!(
        "insert into delivery_members (channel_id, user_id, version, active, joined_epoch, joined_partition, joined_offset)
         select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bool[], $5::int[], $6::int[], $7::bigint[])
         on conflict (channel_id, user_id) do update set version = excluded.version, active = excluded.active,
             joined_epoch = excluded.joined_epoch, joined_partition = excluded.joined_partition,
             joined_offset = excluded.joined_offset",
        &channels,
        &users,
        &versions,
        &active,
        &epochs,
        &partitions,
        &offsets
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A page of a channel's messages without replies, newest first, below a number.
pub(crate) async fn channel_page(
    pool: &PgPool,
    channel: ChannelId,
    before: i64,
    limit: i64,
) -> sqlx::Result<Vec<MessageView>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select m.channel_id, m.id, m.parent_id, m.author_id, m.text, m.epoch, m.partition, m.created_offset,
                  m.changed_offset, m.created_at, m.edited_at, m.deleted_at, m.sequence,
                  (select count(*) from messages r where r.channel_id = m.channel_id and r.parent_id = m.id
                   and r.text is not null) as "replies!"
           from messages m where m.channel_id = $1 and m.sequence < $2 and m.parent_id is null
           order by m.sequence desc limit $3"#,
        channel.0,
        before,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Row::into_view).collect())
}

/// A page of a thread, oldest first, above a number: the message that began it and its replies.
pub(crate) async fn thread_page(
    pool: &PgPool,
    channel: ChannelId,
    root: MessageId,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<MessageView>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select m.channel_id, m.id, m.parent_id, m.author_id, m.text, m.epoch, m.partition, m.created_offset,
                  m.changed_offset, m.created_at, m.edited_at, m.deleted_at, m.sequence,
                  (select count(*) from messages r where r.channel_id = m.channel_id and r.parent_id = m.id
                   and r.text is not null) as "replies!"
           from messages m where m.channel_id = $1 and (m.id = $2 or m.parent_id = $2) and m.sequence > $3
           order by m.sequence limit $4"#,
        channel.0,
        root.0,
        after,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Row::into_view).collect())
}
