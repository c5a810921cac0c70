//! Who may do what: one pure function over facts that somebody else has loaded.

use crate::{ChannelRole, Role, UserId, Visibility};

/// What is known of the person who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// What they are in the workspace.
    pub role: Role,
    /// False once deactivated.
    pub active: bool,
    /// False once their session is signed out.
    pub session_live: bool,
}

/// What is known of the channel asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Who may see it.
    pub visibility: Visibility,
    /// What the person is in it, if anything.
    pub membership: Option<ChannelRole>,
}

/// What somebody wants to do in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See oneself, people and one's channels, open a socket, sign out.
    UseWorkspace,
    /// Make a channel.
    CreateChannel,
    /// Change a channel's name, topic or visibility.
    ChangeChannel,
    /// See a channel's properties and members.
    SeeChannel,
    /// Read its messages.
    ReadMessages,
    /// Post in it.
    PostMessage,
    /// Replace the text of a message by `author`.
    EditMessage {
        /// Who wrote it.
        author: UserId,
    },
    /// Delete a message by `author`.
    DeleteMessage {
        /// Who wrote it.
        author: UserId,
    },
    /// Let `member` in.
    AddMember {
        /// Who is to come in.
        member: UserId,
    },
    /// Take `member` out.
    RemoveMember {
        /// Who is to go.
        member: UserId,
    },
}

/// Why not. The order of the rules below is the order of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The session was signed out.
    #[error("this session was signed out")]
    SessionRevoked,
    /// The account is deactivated.
    #[error("this account is deactivated")]
    Deactivated,
    /// No such channel, or one that the person may not know of.
    #[error("there is no such channel")]
    ChannelNotFound,
    /// Only members of the channel may.
    #[error("only members of the channel may do this")]
    NotAMember,
    /// Only the author may.
    #[error("only the author may do this")]
    NotTheAuthor,
    /// Only admins may.
    #[error("only admins may do this")]
    NotAnAdmin,
}

/// Decides. `channel` is what was found of the channel that the action names; actions on the workspace need none.
///
/// # Errors
/// The first rule that refuses.
pub fn decide(person: &Person, channel: Option<&Channel>, action: Action) -> Result<(), Refusal> {
    if !person.session_live {
        return Err(Refusal::SessionRevoked);
    }
    if !person.active {
        return Err(Refusal::Deactivated);
    }
    if matches!(action, Action::UseWorkspace | Action::CreateChannel) {
        return Ok(());
    }
    let channel = channel.ok_or(Refusal::ChannelNotFound)?;
    let Some(role) = channel.membership else {
        return outside(person, channel, action);
    };
    let may_administer = role == ChannelRole::Admin || person.role.administers();
    match action {
        Action::EditMessage { author } if author != person.id => Err(Refusal::NotTheAuthor),
        Action::DeleteMessage { author } if author != person.id && !may_administer => Err(Refusal::NotAnAdmin),
        Action::RemoveMember { member } if member != person.id && !may_administer => Err(Refusal::NotAnAdmin),
        Action::ChangeChannel if !may_administer => Err(Refusal::NotAnAdmin),
        _ => Ok(()),
    }
}

/// Somebody who is not in the channel: a private one does not exist for them, a public one can be seen and joined.
fn outside(person: &Person, channel: &Channel, action: Action) -> Result<(), Refusal> {
    match (channel.visibility, action) {
        (Visibility::Private, _) => Err(Refusal::ChannelNotFound),
        (Visibility::Public, Action::SeeChannel) => Ok(()),
        (Visibility::Public, Action::AddMember { member }) if member == person.id => Ok(()),
        (Visibility::Public, _) => Err(Refusal::NotAMember),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(role: Role) -> Person {
        Person { id: UserId::random(), role, active: true, session_live: true }
    }

    fn channel(visibility: Visibility, membership: Option<ChannelRole>) -> Channel {
        Channel { visibility, membership }
    }

    #[test]
    fn a_private_channel_does_not_exist_for_an_outsider_even_an_owner() {
        let owner = person(Role::Owner);
        let other = UserId::random();
        for action in [
            Action::SeeChannel,
            Action::ReadMessages,
            Action::PostMessage,
            Action::ChangeChannel,
            Action::AddMember { member: owner.id },
            Action::RemoveMember { member: other },
            Action::DeleteMessage { author: other },
            Action::EditMessage { author: owner.id },
        ] {
            assert_eq!(
                decide(&owner, Some(&channel(Visibility::Private, None)), action),
                Err(Refusal::ChannelNotFound)
            );
            assert_eq!(decide(&owner, None, action), Err(Refusal::ChannelNotFound));
        }
    }

    #[test]
    fn a_public_channel_can_be_seen_and_joined_but_not_read() {
        let me = person(Role::Member);
        let public = channel(Visibility::Public, None);
        assert_eq!(decide(&me, Some(&public), Action::SeeChannel), Ok(()));
        assert_eq!(decide(&me, Some(&public), Action::AddMember { member: me.id }), Ok(()));
        assert_eq!(
            decide(&me, Some(&public), Action::AddMember { member: UserId::random() }),
            Err(Refusal::NotAMember)
        );
        assert_eq!(decide(&me, Some(&public), Action::ReadMessages), Err(Refusal::NotAMember));
        assert_eq!(decide(&me, Some(&public), Action::PostMessage), Err(Refusal::NotAMember));
    }

    #[test]
    fn others_content_needs_an_admin_and_edits_the_author() {
        let me = person(Role::Member);
        let other = UserId::random();
        let inside = channel(Visibility::Public, Some(ChannelRole::Member));
        assert_eq!(decide(&me, Some(&inside), Action::DeleteMessage { author: other }), Err(Refusal::NotAnAdmin));
        assert_eq!(decide(&me, Some(&inside), Action::EditMessage { author: other }), Err(Refusal::NotTheAuthor));
        assert_eq!(decide(&me, Some(&inside), Action::RemoveMember { member: other }), Err(Refusal::NotAnAdmin));
        assert_eq!(decide(&me, Some(&inside), Action::RemoveMember { member: me.id }), Ok(()));
        let admin = person(Role::Admin);
        assert_eq!(decide(&admin, Some(&inside), Action::DeleteMessage { author: other }), Ok(()));
        assert_eq!(decide(&admin, Some(&inside), Action::EditMessage { author: other }), Err(Refusal::NotTheAuthor));
    }

    #[test]
    fn a_revoked_session_or_deactivated_person_may_nothing() {
        let inside = channel(Visibility::Public, Some(ChannelRole::Admin));
        let gone = Person { session_live: false, ..person(Role::Owner) };
        assert_eq!(decide(&gone, Some(&inside), Action::UseWorkspace), Err(Refusal::SessionRevoked));
        let off = Person { active: false, ..person(Role::Owner) };
        assert_eq!(decide(&off, Some(&inside), Action::PostMessage), Err(Refusal::Deactivated));
    }
}
