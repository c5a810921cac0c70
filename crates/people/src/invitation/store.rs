//! SQL of invitations that are used.

use domain::{ChannelId, InvitationId, Role, TeamId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Invitation, Inviter};
use crate::store::word;

pub(crate) async fn invitation_of_token(
    connection: &mut PgConnection,
    digest: &[u8],
) -> sqlx::Result<Option<Invitation>> {
    let id = sqlx::query_scalar!("select invitation_id from invitation_tokens where token_hash = $1", digest)
        .fetch_optional(&mut *connection)
        .await?;
    match id {
        Some(id) => invitation(connection, InvitationId(id)).await,
        None => Ok(None),
    }
}

/// The newest that is good of those sent to an address.
pub(crate) async fn invitation_of_address(
    connection: &mut PgConnection,
    email: &str,
) -> sqlx::Result<Option<Invitation>> {
    let id = sqlx::query_scalar!(
        "select id from invitations
         where lower(email) = lower($1) and revoked_at is null and uses < max_uses and expires_at > now()
         order by created_at desc limit 1",
        email
    )
    .fetch_optional(&mut *connection)
    .await?;
    match id {
        Some(id) => invitation(connection, InvitationId(id)).await,
        None => Ok(None),
    }
}

async fn invitation(connection: &mut PgConnection, id: InvitationId) -> sqlx::Result<Option<Invitation>> {
    sqlx::query!(
        r#"select i.id, i.email, i.role, i.channels, i.teams, i.expires_at, now() as "now!",
                  i.revoked_at is not null as "revoked!", i.uses >= i.max_uses as "used_up!",
                  i.created_by, u.role as maker_role, u.active as maker_active
           from invitations i join users u on u.id = i.created_by where i.id = $1 for update of i"#,
        id.0
    )
    .try_map(|row| {
        let maker = Inviter { id: UserId(row.created_by), role: word(&row.maker_role)?, active: row.maker_active };
        Ok(Invitation {
            id: InvitationId(row.id),
            maker,
            email: row.email,
            role: word(&row.role)?,
            channels: row.channels.into_iter().map(ChannelId).collect(),
            teams: row.teams.into_iter().map(TeamId).collect(),
            expires_at: row.expires_at,
            now: row.now,
            revoked: row.revoked,
            used_up: row.used_up,
        })
    })
    .fetch_optional(connection)
    .await
}

/// Takes somebody's invitations back, but for those to these roles; what was used up stays so.
pub(crate) async fn take_back_invitations(
    connection: &mut PgConnection,
    maker: UserId,
    but: &[Role],
) -> sqlx::Result<()> {
    let but: Vec<String> = but.iter().map(|role| role.as_str().to_owned()).collect();
    sqlx::query!(
        "update invitations set revoked_at = now()
         where created_by = $1 and revoked_at is null and uses < max_uses and role <> all($2)",
        maker.0,
        &but
    )
    .execute(connection)
    .await
    .map(drop)
}

pub(crate) async fn has_used(
    connection: &mut PgConnection,
    invitation: InvitationId,
    user: UserId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(select from invitation_uses where invitation_id = $1 and user_id = $2) as "found!""#,
        invitation.0,
        user.0
    )
    .fetch_one(connection)
    .await
}

/// False if this person has used it before.
pub(crate) async fn use_invitation(
    connection: &mut PgConnection,
    invitation: InvitationId,
    user: UserId,
) -> sqlx::Result<bool> {
    let first = sqlx::query!(
        "insert into invitation_uses (invitation_id, user_id) values ($1, $2) on conflict do nothing",
        invitation.0,
        user.0
    )
    .execute(&mut *connection)
    .await?;
    if first.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!("update invitations set uses = uses + 1 where id = $1", invitation.0).execute(connection).await?;
    Ok(true)
}

/// Those of these channels that people may still come into.
pub(crate) async fn open_channels(
    connection: &mut PgConnection,
    channels: &[ChannelId],
) -> sqlx::Result<Vec<ChannelId>> {
    let ids: Vec<Uuid> = channels.iter().map(|channel| channel.0).collect();
    let open = sqlx::query_scalar!(
        "select id from channels where id = any($1) and kind = 'channel' and archived_at is null order by id",
        &ids
    );
    Ok(open.fetch_all(connection).await?.into_iter().map(ChannelId).collect())
}

/// Those of these teams that are still there.
pub(crate) async fn open_teams(connection: &mut PgConnection, teams: &[TeamId]) -> sqlx::Result<Vec<TeamId>> {
    let ids: Vec<Uuid> = teams.iter().map(|team| team.0).collect();
    let open = sqlx::query_scalar!("select id from teams where id = any($1) and archived_at is null order by id", &ids);
    Ok(open.fetch_all(connection).await?.into_iter().map(TeamId).collect())
}
