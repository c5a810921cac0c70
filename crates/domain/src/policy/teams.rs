//! Rules about one team.

use super::{Action, Person, Refusal, Team};
use crate::{Role, TeamRole};

pub(super) fn decide(person: &Person, team: &Team, action: Action) -> Result<(), Refusal> {
    if team.archived || (person.role == Role::Guest && team.membership.is_none()) {
        return Err(Refusal::TeamNotFound);
    }
    let leads = team.membership == Some(TeamRole::Lead) || person.role.administers();
    match action {
        Action::SeeTeam => Ok(()),
        Action::RemoveTeamMember { member } if member == person.id => Ok(()),
        _ if person.role == Role::Guest => Err(Refusal::NotForGuests),
        _ if leads => Ok(()),
        _ => Err(Refusal::NotALead),
    }
}
