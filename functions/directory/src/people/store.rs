//! SQL of people.

use chrono::{DateTime, Utc};
use domain::{Name, UserId, events::Status};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{
    answer::{Me, Person, is_over, shown},
    profile::Profile,
};
use crate::{
    answer::{Avatar, Seen, word},
    paging::ByName,
};

/// Somebody as the database gives them.
struct Row {
    id: Uuid,
    display_name: String,
    role: String,
    kind: String,
    active: bool,
    title: String,
    about: String,
    time_zone: String,
    status_emoji: String,
    status_text: String,
    status_until: Option<DateTime<Utc>>,
    avatar_digest: Option<String>,
    version: i64,
    email: Option<String>,
    /// The name with its case removed, as pages go by it.
    key: String,
}

impl Row {
    fn read(self, seen: &Seen<'_>) -> sqlx::Result<(ByName, Person, Option<String>)> {
        let user_id = UserId(self.id);
        let status = Status { emoji: self.status_emoji, text: self.status_text, until: self.status_until };
        let person = Person {
            user_id,
            display_name: self.display_name,
            role: word(&self.role)?,
            kind: word(&self.kind)?,
            active: self.active,
            title: self.title,
            about: self.about,
            time_zone: self.time_zone,
            status_is_over: is_over(&status, seen.now),
            status: shown(status, seen.now),
            avatar: self.avatar_digest.map(|digest| Avatar::new(seen.handle, user_id, &digest)),
            version: self.version,
        };
        Ok((ByName { name: self.key, id: self.id }, person, self.email))
    }
}

pub(crate) async fn me(pool: &PgPool, seen: &Seen<'_>, user: UserId) -> sqlx::Result<Option<Me>> {
    let found = sqlx::query_as!(
        Row,
        r#"select id, display_name, role, kind, active, title, about, time_zone, status_emoji, status_text, status_until,
                  avatar_digest, version, email, lower(display_name) as "key!"
           from users where id = $1"#,
        user.0
    );
    found.try_map(|row| row.read(seen).map(|(_, person, email)| Me { person, email })).fetch_optional(pool).await
}

pub(crate) async fn person(pool: &PgPool, seen: &Seen<'_>, user: UserId) -> sqlx::Result<Option<Person>> {
    Ok(me(pool, seen, user).await?.map(|me| me.person))
}

/// Which people a list shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Which {
    /// Postgres's words for what their names have.
    pub search: Option<String>,
    pub active: Option<bool>,
    pub kind: Option<domain::AccountKind>,
    /// Only whom this guest sees.
    pub guest: Option<UserId>,
}

/// People in the order of their names, whoever was erased left out. Plans are made for what is asked, so a condition that
/// asks for nothing costs nothing.
pub(crate) async fn people(
    pool: &PgPool,
    seen: &Seen<'_>,
    which: &Which,
    after: Option<&ByName>,
    limit: i64,
) -> sqlx::Result<Vec<(ByName, Person)>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, display_name, role, kind, active, title, about, time_zone, status_emoji, status_text, status_until,
                  avatar_digest, version, null as "email: String", lower(display_name) as "key!"
           from users
           where erased_at is null
             and ($1::text is null or name_words @@ $1::text::tsquery)
             and ($2::bool is null or active = $2)
             and ($3::text is null or kind = $3)
             and ($4::uuid is null or id in (
                 select theirs.user_id from channel_members mine
                 join channel_members theirs on theirs.channel_id = mine.channel_id and theirs.active
                 where mine.user_id = $4 and mine.active
                 union
                 select theirs.user_id from team_members mine
                 join teams t on t.id = mine.team_id and t.archived_at is null
                 join team_members theirs on theirs.team_id = mine.team_id and theirs.active
                 where mine.user_id = $4 and mine.active
                 union select $4))
             and ($5::text is null or (lower(display_name), id) > ($5, $6::uuid))
           order by lower(display_name), id limit $7"#,
        which.search,
        which.active,
        which.kind.map(domain::AccountKind::as_str),
        which.guest.map(|guest| guest.0),
        after.map(|after| after.name.as_str()),
        after.map(|after| after.id),
        limit
    );
    rows.try_map(|row| row.read(seen).map(|(key, person, _)| (key, person))).fetch_all(pool).await
}

/// Those of these people with whom a guest shares a channel, a conversation or a team.
pub(crate) async fn seen_by(pool: &PgPool, guest: UserId, people: &[UserId]) -> sqlx::Result<Vec<UserId>> {
    let ids: Vec<Uuid> = people.iter().map(|person| person.0).collect();
    let seen = sqlx::query_scalar!(
        r#"select theirs.user_id as "id!" from channel_members mine
           join channel_members theirs on theirs.channel_id = mine.channel_id and theirs.active
           where mine.user_id = $1 and mine.active and theirs.user_id = any($2)
           union
           select theirs.user_id from team_members mine
           join teams t on t.id = mine.team_id and t.archived_at is null
           join team_members theirs on theirs.team_id = mine.team_id and theirs.active
           where mine.user_id = $1 and mine.active and theirs.user_id = any($2)"#,
        guest.0,
        &ids
    );
    Ok(seen.fetch_all(pool).await?.into_iter().map(UserId).collect())
}

/// What a person says of themselves, and the row's version; it stays locked until the transaction ends.
pub(crate) async fn lock_profile(connection: &mut PgConnection, user: UserId) -> sqlx::Result<Option<(Profile, i64)>> {
    sqlx::query!(
        "select display_name, title, about, time_zone, status_emoji, status_text, status_until, version
         from users where id = $1 for no key update",
        user.0
    )
    .map(|row| {
        let profile = Profile {
            name: row.display_name,
            title: row.title,
            about: row.about,
            time_zone: row.time_zone,
            status: Status { emoji: row.status_emoji, text: row.status_text, until: row.status_until },
        };
        (profile, row.version)
    })
    .fetch_optional(connection)
    .await
}

/// Writes a profile; a new name with what it looks like and its words.
pub(crate) async fn update_profile(
    connection: &mut PgConnection,
    user: UserId,
    profile: &Profile,
    name: Option<&Name>,
) -> sqlx::Result<()> {
    let words = name.map(Name::words);
    sqlx::query!(
        "update users set display_name = $2, title = $3, about = $4, time_zone = $5, status_emoji = $6, status_text = $7,
                status_until = $8, name_key = coalesce($9, name_key),
                name_words = case when $10::text[] is null then name_words else array_to_tsvector($10::text[]) end,
                version = version + 1
         where id = $1",
        user.0,
        profile.name,
        profile.title,
        profile.about,
        profile.time_zone,
        profile.status.emoji,
        profile.status.text,
        profile.status.until,
        name.map(Name::key),
        words.as_deref()
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Whether the person is there and active; nobody deactivates them before the transaction ends.
pub(crate) async fn hold_active_person(connection: &mut PgConnection, person: UserId) -> sqlx::Result<bool> {
    Ok(hold_active_people(connection, &[person]).await? == 1)
}

/// How many of these people are there and active; nobody deactivates one before the transaction ends.
pub(crate) async fn hold_active_people(connection: &mut PgConnection, people: &[UserId]) -> sqlx::Result<usize> {
    let ids: Vec<Uuid> = people.iter().map(|person| person.0).collect();
    let held = sqlx::query_scalar!("select id from users where id = any($1) and active order by id for share", &ids);
    Ok(held.fetch_all(connection).await?.len())
}
