//! Telling the log: events go into the outbox beside the change that they tell of, once its row is locked.

use domain::{
    ChannelId, ChannelRole, Event, UserId,
    events::{ChannelChanged, MemberAdded, MemberRemoved},
    ids::TopicKind,
};
use event_log::outbox::{RelayError, enqueue};
use sqlx::PgConnection;

use crate::properties::Properties;

/// A channel is new, or has new properties.
pub(crate) async fn channel_changed(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    properties: &Properties,
    version: i64,
) -> Result<(), RelayError> {
    let event = Event::ChannelChanged(ChannelChanged {
        channel_id,
        name: properties.name.as_str().to_owned(),
        topic: properties.topic.as_str().to_owned(),
        visibility: properties.visibility,
        version,
    });
    enqueue(connection, TopicKind::Directory, channel_id.0, &event).await
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
    membership_changed(connection, channel_id, &event).await
}

/// Somebody is in a channel no more.
pub(crate) async fn member_removed(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    user_id: UserId,
    version: i64,
) -> Result<(), RelayError> {
    let event = Event::MemberRemoved(MemberRemoved { channel_id, user_id, version });
    membership_changed(connection, channel_id, &event).await
}

/// Twice: among the channel's messages it is the place where delivery starts or stops, in the directory it is news.
async fn membership_changed(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    event: &Event,
) -> Result<(), RelayError> {
    enqueue(connection, TopicKind::Messages, channel_id.0, event).await?;
    enqueue(connection, TopicKind::Directory, channel_id.0, event).await
}
