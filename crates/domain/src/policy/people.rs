//! Rules about the workspace and its people.

use super::{Action, Person, Refusal};
use crate::Role;

pub(super) fn decide(person: &Person, action: Action) -> Result<(), Refusal> {
    match action {
        Action::UseWorkspace
        | Action::OpenSocket
        | Action::ManageOwnAccount
        | Action::ChangeOwnProfile
        | Action::SeePeople
        | Action::SeeChannels
        | Action::OpenConversation => Ok(()),
        Action::CreateChannel | Action::CreateTeam if person.role == Role::Guest => Err(Refusal::NotForGuests),
        Action::CreateChannel | Action::CreateTeam => Ok(()),
        Action::ManageInvitations | Action::ManageBots | Action::MakeBotToken => administers(person),
        Action::Invite { role } => over(person, role),
        Action::ChangeRole { from, to } => over(person, if to.includes(from) { to } else { from }),
        Action::ManagePerson { person: who, .. } if who == person.id => Ok(()),
        Action::ManagePerson { role, .. } => over(person, role),
        Action::ErasePerson { person: who } if who == person.id || person.role == Role::Owner => Ok(()),
        Action::ErasePerson { .. } => Err(Refusal::NotAnOwner),
        // What is about a channel or a team was asked without one.
        Action::SeeTeam | Action::ChangeTeam | Action::AddTeamMember | Action::RemoveTeamMember { .. } => {
            Err(Refusal::TeamNotFound)
        }
        _ => Err(Refusal::ChannelNotFound),
    }
}

/// Admins manage members and guests, owners everybody.
fn over(person: &Person, role: Role) -> Result<(), Refusal> {
    administers(person)?;
    if role.administers() && person.role != Role::Owner {
        return Err(Refusal::NotAnOwner);
    }
    Ok(())
}

fn administers(person: &Person) -> Result<(), Refusal> {
    if person.role.administers() { Ok(()) } else { Err(Refusal::NotAnAdmin) }
}
