//! Telling the log: events go into the outbox beside the change that they tell of, once its row is locked.

use domain::{ChannelId, ChannelKind, Event, Posting, events::ChannelChanged, ids::TopicKind};
use event_log::outbox::{RelayError, enqueue};
use sqlx::PgConnection;

use crate::properties::Properties;

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
        kind: ChannelKind::Channel,
        purpose: String::new(),
        posting: Posting::Everyone,
        archived: false,
        version,
    })
}

/// Twice: among the channel's messages it reaches its members, in the directory it is news.
async fn tell_members_too(
    connection: &mut PgConnection,
    channel_id: ChannelId,
    event: &Event,
) -> Result<(), RelayError> {
    enqueue(connection, TopicKind::Messages, channel_id.0, event).await?;
    enqueue(connection, TopicKind::Directory, channel_id.0, event).await
}
