//! SQL of invitations.

use chrono::{DateTime, Utc};
use domain::{ChannelId, ChannelKind, InvitationId, Role, TeamId, UserId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{
    answer::{Invitation, InvitationState},
    offer::Offer,
};
use crate::{answer::word, paging::Newest};

/// An invitation as the database gives it.
struct Row {
    id: Uuid,
    email: Option<String>,
    role: String,
    channels: Vec<Uuid>,
    teams: Vec<Uuid>,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    max_uses: i32,
    uses: i32,
    revoked: bool,
    expired: bool,
}

impl Row {
    fn read(self) -> sqlx::Result<Invitation> {
        let state = match self {
            Self { revoked: true, .. } => InvitationState::Revoked,
            Self { max_uses, uses, .. } if uses >= max_uses => InvitationState::Used,
            Self { expired: true, .. } => InvitationState::Expired,
            _ => InvitationState::Open,
        };
        Ok(Invitation {
            invitation_id: InvitationId(self.id),
            email: self.email,
            role: word(&self.role)?,
            channels: self.channels.into_iter().map(ChannelId).collect(),
            teams: self.teams.into_iter().map(TeamId).collect(),
            created_by: UserId(self.created_by),
            created_at: self.created_at,
            expires_at: self.expires_at,
            max_uses: self.max_uses,
            uses: self.uses,
            state,
        })
    }
}

pub(crate) async fn invitation(pool: &PgPool, id: InvitationId) -> sqlx::Result<Option<Invitation>> {
    let found = sqlx::query_as!(
        Row,
        r#"select id, email, role, channels, teams, created_by, created_at, expires_at, max_uses, uses,
                  revoked_at is not null as "revoked!", expires_at <= now() as "expired!"
           from invitations where id = $1"#,
        id.0
    );
    found.try_map(Row::read).fetch_optional(pool).await
}

/// The newest first.
pub(crate) async fn invitations(pool: &PgPool, before: Option<Newest>, limit: i64) -> sqlx::Result<Vec<Invitation>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, email, role, channels, teams, created_by, created_at, expires_at, max_uses, uses,
                  revoked_at is not null as "revoked!", expires_at <= now() as "expired!"
           from invitations where $1::timestamptz is null or (created_at, id) < ($1, $2::uuid)
           order by created_at desc, id desc limit $3"#,
        before.map(|before| before.at),
        before.map(|before| before.id),
        limit
    );
    rows.try_map(Row::read).fetch_all(pool).await
}

/// Whether somebody has this address, whatever its case.
pub(crate) async fn has_account(connection: &mut PgConnection, email: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists(select from users where lower(email) = lower($1)) as "found!""#, email)
        .fetch_one(connection)
        .await
}

/// What somebody is in the workspace, and whether they are active; it stays until the transaction ends.
pub(crate) async fn hold_person(connection: &mut PgConnection, user: UserId) -> sqlx::Result<(Role, bool)> {
    sqlx::query!("select role, active from users where id = $1 for share", user.0)
        .try_map(|row| Ok((word(&row.role)?, row.active)))
        .fetch_one(connection)
        .await
}

pub(crate) async fn exists(connection: &mut PgConnection, id: InvitationId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists(select from invitations where id = $1) as "found!""#, id.0)
        .fetch_one(connection)
        .await
}

/// Invitations by letter come one after another until the transaction ends.
pub(crate) async fn lock_letters(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('invitations by letter'))").execute(connection).await.map(drop)
}

/// What was sent within a day, whatever became of it.
pub(crate) struct Sent {
    pub to_address: i64,
    pub in_all: i64,
}

pub(crate) async fn sent_within_a_day(connection: &mut PgConnection, email: &str) -> sqlx::Result<Sent> {
    sqlx::query_as!(
        Sent,
        r#"select (select count(*) from invitations
                   where lower(email) = lower($1) and created_at > now() - interval '1 day') as "to_address!",
                  (select count(*) from invitations
                   where email is not null and created_at > now() - interval '1 day') as "in_all!""#,
        email
    )
    .fetch_one(connection)
    .await
}

/// False if there is an invitation of this id.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    id: InvitationId,
    maker: UserId,
    offer: &Offer,
) -> sqlx::Result<bool> {
    let channels: Vec<Uuid> = offer.channels.iter().map(|channel| channel.0).collect();
    let teams: Vec<Uuid> = offer.teams.iter().map(|team| team.0).collect();
    let done = sqlx::query!(
        "insert into invitations (id, email, role, channels, teams, created_by, expires_at, max_uses)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
        id.0,
        offer.email.as_ref().map(domain::Email::as_str),
        offer.role.as_str(),
        &channels,
        &teams,
        maker.0,
        offer.expires_at,
        offer.max_uses
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn insert_token(connection: &mut PgConnection, id: InvitationId, digest: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("insert into invitation_tokens (token_hash, invitation_id) values ($1, $2)", digest, id.0)
        .execute(connection)
        .await
        .map(drop)
}

/// Takes an invitation back; it stays taken back since the first time. False if there is none.
pub(crate) async fn revoke(pool: &PgPool, id: InvitationId) -> sqlx::Result<bool> {
    let done = sqlx::query!("update invitations set revoked_at = coalesce(revoked_at, now()) where id = $1", id.0)
        .execute(pool)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// A channel that somebody sees.
pub(crate) struct Place {
    pub id: ChannelId,
    pub kind: ChannelKind,
    pub archived: bool,
}

/// Those of these channels that `user` sees.
pub(crate) async fn visible_channels(pool: &PgPool, user: UserId, channels: &[ChannelId]) -> sqlx::Result<Vec<Place>> {
    let ids: Vec<Uuid> = channels.iter().map(|channel| channel.0).collect();
    sqlx::query!(
        r#"select c.id, c.kind, c.archived_at is not null as "archived!" from channels c
           left join channel_members m on m.channel_id = c.id and m.user_id = $1 and m.active
           where c.id = any($2) and (c.visibility = 'public' or m.user_id is not null)"#,
        user.0,
        &ids
    )
    .try_map(|row| Ok(Place { id: ChannelId(row.id), kind: word(&row.kind)?, archived: row.archived }))
    .fetch_all(pool)
    .await
}

/// Those of these teams that have not ended.
pub(crate) async fn open_teams(pool: &PgPool, teams: &[TeamId]) -> sqlx::Result<Vec<TeamId>> {
    let ids: Vec<Uuid> = teams.iter().map(|team| team.0).collect();
    let open = sqlx::query_scalar!("select id from teams where id = any($1) and archived_at is null", &ids);
    Ok(open.fetch_all(pool).await?.into_iter().map(TeamId).collect())
}
