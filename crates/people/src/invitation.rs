//! Using an invitation: once it is locked, nobody else uses it until the transaction ends.

mod store;

use chrono::{DateTime, Utc};
use domain::{
    ChannelId, InvitationId, Role, TeamId, UserId,
    policy::{self, Action, Target},
};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::{PeopleError, membership::bring_in, team::bring_into_team};

/// An invitation, by the database's clock.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Which.
    pub id: InvitationId,
    /// Whom it was sent to; whoever has its link without one.
    pub email: Option<String>,
    /// What they are to be.
    pub role: Role,
    pub(crate) maker: Inviter,
    pub(crate) channels: Vec<ChannelId>,
    pub(crate) teams: Vec<TeamId>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) revoked: bool,
    pub(crate) used_up: bool,
}

/// Who has made an invitation, as they are now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inviter {
    pub(crate) id: UserId,
    pub(crate) role: Role,
    pub(crate) active: bool,
}

impl Inviter {
    /// Whether they could invite somebody as `role` today.
    fn may_invite(self, role: Role) -> bool {
        let person = policy::Person { id: self.id, role: self.role, active: self.active, live: true, scopes: None };
        policy::decide(&person, &Target::Workspace, Action::Invite { role }).is_ok()
    }
}

/// How an invitation is found.
#[derive(Clone, Copy, Debug)]
pub enum Lock<'a> {
    /// By the secret in its link.
    Token(&'a str),
    /// By the proved address that it was sent to; the newest that is good.
    Address(&'a str),
}

/// What is stored of an invitation's secret.
pub(crate) fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// Finds an invitation that is good and locks it. It is good as long as its maker could make it. Who used it before may
/// use it again: a retry.
///
/// # Errors
/// Why it is no good; the database's.
pub async fn lock(
    connection: &mut PgConnection,
    by: Lock<'_>,
    user: Option<UserId>,
) -> Result<Invitation, PeopleError> {
    let found = match by {
        Lock::Token(token) => store::invitation_of_token(connection, &digest(token)).await?,
        Lock::Address(email) => store::invitation_of_address(connection, email).await?,
    };
    let invitation = found.ok_or(PeopleError::InvitationNotFound)?;
    if invitation.revoked || !invitation.maker.may_invite(invitation.role) {
        return Err(PeopleError::InvitationRevoked);
    }
    if let Some(user) = user
        && store::has_used(connection, invitation.id, user).await?
    {
        return Ok(invitation);
    }
    if invitation.used_up {
        return Err(PeopleError::InvitationUsed);
    }
    if invitation.now >= invitation.expires_at {
        return Err(PeopleError::InvitationExpired);
    }
    Ok(invitation)
}

/// Takes back what somebody has invited to and could not any more, in the transaction that changes what they are; `now` is
/// their role from then on, none if they are gone. Whoever is about to use such an invitation comes before or finds it
/// taken back.
///
/// # Errors
/// The database's.
pub async fn take_back_invitations(
    connection: &mut PgConnection,
    maker: UserId,
    now: Option<Role>,
) -> Result<(), PeopleError> {
    let may = |role: &Role| now.is_some_and(|now| Inviter { id: maker, role: now, active: true }.may_invite(*role));
    let kept: Vec<Role> = [Role::Owner, Role::Admin, Role::Member, Role::Guest].into_iter().filter(may).collect();
    Ok(store::take_back_invitations(connection, maker, &kept).await?)
}

/// The newest invitation that is good for a proved address, if there is one.
///
/// # Errors
/// The database's.
pub async fn for_address(connection: &mut PgConnection, email: &str) -> Result<Option<Invitation>, PeopleError> {
    match lock(connection, Lock::Address(email), None).await {
        Ok(invitation) => Ok(Some(invitation)),
        Err(PeopleError::Database(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// Counts the use of a locked invitation and lets its user into its channels and teams, where whoever is in stays what they
/// are. A second time does nothing more. A channel or team that is no more is passed over.
///
/// # Errors
/// The database's.
pub async fn accept(connection: &mut PgConnection, invitation: &Invitation, user: UserId) -> Result<(), PeopleError> {
    if !store::use_invitation(connection, invitation.id, user).await? {
        return Ok(());
    }
    for channel in store::open_channels(connection, &invitation.channels).await? {
        bring_in(connection, channel, user).await?;
    }
    for team in store::open_teams(connection, &invitation.teams).await? {
        bring_into_team(connection, team, user).await?;
    }
    Ok(())
}
