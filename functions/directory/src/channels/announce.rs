//! Telling the log what a channel's row says now, beside the change that raised its version.

use domain::{ChannelId, Event, ids::TopicKind};
use event_log::outbox::enqueue;
use sqlx::PgConnection;

use super::store;
use crate::error::DirectoryError;

/// A channel is new: nobody is in it yet who could be told.
pub(crate) async fn channel_made(connection: &mut PgConnection, channel: ChannelId) -> Result<(), DirectoryError> {
    let event = Event::ChannelChanged(store::changed(connection, channel).await?);
    Ok(enqueue(connection, TopicKind::Directory, channel.0, &event).await?)
}

/// A channel is another. Twice: among the channel's messages it reaches its members, in the directory it is news.
pub(crate) async fn channel_changed(connection: &mut PgConnection, channel: ChannelId) -> Result<(), DirectoryError> {
    let event = Event::ChannelChanged(store::changed(connection, channel).await?);
    enqueue(connection, TopicKind::Messages, channel.0, &event).await?;
    Ok(enqueue(connection, TopicKind::Directory, channel.0, &event).await?)
}
