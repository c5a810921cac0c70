//! Who may do what: one pure function over facts that somebody else has loaded.

mod action;
mod channels;
mod people;
mod teams;
#[cfg(test)]
mod tests;

use crate::{ChannelKind, ChannelRole, Posting, Role, Scopes, TeamRole, UserId, Visibility};

pub use action::Action;

/// What is known of the person who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// What they are in the workspace.
    pub role: Role,
    /// False once deactivated.
    pub active: bool,
    /// False once their session is signed out, or their token has ended.
    pub live: bool,
    /// What the token that they use is for; all that they may without one.
    pub scopes: Option<Scopes>,
}

/// What is known of the channel asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// A channel, or a conversation of people who are always the same.
    pub kind: ChannelKind,
    /// Who may see it.
    pub visibility: Visibility,
    /// Who may post in it.
    pub posting: Posting,
    /// Nothing changes in it any more.
    pub archived: bool,
    /// What the person is in it, if anything.
    pub membership: Option<ChannelRole>,
}

/// What is known of the team asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Team {
    /// It is no more.
    pub archived: bool,
    /// What the person is in it, if anything.
    pub membership: Option<TeamRole>,
}

/// What an action is about, as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The workspace as a whole, or people.
    Workspace,
    /// A channel, if there is one.
    Channel(Option<Channel>),
    /// A team, if there is one.
    Team(Option<Team>),
}

/// Why not. The order of the rules is the order of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The session was signed out, or the token revoked.
    #[error("this session was signed out")]
    SessionRevoked,
    /// The account is deactivated.
    #[error("this account is deactivated")]
    Deactivated,
    /// The token is not for this.
    #[error("this token's scopes don't cover this")]
    ScopeMissing,
    /// Only somebody who has signed in may, no program.
    #[error("only somebody who has signed in may do this, no API token")]
    SessionNeeded,
    /// No such channel, or one that the person may not know of.
    #[error("there is no such channel")]
    ChannelNotFound,
    /// No such team, or one that the person may not know of.
    #[error("there is no such team")]
    TeamNotFound,
    /// Only members of the channel may.
    #[error("only members of the channel may do this")]
    NotAMember,
    /// Guests may not.
    #[error("guests may not do this")]
    NotForGuests,
    /// The channel is archived.
    #[error("this channel is archived: it can be read, and nothing changes in it")]
    ChannelArchived,
    /// A conversation's members are always the same, and it has no properties.
    #[error("a conversation's members are always the same, and it has no properties")]
    ConversationFixed,
    /// Only the channel's admins post here.
    #[error("only admins may post in this channel")]
    PostingRestricted,
    /// Only the author may.
    #[error("only the author may do this")]
    NotTheAuthor,
    /// Only admins may.
    #[error("only admins may do this")]
    NotAnAdmin,
    /// Only owners may.
    #[error("only owners may do this")]
    NotAnOwner,
    /// Only the team's leads may.
    #[error("only leads of the team and admins may do this")]
    NotALead,
}

/// Decides.
///
/// # Errors
/// The first rule that refuses.
pub fn decide(person: &Person, target: &Target, action: Action) -> Result<(), Refusal> {
    if !person.live {
        return Err(Refusal::SessionRevoked);
    }
    if !person.active {
        return Err(Refusal::Deactivated);
    }
    if let Some(scopes) = person.scopes {
        let needed = action.needs().ok_or(Refusal::SessionNeeded)?;
        if needed.is_some_and(|scope| !scopes.contains(scope)) {
            return Err(Refusal::ScopeMissing);
        }
    }
    match target {
        Target::Workspace => people::decide(person, action),
        Target::Channel(channel) => channels::decide(person, channel.as_ref().ok_or(Refusal::ChannelNotFound)?, action),
        Target::Team(team) => teams::decide(person, team.as_ref().ok_or(Refusal::TeamNotFound)?, action),
    }
}
