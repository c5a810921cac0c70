//! Teams of people: making, changing and ending them, and who is in them, each in one transaction with its events.

pub(crate) mod answer;
pub(crate) mod delete_team;
pub(crate) mod delete_team_member;
pub(crate) mod get_team;
pub(crate) mod list_team_members;
pub(crate) mod list_teams;
pub(crate) mod put_team;
pub(crate) mod put_team_member;
pub(crate) mod store;

use domain::{Event, Name, TeamId, TeamRole, UserId, ids::TopicKind, policy::Refusal};
use event_log::outbox::enqueue;
use function_host::etag::Conditions;
use sqlx::{PgConnection, PgPool};

use crate::{error::DirectoryError, people};

/// A team's properties: all that a change may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Properties {
    pub name: Name,
    pub description: String,
}

/// Tells the log what a team's row says now, beside the change that raised its version.
async fn announce(connection: &mut PgConnection, team: TeamId) -> Result<(), DirectoryError> {
    let event = Event::TeamChanged(store::changed(connection, team).await?);
    Ok(enqueue(connection, TopicKind::Directory, team.0, &event).await?)
}

/// Teams of a workspace that have not ended.
pub(crate) const MAX_TEAMS: i64 = 5_000;

/// Makes a team with its maker as lead. False if there is, or was, one of this id.
pub(crate) async fn create(
    pool: &PgPool,
    id: TeamId,
    properties: &Properties,
    maker: UserId,
) -> Result<bool, DirectoryError> {
    match try_create(pool, id, properties, maker).await {
        // Two equal requests at once may meet in the name before they meet in the id.
        Err(DirectoryError::TeamNameTaken) if store::team(pool, id, maker).await?.is_some() => Ok(false),
        made => made,
    }
}

async fn try_create(pool: &PgPool, id: TeamId, properties: &Properties, maker: UserId) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    if store::lock_and_count_others(&mut transaction, id).await? >= MAX_TEAMS {
        return Err(DirectoryError::TooManyTeams);
    }
    if !store::insert_team(&mut transaction, id, properties, maker).await? {
        return Ok(false);
    }
    announce(&mut transaction, id).await?;
    ::people::let_into_team(&mut transaction, id, maker, TeamRole::Lead).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Gives a team new properties. False if it has them already; then nobody is asked which version they had read, so that a
/// retry is answered alike.
pub(crate) async fn change(
    pool: &PgPool,
    id: TeamId,
    properties: &Properties,
    conditions: &Conditions,
) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    let locked = store::lock_team(&mut transaction, id).await?.filter(|locked| !locked.archived);
    let locked = locked.ok_or(Refusal::TeamNotFound)?;
    if locked.has(properties) {
        return Ok(false);
    }
    conditions.check(locked.version)?;
    store::update_team(&mut transaction, id, properties).await?;
    announce(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Ends a team: it is kept for those who read of it, and its name is free. False if it has ended.
pub(crate) async fn end(pool: &PgPool, id: TeamId, conditions: &Conditions) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    let locked = store::lock_team(&mut transaction, id).await?.ok_or(Refusal::TeamNotFound)?;
    if locked.archived {
        return Ok(false);
    }
    conditions.check(locked.version)?;
    store::archive_team(&mut transaction, id).await?;
    announce(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(true)
}

/// What became of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// They have come in.
    Added,
    /// They have another role.
    Changed,
    /// They were in, with this role.
    Present,
}

/// Lets a person into a team, or gives a member another role; without a role, somebody new is a member, and whoever is in
/// stays what they are.
pub(crate) async fn put_person(
    pool: &PgPool,
    team: TeamId,
    person: UserId,
    role: Option<TeamRole>,
) -> Result<Put, DirectoryError> {
    let mut transaction = pool.begin().await?;
    // It may have ended since whoever asks was found to be allowed.
    if !store::hold_team(&mut transaction, team).await? {
        return Err(Refusal::TeamNotFound.into());
    }
    if !people::store::hold_active_person(&mut transaction, person).await? {
        return Err(DirectoryError::PersonNotFound);
    }
    let present = store::lock_member(&mut transaction, team, person).await?;
    let role = role.or(present).unwrap_or(TeamRole::Member);
    if !::people::let_into_team(&mut transaction, team, person, role).await? {
        return Ok(Put::Present);
    }
    transaction.commit().await?;
    Ok(if present.is_some() { Put::Changed } else { Put::Added })
}

/// Takes a person out. False if they are not in. Also the last lead may go: the workspace's admins look after what is left.
pub(crate) async fn take_out(pool: &PgPool, team: TeamId, person: UserId) -> Result<bool, DirectoryError> {
    let mut transaction = pool.begin().await?;
    if !::people::take_out_of_team(&mut transaction, team, person).await? {
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}
