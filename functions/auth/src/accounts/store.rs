//! SQL of roles, deactivation and erasure.

use domain::{AccountKind, ChannelId, Name, Role, SessionId, TeamId, UserId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// What decides about a change of somebody's account.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) id: UserId,
    pub(crate) email: Option<String>,
    pub(crate) display_name: String,
    pub(crate) role: Role,
    pub(crate) kind: AccountKind,
    pub(crate) active: bool,
    pub(crate) erased: bool,
    pub(crate) version: i64,
}

struct FactsRow {
    id: Uuid,
    email: Option<String>,
    display_name: String,
    role: String,
    kind: String,
    active: bool,
    erased: bool,
    version: i64,
}

impl FactsRow {
    fn read(self) -> sqlx::Result<Facts> {
        let unknown = |error| sqlx::Error::Decode(Box::new(error));
        Ok(Facts {
            id: UserId(self.id),
            email: self.email,
            display_name: self.display_name,
            role: self.role.parse().map_err(unknown)?,
            kind: self.kind.parse().map_err(unknown)?,
            active: self.active,
            erased: self.erased,
            version: self.version,
        })
    }
}

/// What is known of somebody now.
pub(crate) async fn facts(pool: &PgPool, user: UserId) -> sqlx::Result<Option<Facts>> {
    let row = sqlx::query_as!(
        FactsRow,
        r#"select id, email, display_name, role, kind, active, erased_at is not null as "erased!", version
           from users where id = $1"#,
        user.0
    );
    row.fetch_optional(pool).await?.map(FactsRow::read).transpose()
}

/// What is known of these people; nobody else changes them until the transaction ends. Rows are locked in one order, so
/// that two who act on each other don't wait for each other.
pub(crate) async fn lock(connection: &mut PgConnection, users: &[UserId]) -> sqlx::Result<Vec<Facts>> {
    let ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
    let rows = sqlx::query_as!(
        FactsRow,
        r#"select id, email, display_name, role, kind, active, erased_at is not null as "erased!", version
           from users where id = any($1) order by id for no key update"#,
        &ids
    );
    rows.fetch_all(connection).await?.into_iter().map(FactsRow::read).collect()
}

/// Owners go one after another until the transaction ends.
pub(crate) async fn lock_owners(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('owners'))").execute(connection).await.map(drop)
}

pub(crate) async fn has_other_owner(connection: &mut PgConnection, user: UserId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(
               select from users where role = 'owner' and active and kind = 'person' and id <> $1) as "found!""#,
        user.0
    )
    .fetch_one(connection)
    .await
}

pub(crate) async fn set_role(connection: &mut PgConnection, user: UserId, role: Role) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update users set role = $2, version = version + 1 where id = $1 returning version",
        user.0,
        role.as_str()
    )
    .fetch_one(connection)
    .await
}

pub(crate) async fn deactivate(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!("update users set active = false, version = version + 1 where id = $1", user.0)
        .execute(connection)
        .await
        .map(drop)
}

/// Revokes every API token and says which; who has one is to them as a session is.
pub(crate) async fn end_tokens(connection: &mut PgConnection, user: UserId) -> sqlx::Result<Vec<SessionId>> {
    let ended = sqlx::query_scalar!(
        "update api_tokens set revoked_at = now() where user_id = $1 and revoked_at is null returning id",
        user.0
    );
    Ok(ended.fetch_all(connection).await?.into_iter().map(SessionId).collect())
}

/// The channels that somebody is in, conversations not counted, in one order for all.
pub(crate) async fn channels_of(connection: &mut PgConnection, user: UserId) -> sqlx::Result<Vec<ChannelId>> {
    let channels = sqlx::query_scalar!(
        "select m.channel_id from channel_members m join channels c on c.id = m.channel_id
         where m.user_id = $1 and m.active and c.kind = 'channel' order by m.channel_id",
        user.0
    );
    Ok(channels.fetch_all(connection).await?.into_iter().map(ChannelId).collect())
}

pub(crate) async fn teams_of(connection: &mut PgConnection, user: UserId) -> sqlx::Result<Vec<TeamId>> {
    let teams =
        sqlx::query_scalar!("select team_id from team_members where user_id = $1 and active order by team_id", user.0);
    Ok(teams.fetch_all(connection).await?.into_iter().map(TeamId).collect())
}

/// Deletes all that let somebody in. Sessions stay as rows without anything of the person, since refresh tokens and
/// events name them.
pub(crate) async fn erase_keys(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!("delete from passwords where user_id = $1", user.0).execute(&mut *connection).await?;
    sqlx::query!("delete from second_factors where user_id = $1", user.0).execute(&mut *connection).await?;
    sqlx::query!("delete from recovery_codes where user_id = $1", user.0).execute(&mut *connection).await?;
    sqlx::query!("delete from identities where user_id = $1", user.0).execute(&mut *connection).await?;
    sqlx::query!("delete from api_tokens where user_id = $1", user.0).execute(&mut *connection).await?;
    sqlx::query!("delete from refresh_tokens where session_id in (select id from sessions where user_id = $1)", user.0)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("update sessions set device = '', address = '' where user_id = $1", user.0)
        .execute(connection)
        .await
        .map(drop)
}

/// Deletes letters about somebody, and whatever was sent to their address: tickets, letters, invitations.
pub(crate) async fn erase_letters(
    connection: &mut PgConnection,
    user: UserId,
    email: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!("delete from sign_in_tickets where user_id = $1 or lower(email) = lower($2)", user.0, email)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "delete from letters where data #>> '{data,user}' = $1::uuid::text or lower(recipient) = lower($2)",
        user.0,
        email
    )
    .execute(&mut *connection)
    .await?;
    // Without its address an invitation would be a link for everybody: it ends.
    sqlx::query!(
        "update invitations set email = null, revoked_at = coalesce(revoked_at, now()) where lower(email) = lower($1)",
        email
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Leaves of somebody what their messages need: an id, and a name that is everybody's.
pub(crate) async fn erase_person(connection: &mut PgConnection, user: UserId, name: &Name) -> sqlx::Result<()> {
    sqlx::query!(
        "update users set email = null, email_proved_at = null, display_name = $2, name_key = $3,
                name_words = array_to_tsvector($4::text[]), role = 'guest', active = false, title = '', about = '',
                time_zone = 'UTC', status_emoji = '', status_text = '', status_until = null, avatar_digest = null,
                avatar_type = null, avatar_length = 0, erased_at = now(), version = version + 1
         where id = $1",
        user.0,
        name.as_str(),
        name.key(),
        &name.words()
    )
    .execute(connection)
    .await
    .map(drop)
}
