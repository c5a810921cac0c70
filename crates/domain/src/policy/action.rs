//! What somebody may want to do, and what a token must be for.

use crate::{Role, Scope, UserId};

/// What somebody wants to do in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See oneself, sign out.
    UseWorkspace,
    /// Receive what happens, by socket.
    OpenSocket,
    /// Change one's own password, second factor, sessions, tokens.
    ManageOwnAccount,
    /// Change one's own name, picture, status.
    ChangeOwnProfile,
    /// See people and teams.
    SeePeople,
    /// See one's channels, and which there are.
    SeeChannels,
    /// Make a channel.
    CreateChannel,
    /// Open a conversation with others.
    OpenConversation,
    /// Make a team.
    CreateTeam,
    /// See and end invitations.
    ManageInvitations,
    /// Invite somebody as `role`.
    Invite {
        /// What they are to be.
        role: Role,
    },
    /// Give somebody who is `from` the role `to`.
    ChangeRole {
        /// What they are.
        from: Role,
        /// What they are to be.
        to: Role,
    },
    /// Deactivate, activate or sign out `person`, who is `role`.
    ManagePerson {
        /// Who.
        person: UserId,
        /// What they are.
        role: Role,
    },
    /// Take everything of `person`'s out of the workspace, for ever.
    ErasePerson {
        /// Who.
        person: UserId,
    },
    /// Make bots, see their tokens and end them.
    ManageBots,
    /// Make a token for a bot. It outlives what it was made by, so no token makes it.
    MakeBotToken,
    /// See a team and who is in it.
    SeeTeam,
    /// Change a team, or end it.
    ChangeTeam,
    /// Let somebody into a team, or change what they are there.
    AddTeamMember,
    /// Take `member` out of a team.
    RemoveTeamMember {
        /// Who is to go.
        member: UserId,
    },
    /// Change a channel's properties.
    ChangeChannel,
    /// Archive a channel, or bring it back.
    ArchiveChannel,
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
    /// Make a member an admin of the channel, or an admin a member.
    ChangeMemberRole,
    /// Take `member` out.
    RemoveMember {
        /// Who is to go.
        member: UserId,
    },
}

impl Action {
    /// The scope that a token needs for it; `None` if no token will do, `Some(None)` if any will.
    #[must_use]
    pub const fn needs(self) -> Option<Option<Scope>> {
        let scope = match self {
            Self::ManageOwnAccount | Self::ErasePerson { .. } | Self::MakeBotToken => return None,
            Self::UseWorkspace => return Some(None),
            Self::SeePeople | Self::SeeTeam => Scope::PeopleRead,
            Self::ChangeOwnProfile
            | Self::CreateTeam
            | Self::ChangeTeam
            | Self::AddTeamMember
            | Self::RemoveTeamMember { .. } => Scope::PeopleWrite,
            Self::SeeChannels | Self::SeeChannel => Scope::ChannelsRead,
            Self::CreateChannel
            | Self::OpenConversation
            | Self::ChangeChannel
            | Self::ArchiveChannel
            | Self::AddMember { .. }
            | Self::ChangeMemberRole
            | Self::RemoveMember { .. } => Scope::ChannelsWrite,
            Self::ReadMessages | Self::OpenSocket => Scope::MessagesRead,
            Self::PostMessage | Self::EditMessage { .. } | Self::DeleteMessage { .. } => Scope::MessagesWrite,
            Self::ManageInvitations
            | Self::Invite { .. }
            | Self::ChangeRole { .. }
            | Self::ManagePerson { .. }
            | Self::ManageBots => Scope::Admin,
        };
        Some(Some(scope))
    }
}
