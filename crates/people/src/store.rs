//! SQL of people who come in, and of memberships.

use domain::{
    ChannelId, ChannelRole, Name, TeamId, TeamRole, UserId,
    events::{Status, UserChanged},
};
use sqlx::PgConnection;
use std::{error::Error, str::FromStr};
use uuid::Uuid;

use crate::admission::NewPerson;

pub(crate) fn word<T: FromStr<Err: Error + Send + Sync + 'static>>(text: &str) -> sqlx::Result<T> {
    text.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// One after another until the transaction ends.
pub(crate) async fn lock_members(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('members'))").execute(connection).await.map(drop)
}

/// New bots come one after another until the transaction ends.
pub(crate) async fn lock_bots(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('bots'))").execute(connection).await.map(drop)
}

/// Bots that are not erased, but for this one: a retry is not in its own way.
pub(crate) async fn other_bots(connection: &mut PgConnection, bot: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from users where kind = 'bot' and erased_at is null and id <> $1"#,
        bot.0
    )
    .fetch_one(connection)
    .await
}

/// Names that look alike come one after another until the transaction ends.
pub(crate) async fn lock_name(connection: &mut PgConnection, name: &Name) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('name ' || $1::text))", name.key())
        .execute(connection)
        .await
        .map(drop)
}

/// Active people, bots not counted.
pub(crate) async fn members(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from users where active and kind = 'person'"#)
        .fetch_one(connection)
        .await
}

/// False if the id or the address is taken.
pub(crate) async fn insert(connection: &mut PgConnection, person: NewPerson<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into users (id, email, display_name, name_key, name_words, role, kind, email_proved_at)
         values ($1, $2, $3, $4, array_to_tsvector($5::text[]), $6, $7, case when $8::bool then now() end)
         on conflict do nothing",
        person.id.0,
        person.email,
        person.name.as_str(),
        person.name.key(),
        &person.name.words(),
        person.role.as_str(),
        person.kind.as_str(),
        person.email_proved
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// False if they are active, erased, or nobody.
pub(crate) async fn activate(connection: &mut PgConnection, user: UserId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update users set active = true, version = version + 1 where id = $1 and not active and erased_at is null",
        user.0
    );
    Ok(done.execute(connection).await?.rows_affected() == 1)
}

/// Whether somebody else who is active has another name that looks like this one.
pub(crate) async fn looks_taken(connection: &mut PgConnection, user: UserId, name: &Name) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(select from users where name_key = $2 and lower(display_name) <> lower($3) and id <> $1
                         and active) as "found!""#,
        user.0,
        name.key(),
        name.as_str()
    )
    .fetch_one(connection)
    .await
}

pub(crate) async fn changed(connection: &mut PgConnection, user: UserId) -> sqlx::Result<Option<UserChanged>> {
    sqlx::query!(
        "select id, display_name, role, active, avatar_digest, kind, title, time_zone, status_emoji, status_text,
                status_until, version
         from users where id = $1",
        user.0
    )
    .try_map(|row| {
        let has_status = !(row.status_emoji.is_empty() && row.status_text.is_empty());
        let status = Status { emoji: row.status_emoji, text: row.status_text, until: row.status_until };
        Ok(UserChanged {
            user_id: UserId(row.id),
            display_name: row.display_name,
            role: word(&row.role)?,
            active: row.active,
            avatar: row.avatar_digest,
            kind: word(&row.kind)?,
            title: row.title,
            time_zone: Some(row.time_zone).filter(|zone| zone != "UTC"),
            status: Some(status).filter(|_| has_status),
            version: row.version,
        })
    })
    .fetch_optional(connection)
    .await
}

/// What becomes of somebody who is in already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inside {
    /// They get the role.
    Changes,
    /// They keep theirs.
    Stays,
}

/// The membership's new version, or none if nothing has to change. Either way its row stays locked
/// until the transaction ends, so that of two at once the second sees what the first has done.
/// Its version is above every version that the log has told: a database that was rolled back to an old dump would
/// otherwise give a version again, and the log's readers would ignore it.
pub(crate) async fn let_in(
    connection: &mut PgConnection,
    channel: ChannelId,
    person: UserId,
    role: ChannelRole,
    inside: Inside,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into channel_members as m (channel_id, user_id, role, active, version)
         select $1, $2, $3, true, 1 + coalesce(max(d.version), 0) from delivery_members d
         where d.channel_id = $1 and d.user_id = $2
         on conflict (channel_id, user_id)
         do update set role = excluded.role, active = true, version = greatest(m.version + 1, excluded.version)
         where not m.active or (m.role <> excluded.role and not $4)
         returning version",
        channel.0,
        person.0,
        role.as_str(),
        inside == Inside::Stays
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
        "update channel_members m set active = false, version = 1 + greatest(m.version, (
             select d.version from delivery_members d where d.channel_id = $1 and d.user_id = $2))
         where m.channel_id = $1 and m.user_id = $2 and m.active returning m.version",
        channel.0,
        person.0
    )
    .fetch_optional(connection)
    .await
}

/// As [`let_in`], of a team.
pub(crate) async fn let_into_team(
    connection: &mut PgConnection,
    team: TeamId,
    person: UserId,
    role: TeamRole,
    inside: Inside,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into team_members as m (team_id, user_id, role, active, version) values ($1, $2, $3, true, 1)
         on conflict (team_id, user_id) do update set role = excluded.role, active = true, version = m.version + 1
         where not m.active or (m.role <> excluded.role and not $4)
         returning version",
        team.0,
        person.0,
        role.as_str(),
        inside == Inside::Stays
    )
    .fetch_optional(connection)
    .await
}

/// As [`take_out`], of a team.
pub(crate) async fn take_out_of_team(
    connection: &mut PgConnection,
    team: TeamId,
    person: UserId,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "update team_members set active = false, version = version + 1
         where team_id = $1 and user_id = $2 and active returning version",
        team.0,
        person.0
    )
    .fetch_optional(connection)
    .await
}

/// The whole letter stands in `data`; its kind also for people who look.
pub(crate) async fn insert_letter(
    connection: &mut PgConnection,
    recipient: &str,
    letter: &serde_json::Value,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into letters (id, kind, recipient, data) values ($1, $2::jsonb->>'kind', $3, $2)",
        Uuid::now_v7(),
        letter,
        recipient
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Who has an address.
pub(crate) struct Holder {
    pub(crate) user: UserId,
    /// As they write it. Postgres takes letters for equal that mail servers don't: the Kelvin sign and `k`.
    pub(crate) email: String,
    pub(crate) proved: bool,
    pub(crate) second_factor: bool,
}

pub(crate) async fn holder_of_address(connection: &mut PgConnection, email: &str) -> sqlx::Result<Option<Holder>> {
    sqlx::query!(
        r#"select id, email as "email!", email_proved_at is not null as "proved!",
                  exists(
                      select from second_factors where user_id = users.id and confirmed_at is not null
                  ) as "second_factor!"
           from users where lower(email) = lower($1) for share"#,
        email
    )
    .map(|row| Holder { user: UserId(row.id), email: row.email, proved: row.proved, second_factor: row.second_factor })
    .fetch_optional(connection)
    .await
}

/// Who the subject is from now on: this person, or whoever was faster.
pub(crate) async fn link(
    connection: &mut PgConnection,
    issuer: &str,
    subject: &str,
    user: UserId,
) -> sqlx::Result<UserId> {
    sqlx::query_scalar!(
        "insert into identities (issuer, subject, user_id) values ($1, $2, $3)
         on conflict (issuer, subject) do update set subject = excluded.subject returning user_id",
        issuer,
        subject,
        user.0
    )
    .fetch_one(connection)
    .await
    .map(UserId)
}

/// Who a subject is, once nobody else is about to say it: first sights of one subject follow each other.
pub(crate) async fn lock_subject(
    connection: &mut PgConnection,
    issuer: &str,
    subject: &str,
) -> sqlx::Result<Option<UserId>> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1 || chr(10) || $2, 0))", issuer, subject)
        .execute(&mut *connection)
        .await?;
    let user =
        sqlx::query_scalar!("select user_id from identities where issuer = $1 and subject = $2", issuer, subject);
    Ok(user.fetch_optional(connection).await?.map(UserId))
}
