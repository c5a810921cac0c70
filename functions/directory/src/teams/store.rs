//! SQL of teams and who is in them.

use domain::{TeamId, TeamRole, UserId, events::Status, events::TeamChanged};
use sqlx::{PgConnection, PgPool};

use super::{
    Properties,
    answer::{TeamMember, TeamView},
};
use crate::{
    answer::{Avatar, Seen, word},
    people::answer::shown,
};

/// A team, whoever asks, also one that has ended; what `user` is in it stands in the answer.
pub(crate) async fn team(pool: &PgPool, id: TeamId, user: UserId) -> sqlx::Result<Option<TeamView>> {
    sqlx::query!(
        r#"select t.id, t.name, t.description, t.version, t.created_at, m.role as "membership?"
           from teams t left join team_members m on m.team_id = t.id and m.user_id = $2 and m.active
           where t.id = $1"#,
        id.0,
        user.0
    )
    .try_map(|row| {
        Ok(TeamView {
            team_id: TeamId(row.id),
            name: row.name,
            description: row.description,
            membership: row.membership.as_deref().map(word).transpose()?,
            version: row.version,
            created_at: row.created_at,
        })
    })
    .fetch_optional(pool)
    .await
}

/// Teams in the order of the key beside each: the name with its case removed, which no two teams share; for guests only
/// their own.
pub(crate) async fn teams(
    pool: &PgPool,
    user: UserId,
    own_only: bool,
    search: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> sqlx::Result<Vec<(String, TeamView)>> {
    sqlx::query!(
        r#"select t.id, t.name, t.description, t.version, t.created_at, m.role as "membership?", lower(t.name) as "key!"
           from teams t left join team_members m on m.team_id = t.id and m.user_id = $1 and m.active
           where t.archived_at is null
             and (m.user_id is not null or not $2::bool)
             and ($3::text is null or t.name_words @@ $3::text::tsquery)
             and ($4::text is null or lower(t.name) > $4)
           order by lower(t.name) limit $5"#,
        user.0,
        own_only,
        search,
        after,
        limit
    )
    .try_map(|row| {
        let team = TeamView {
            team_id: TeamId(row.id),
            name: row.name,
            description: row.description,
            membership: row.membership.as_deref().map(word).transpose()?,
            version: row.version,
            created_at: row.created_at,
        };
        Ok((row.key, team))
    })
    .fetch_all(pool)
    .await
}

/// How many teams there are beside this one, if it is there: a retry is not in its own way. No other is made until the
/// transaction ends.
pub(crate) async fn lock_and_count_others(connection: &mut PgConnection, id: TeamId) -> sqlx::Result<i64> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('teams'))").execute(&mut *connection).await?;
    sqlx::query_scalar!(r#"select count(*) as "count!" from teams where archived_at is null and id <> $1"#, id.0)
        .fetch_one(connection)
        .await
}

/// False if there is, or was, a team of this id.
pub(crate) async fn insert_team(
    connection: &mut PgConnection,
    id: TeamId,
    properties: &Properties,
    maker: UserId,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into teams (id, name, name_key, name_words, description, created_by)
         values ($1, $2, $3, array_to_tsvector($4::text[]), $5, $6) on conflict (id) do nothing",
        id.0,
        properties.name.as_str(),
        properties.name.key(),
        &properties.name.words(),
        properties.description,
        maker.0
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A team whose row is locked until the transaction ends.
pub(crate) struct Locked {
    pub archived: bool,
    pub version: i64,
    name: String,
    description: String,
}

impl Locked {
    /// Whether it has these properties already.
    pub(crate) fn has(&self, wanted: &Properties) -> bool {
        self.name == wanted.name.as_str() && self.description == wanted.description
    }
}

pub(crate) async fn lock_team(connection: &mut PgConnection, id: TeamId) -> sqlx::Result<Option<Locked>> {
    sqlx::query_as!(
        Locked,
        r#"select archived_at is not null as "archived!", version, name, description
           from teams where id = $1 for no key update"#,
        id.0
    )
    .fetch_optional(connection)
    .await
}

/// Gives a locked team new properties.
pub(crate) async fn update_team(
    connection: &mut PgConnection,
    id: TeamId,
    properties: &Properties,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update teams set name = $2, name_key = $3, name_words = array_to_tsvector($4::text[]), description = $5,
                version = version + 1
         where id = $1",
        id.0,
        properties.name.as_str(),
        properties.name.key(),
        &properties.name.words(),
        properties.description
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Ends a locked team.
pub(crate) async fn archive_team(connection: &mut PgConnection, id: TeamId) -> sqlx::Result<()> {
    sqlx::query!("update teams set archived_at = now(), version = version + 1 where id = $1", id.0)
        .execute(connection)
        .await
        .map(drop)
}

/// What the log is told of a team.
pub(crate) async fn changed(connection: &mut PgConnection, id: TeamId) -> sqlx::Result<TeamChanged> {
    let row = sqlx::query!(
        r#"select name, description, archived_at is not null as "archived!", version from teams where id = $1"#,
        id.0
    );
    let row = row.fetch_one(connection).await?;
    let (name, description, archived, version) = (row.name, row.description, row.archived, row.version);
    Ok(TeamChanged { team_id: id, name, description, archived, version })
}

/// Whether there is such a team; nobody ends it before the transaction does.
pub(crate) async fn hold_team(connection: &mut PgConnection, id: TeamId) -> sqlx::Result<bool> {
    let held = sqlx::query_scalar!("select id from teams where id = $1 and archived_at is null for share", id.0);
    Ok(held.fetch_optional(connection).await?.is_some())
}

/// Whether a team has ended, and whether `user` was its lead then; none if there never was one.
pub(crate) async fn ended(pool: &PgPool, id: TeamId, user: UserId) -> sqlx::Result<Option<(bool, bool)>> {
    sqlx::query!(
        r#"select t.archived_at is not null as "ended!", coalesce(m.active and m.role = 'lead', false) as "led!"
           from teams t left join team_members m on m.team_id = t.id and m.user_id = $2 where t.id = $1"#,
        id.0,
        user.0
    )
    .map(|row| (row.ended, row.led))
    .fetch_optional(pool)
    .await
}

/// Members in the order of their ids; with a search, those whose names have it.
pub(crate) async fn members(
    pool: &PgPool,
    seen: &Seen<'_>,
    team: TeamId,
    search: Option<&str>,
    after: Option<UserId>,
    limit: i64,
) -> sqlx::Result<Vec<TeamMember>> {
    sqlx::query!(
        "select u.id, u.display_name, m.role, u.kind, u.active, u.title, u.status_emoji, u.status_text, u.status_until,
                u.avatar_digest
         from team_members m join users u on u.id = m.user_id
         where m.team_id = $1 and m.active
           and ($2::text is null or u.name_words @@ $2::text::tsquery)
           and ($3::uuid is null or m.user_id > $3)
         order by m.user_id limit $4",
        team.0,
        search,
        after.map(|id| id.0),
        limit
    )
    .try_map(|row| {
        let user_id = UserId(row.id);
        let status = Status { emoji: row.status_emoji, text: row.status_text, until: row.status_until };
        Ok(TeamMember {
            user_id,
            display_name: row.display_name,
            role: word(&row.role)?,
            kind: word(&row.kind)?,
            active: row.active,
            title: row.title,
            status: shown(status, seen.now),
            avatar: row.avatar_digest.map(|digest| Avatar::new(seen.handle, user_id, &digest)),
        })
    })
    .fetch_all(pool)
    .await
}

/// What the person is in the team, if they are in it; a row that is there stays locked until the transaction ends.
pub(crate) async fn lock_member(
    connection: &mut PgConnection,
    team: TeamId,
    person: UserId,
) -> sqlx::Result<Option<TeamRole>> {
    let row = sqlx::query!(
        "select role, active from team_members where team_id = $1 and user_id = $2 for no key update",
        team.0,
        person.0
    );
    let row = row.fetch_optional(connection).await?.filter(|row| row.active);
    row.map(|row| word(&row.role)).transpose()
}

/// Whether the person was in the team once and is no more.
pub(crate) async fn has_left(pool: &PgPool, team: TeamId, person: UserId) -> sqlx::Result<bool> {
    let tombstone = sqlx::query_scalar!(
        "select version from team_members where team_id = $1 and user_id = $2 and not active",
        team.0,
        person.0
    );
    Ok(tombstone.fetch_optional(pool).await?.is_some())
}
