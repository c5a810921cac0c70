//! Telling the log: events go into the outbox beside the change that they tell of, once its row is locked.

use domain::{
    ChannelId, ChannelRole, Event, UserId,
    events::{ChannelChanged, MemberAdded, MemberRemoved, UserChanged},
    ids::TopicKind,
};
use event_log::outbox::{RelayError, enqueue};
use sqlx::PgConnection;

use crate::properties::Properties;

/// Somebody has new properties.
pub(crate) async fn person_changed(connection: &mut PgConnection, person: UserChanged) -> Result<(), RelayError> {
    enqueue(connection, TopicKind::Directory, person.user_id.0, &Event::UserChanged(person)).await
}

/// A channel is new: nobody is in it yet who could be told.
pub(crate) async fn channel_made(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    properties: &Properties,
    version: i64,
) -> Result<(), RelayError> {
    let event = described(channel_id, properties, version);
    enqueue(connection, TopicKind::Directory, channel_id.0, &event).await
}

/// A channel has new properties.
pub(crate) async fn channel_changed(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    properties: &Properties,
    version: i64,
) -> Result<(), RelayError> {
    tell_members_too(connection, channel_id, &described(channel_id, properties, version)).await
}

fn described(channel_id: ChannelId, properties: &Properties, version: i64) -> Event {
    Event::ChannelChanged(ChannelChanged {
        channel_id,
        name: properties.name.as_str().to_owned(),
        topic: properties.topic.as_str().to_owned(),
        visibility: properties.visibility,
        version,
    })
}

/// Somebody is in a channel now.
pub(crate) async fn member_added(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    user_id: UserId,
    role: ChannelRole,
    version: i64,
) -> Result<(), RelayError> {
    let event = Event::MemberAdded(MemberAdded { channel_id, user_id, role, version });
    tell_members_too(connection, channel_id, &event).await
}

/// Somebody is in a channel no more.
pub(crate) async fn member_removed(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    user_id: UserId,
    version: i64,
) -> Result<(), RelayError> {
    let event = Event::MemberRemoved(MemberRemoved { channel_id, user_id, version });
    tell_members_too(connection, channel_id, &event).await
}

/// Twice: among the channel's messages it reaches its members, and a marker is the place where delivery starts or stops;
/// in the directory it is news.
async fn tell_members_too(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    event: &Event,
) -> Result<(), RelayError> {
    enqueue(connection, TopicKind::Messages, channel_id.0, event).await?;
    enqueue(connection, TopicKind::Directory, channel_id.0, event).await
}
