//! Letting people into teams and out.

use domain::{Event, TeamId, TeamRole, UserId, events::TeamMemberChanged, ids::TopicKind};
use event_log::outbox::enqueue;
use sqlx::PgConnection;

use crate::{
    PeopleError,
    store::{self, Inside},
};

/// Lets a person into a team, or gives a member another role. False if they are in with this role already.
///
/// # Errors
/// The database's.
pub async fn let_into_team(
    connection: &mut PgConnection,
    team: TeamId,
    user: UserId,
    role: TeamRole,
) -> Result<bool, PeopleError> {
    admit(connection, team, user, role, Inside::Changes).await
}

/// Lets a person into a team as a member, unless they are in: then they stay what they are. False if they are.
///
/// # Errors
/// The database's.
pub async fn bring_into_team(connection: &mut PgConnection, team: TeamId, user: UserId) -> Result<bool, PeopleError> {
    admit(connection, team, user, TeamRole::Member, Inside::Stays).await
}

async fn admit(
    connection: &mut PgConnection,
    team: TeamId,
    user: UserId,
    role: TeamRole,
    inside: Inside,
) -> Result<bool, PeopleError> {
    let Some(version) = store::let_into_team(connection, team, user, role, inside).await? else { return Ok(false) };
    tell(connection, TeamMemberChanged { team_id: team, user_id: user, role, active: true, version }).await?;
    Ok(true)
}

/// Takes a person out of a team. False if they are not in.
///
/// # Errors
/// The database's.
pub async fn take_out_of_team(connection: &mut PgConnection, team: TeamId, user: UserId) -> Result<bool, PeopleError> {
    let Some(version) = store::take_out_of_team(connection, team, user).await? else { return Ok(false) };
    let role = TeamRole::Member;
    tell(connection, TeamMemberChanged { team_id: team, user_id: user, role, active: false, version }).await?;
    Ok(true)
}

async fn tell(connection: &mut PgConnection, changed: TeamMemberChanged) -> Result<(), PeopleError> {
    let key = changed.team_id.0;
    enqueue(connection, TopicKind::Directory, key, &Event::TeamMemberChanged(changed)).await?;
    Ok(())
}
