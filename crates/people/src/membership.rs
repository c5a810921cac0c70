//! Letting people into channels and out, with the markers from which delivery begins and ends.

use domain::{
    ChannelId, ChannelRole, Event, UserId,
    events::{MemberAdded, MemberRemoved},
    ids::TopicKind,
};
use event_log::outbox::enqueue;
use sqlx::PgConnection;

use crate::{
    PeopleError,
    store::{self, Inside},
};

/// Lets a person in, or gives a member another role. False if they are in with this role already.
///
/// # Errors
/// The database's.
pub async fn let_in(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    user_id: UserId,
    role: ChannelRole,
) -> Result<bool, PeopleError> {
    admit(connection, channel_id, user_id, role, Inside::Changes).await
}

/// Lets a person in as a member, unless they are in: then they stay what they are. False if they are.
///
/// # Errors
/// The database's.
pub async fn bring_in(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    user_id: UserId,
) -> Result<bool, PeopleError> {
    admit(connection, channel_id, user_id, ChannelRole::Member, Inside::Stays).await
}

async fn admit(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    user_id: UserId,
    role: ChannelRole,
    inside: Inside,
) -> Result<bool, PeopleError> {
    let Some(version) = store::let_in(connection, channel_id, user_id, role, inside).await? else { return Ok(false) };
    let event = Event::MemberAdded(MemberAdded { channel_id, user_id, role, version });
    tell(connection, channel_id, &event).await?;
    Ok(true)
}

/// Takes a person out. False if they are not in.
///
/// # Errors
/// The database's.
pub async fn take_out(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    user_id: UserId,
) -> Result<bool, PeopleError> {
    let Some(version) = store::take_out(connection, channel_id, user_id).await? else { return Ok(false) };
    let event = Event::MemberRemoved(MemberRemoved { channel_id, user_id, version });
    tell(connection, channel_id, &event).await?;
    Ok(true)
}

/// Twice: among the channel's messages it reaches its members, and is the place where delivery starts or stops; in the
/// directory it is news.
async fn tell(connection: &mut PgConnection, channel: ChannelId, event: &Event) -> Result<(), PeopleError> {
    enqueue(connection, TopicKind::Messages, channel.0, event).await?;
    enqueue(connection, TopicKind::Directory, channel.0, event).await?;
    Ok(())
}
