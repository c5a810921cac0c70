//! The projection of the `messages` topic: messages, their numbers, and who receives which channel.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{
    ChannelId, Event, MessageId, UserId,
    events::{MessageCreated, MessageRejected},
    fold::{Change, Message, MessageEvent, fold},
    ids::TopicKind,
    membership::{Membership, fold_membership, marker},
};
use event_log::{ApplyError, Projection, Recorded};
use sqlx::PgConnection;

use crate::store;

/// The name under which positions stand in workspaces' databases; never rename it.
pub const NAME: &str = "messages";

/// Folds the log's events into `messages`, `channel_counters` and `delivery_members`.
#[derive(Clone, Copy, Debug)]
pub struct MessageProjection;

#[async_trait]
impl Projection for MessageProjection {
    fn name(&self) -> &'static str {
        NAME
    }

    fn topic(&self) -> TopicKind {
        TopicKind::Messages
    }

    fn rejected(&self, event: &Event) -> Option<Event> {
        let Event::MessageCreated(MessageCreated { message_id, channel_id, user_id, .. }) = *event else { return None };
        Some(Event::MessageRejected(MessageRejected { message_id, channel_id, user_id }))
    }

    async fn apply(&self, connection: &mut PgConnection, events: &[Recorded]) -> Result<(), ApplyError> {
        apply_messages(connection, events).await?;
        apply_memberships(connection, events).await
    }
}

/// A message before and after a batch.
#[derive(Default)]
struct Touched {
    stored: bool,
    changed: bool,
    state: Option<Message>,
}

async fn apply_messages(connection: &mut PgConnection, events: &[Recorded]) -> Result<(), ApplyError> {
    let mut touched: BTreeMap<(ChannelId, MessageId), Touched> = BTreeMap::new();
    for event in events.iter().filter_map(|recorded| MessageEvent::of(&recorded.event)) {
        touched.entry(event.key()).or_default();
    }
    if touched.is_empty() {
        return Ok(());
    }
    let keys: Vec<_> = touched.keys().copied().collect();
    for message in store::messages(connection, &keys).await? {
        let key = (message.channel, message.id);
        touched.insert(key, Touched { stored: true, changed: false, state: Some(message) });
    }

    let mut created = Vec::new();
    for recorded in events {
        let Some(event) = MessageEvent::of(&recorded.event) else { continue };
        let Some(entry) = touched.get_mut(&event.key()) else { continue };
        match fold(&mut entry.state, event, recorded.position, recorded.time) {
            Change::Created => created.push(event.key()),
            Change::Edited | Change::Deleted => entry.changed = true,
            Change::Ignored => {}
        }
    }

    // In log order, so that the numbers given are dense and in order.
    let fresh: Vec<Message> =
        created.iter().filter_map(|key| touched.get(key).and_then(|entry| entry.state.clone())).collect();
    let changed: Vec<Message> =
        touched.into_values().filter(|entry| entry.stored && entry.changed).filter_map(|entry| entry.state).collect();
    store::insert_messages(connection, &fresh).await?;
    store::update_messages(connection, &changed).await
}

async fn apply_memberships(connection: &mut PgConnection, events: &[Recorded]) -> Result<(), ApplyError> {
    let markers: Vec<_> = events
        .iter()
        .filter_map(|recorded| {
            let (user, version, active) = marker(&recorded.event)?;
            Some((recorded.event.channel()?, user, version, active, recorded.position))
        })
        .collect();
    if markers.is_empty() {
        return Ok(());
    }
    let mut members: BTreeMap<(ChannelId, UserId), Option<Membership>> =
        markers.iter().map(|(channel, user, ..)| ((*channel, *user), None)).collect();
    let keys: Vec<_> = members.keys().copied().collect();
    for (key, membership) in store::memberships(connection, &keys).await? {
        members.insert(key, Some(membership));
    }
    for (channel, user, version, active, position) in markers {
        if let Some(state) = members.get_mut(&(channel, user)) {
            fold_membership(state, version, active, position);
        }
    }
    let members: Vec<_> = members.into_iter().filter_map(|(key, state)| Some((key, state?))).collect();
    store::put_memberships(connection, &members).await
}
