//! SQL of channels.

use chrono::{DateTime, Utc};
use domain::{ChannelId, ChannelKind, Posting, UserId, Visibility, events::ChannelChanged};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{answer::ChannelView, properties::Properties};
use crate::answer::word;

/// A channel as somebody sees it and the database gives it.
struct Row {
    id: Uuid,
    kind: String,
    name: String,
    topic: String,
    purpose: String,
    visibility: String,
    posting: String,
    archived: bool,
    version: i64,
    created_at: DateTime<Utc>,
    membership: Option<String>,
    /// The name with its case removed, as pages go by it.
    key: String,
}

impl Row {
    fn read(self) -> sqlx::Result<(String, ChannelView)> {
        let channel = ChannelView {
            channel_id: ChannelId(self.id),
            kind: word(&self.kind)?,
            name: self.name,
            topic: self.topic,
            purpose: self.purpose,
            visibility: word(&self.visibility)?,
            posting: word(&self.posting)?,
            archived: self.archived,
            membership: self.membership.as_deref().map(word).transpose()?,
            version: self.version,
            created_at: self.created_at,
        };
        Ok((self.key, channel))
    }
}

/// A channel, whoever asks; what `user` is in it stands in the answer.
pub(crate) async fn channel(pool: &PgPool, id: ChannelId, user: UserId) -> sqlx::Result<Option<ChannelView>> {
    let found = sqlx::query_as!(
        Row,
        r#"select c.id, c.kind, c.name, c.topic, c.purpose, c.visibility, c.posting,
                  c.archived_at is not null as "archived!", c.version, c.created_at, m.role as "membership?",
                  lower(c.name) as "key!"
           from channels c left join channel_members m on m.channel_id = c.id and m.user_id = $2 and m.active
           where c.id = $1"#,
        id.0,
        user.0
    );
    found.try_map(|row| row.read().map(|(_, channel)| channel)).fetch_optional(pool).await
}

/// Which channels a list shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Which {
    /// Postgres's words for what their names have.
    pub search: Option<String>,
    pub archived: Option<bool>,
    /// Only those that the reader is in, as guests have it.
    pub own_only: bool,
}

/// The channels that `user` may see, in the order of the key beside each: the name with its case removed, which no two
/// channels share.
pub(crate) async fn visible_channels(
    pool: &PgPool,
    user: UserId,
    which: &Which,
    after: Option<&str>,
    limit: i64,
) -> sqlx::Result<Vec<(String, ChannelView)>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select c.id, c.kind, c.name, c.topic, c.purpose, c.visibility, c.posting,
                  c.archived_at is not null as "archived!", c.version, c.created_at, m.role as "membership?",
                  lower(c.name) as "key!"
           from channels c left join channel_members m on m.channel_id = c.id and m.user_id = $1 and m.active
           where c.kind = 'channel'
             and (m.user_id is not null or (c.visibility = 'public' and not $2::bool))
             and ($3::text is null or c.name_words @@ $3::text::tsquery)
             and ($4::bool is null or (c.archived_at is not null) = $4)
             and ($5::text is null or lower(c.name) > $5)
           order by lower(c.name) limit $6"#,
        user.0,
        which.own_only,
        which.search,
        which.archived,
        after,
        limit
    );
    rows.try_map(Row::read).fetch_all(pool).await
}

/// How many channels there are beside this one, if it is there: a retry is not in its own way. No other is made until the
/// transaction ends.
pub(crate) async fn lock_and_count_others(connection: &mut PgConnection, id: ChannelId) -> sqlx::Result<i64> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('channels'))").execute(&mut *connection).await?;
    sqlx::query_scalar!(r#"select count(*) as "count!" from channels where kind = 'channel' and id <> $1"#, id.0)
        .fetch_one(connection)
        .await
}

/// False if there is a channel of this id.
pub(crate) async fn insert_channel(
    connection: &mut PgConnection,
    id: ChannelId,
    properties: &Properties,
    maker: UserId,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into channels (id, name, name_key, name_words, topic, purpose, visibility, posting, created_by)
         values ($1, $2, $3, array_to_tsvector($4::text[]), $5, $6, $7, $8, $9) on conflict (id) do nothing",
        id.0,
        properties.name.as_str(),
        properties.name.key(),
        &properties.name.words(),
        properties.topic,
        properties.purpose,
        properties.visibility.as_str(),
        properties.posting.as_str(),
        maker.0
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A channel whose row is locked until the transaction ends.
pub(crate) struct Locked {
    pub kind: ChannelKind,
    pub archived: bool,
    pub version: i64,
    name: String,
    topic: String,
    purpose: String,
    visibility: Visibility,
    posting: Posting,
}

impl Locked {
    /// Whether it has these properties already.
    pub(crate) fn has(&self, wanted: &Properties) -> bool {
        let Properties { name, topic, purpose, visibility, posting } = wanted;
        self.name == name.as_str()
            && (&self.topic, &self.purpose) == (topic, purpose)
            && (self.visibility, self.posting) == (*visibility, *posting)
    }
}

pub(crate) async fn lock_channel(connection: &mut PgConnection, id: ChannelId) -> sqlx::Result<Option<Locked>> {
    sqlx::query!(
        r#"select kind, archived_at is not null as "archived!", version, name, topic, purpose, visibility, posting
           from channels where id = $1 for no key update"#,
        id.0
    )
    .try_map(|row| {
        Ok(Locked {
            kind: word(&row.kind)?,
            archived: row.archived,
            version: row.version,
            name: row.name,
            topic: row.topic,
            purpose: row.purpose,
            visibility: word(&row.visibility)?,
            posting: word(&row.posting)?,
        })
    })
    .fetch_optional(connection)
    .await
}

/// Gives a locked channel new properties.
pub(crate) async fn update_channel(
    connection: &mut PgConnection,
    id: ChannelId,
    properties: &Properties,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update channels set name = $2, name_key = $3, name_words = array_to_tsvector($4::text[]), topic = $5,
                purpose = $6, visibility = $7, posting = $8, version = version + 1
         where id = $1",
        id.0,
        properties.name.as_str(),
        properties.name.key(),
        &properties.name.words(),
        properties.topic,
        properties.purpose,
        properties.visibility.as_str(),
        properties.posting.as_str()
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Archives a locked channel, or brings it back.
pub(crate) async fn set_archived(connection: &mut PgConnection, id: ChannelId, archived: bool) -> sqlx::Result<()> {
    sqlx::query!(
        "update channels set archived_at = case when $2::bool then now() end, version = version + 1 where id = $1",
        id.0,
        archived
    )
    .execute(connection)
    .await
    .map(drop)
}

/// What the log is told of a channel.
pub(crate) async fn changed(connection: &mut PgConnection, id: ChannelId) -> sqlx::Result<ChannelChanged> {
    sqlx::query!(
        r#"select name, topic, purpose, visibility, kind, posting, archived_at is not null as "archived!", version
           from channels where id = $1"#,
        id.0
    )
    .try_map(|row| {
        Ok(ChannelChanged {
            channel_id: id,
            name: row.name,
            topic: row.topic,
            visibility: word(&row.visibility)?,
            kind: word(&row.kind)?,
            purpose: row.purpose,
            posting: word(&row.posting)?,
            archived: row.archived,
            version: row.version,
        })
    })
    .fetch_one(connection)
    .await
}

/// Whether there is such a channel that people may come into; nobody archives it before the transaction ends.
pub(crate) async fn hold_channel(
    connection: &mut PgConnection,
    id: ChannelId,
) -> sqlx::Result<Option<(ChannelKind, bool)>> {
    sqlx::query!(r#"select kind, archived_at is not null as "archived!" from channels where id = $1 for share"#, id.0)
        .try_map(|row| Ok((word(&row.kind)?, row.archived)))
        .fetch_optional(connection)
        .await
}
