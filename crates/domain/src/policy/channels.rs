//! Rules about one channel.

use super::{Action, Channel, Person, Refusal};
use crate::{ChannelKind, ChannelRole, Posting, Role, Visibility};

pub(super) fn decide(person: &Person, channel: &Channel, action: Action) -> Result<(), Refusal> {
    let Some(role) = channel.membership else {
        return outside(person, channel, action);
    };
    let administers = role == ChannelRole::Admin || person.role.administers();
    unchanging(channel, action)?;
    match action {
        Action::SeeChannel | Action::ReadMessages => Ok(()),
        Action::PostMessage if channel.posting == Posting::Admins && !administers => Err(Refusal::PostingRestricted),
        Action::EditMessage { author } if author != person.id => Err(Refusal::NotTheAuthor),
        Action::DeleteMessage { author } if author != person.id && !administers => Err(Refusal::NotAnAdmin),
        Action::AddMember { member } if member != person.id && person.role == Role::Guest => Err(Refusal::NotForGuests),
        Action::RemoveMember { member } if member != person.id && !administers => Err(Refusal::NotAnAdmin),
        Action::ChangeChannel | Action::ArchiveChannel | Action::ChangeMemberRole if !administers => {
            Err(Refusal::NotAnAdmin)
        }
        _ => Ok(()),
    }
}

/// What an archived channel, and a conversation, let nobody change.
fn unchanging(channel: &Channel, action: Action) -> Result<(), Refusal> {
    let is_conversation = channel.kind != ChannelKind::Channel;
    match action {
        Action::SeeChannel | Action::ReadMessages => Ok(()),
        Action::ChangeChannel
        | Action::ArchiveChannel
        | Action::AddMember { .. }
        | Action::ChangeMemberRole
        | Action::RemoveMember { .. }
            if is_conversation =>
        {
            Err(Refusal::ConversationFixed)
        }
        // An archived channel can be brought back, and left.
        Action::ArchiveChannel | Action::RemoveMember { .. } => Ok(()),
        _ if channel.archived => Err(Refusal::ChannelArchived),
        _ => Ok(()),
    }
}

/// Somebody who is not in the channel: a private one does not exist for them, nor any for a guest; a public one can be
/// seen and joined, and the workspace's admins look after it.
fn outside(person: &Person, channel: &Channel, action: Action) -> Result<(), Refusal> {
    if channel.visibility == Visibility::Private || person.role == Role::Guest {
        return Err(Refusal::ChannelNotFound);
    }
    let looks_after = matches!(
        action,
        Action::ChangeChannel
            | Action::ArchiveChannel
            | Action::AddMember { .. }
            | Action::RemoveMember { .. }
            | Action::ChangeMemberRole
    );
    match action {
        Action::SeeChannel => Ok(()),
        Action::AddMember { member } if member == person.id => unchanging(channel, action),
        _ if looks_after && person.role.administers() => unchanging(channel, action),
        _ => Err(Refusal::NotAMember),
    }
}
