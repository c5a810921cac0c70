//! The one fold from events to messages, for projector, edge, search and tests.
//!
//! The first CREATED of an id fixes author, thread and position; the last EDITED wins; DELETED is terminal.
//! An event at or before the place of the last change is a replay and changes nothing, so applying any prefix twice is harmless.

use chrono::{DateTime, Utc};

use crate::{
    ChannelId, Event, MessageId, Position, UserId,
    events::{MessageCreated, MessageDeleted, MessageEdited},
};

/// A message as the log up to `changed` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The channel.
    pub channel: ChannelId,
    /// The id, unique in the channel.
    pub id: MessageId,
    /// The message that it replies to.
    pub parent: Option<MessageId>,
    /// Who said it.
    pub author: UserId,
    /// The place of its CREATED.
    pub created: Position,
    /// By the broker's clock.
    pub created_at: DateTime<Utc>,
    /// The place of the last event that changed it.
    pub changed: Position,
    /// Text or tombstone.
    pub content: Content,
}

/// What a message holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Live {
        /// The last text.
        text: String,
        /// When it was last edited, if ever.
        edited_at: Option<DateTime<Utc>>,
    },
    /// Gone for good.
    Deleted {
        /// When.
        at: DateTime<Utc>,
    },
}

/// What an event did to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It exists now.
    Created,
    /// It has a new text.
    Edited,
    /// It became a tombstone.
    Deleted,
    /// Nothing: no reader may see the event.
    Ignored,
}

/// An event that concerns one message.
#[derive(Clone, Copy, Debug)]
pub enum MessageEvent<'a> {
    /// See [`Event::MessageCreated`].
    Created(&'a MessageCreated),
    /// See [`Event::MessageEdited`].
    Edited(&'a MessageEdited),
    /// See [`Event::MessageDeleted`].
    Deleted(&'a MessageDeleted),
}

impl<'a> MessageEvent<'a> {
    /// The message event in an event, if it is one.
    #[must_use]
    pub fn of(event: &'a Event) -> Option<Self> {
        match event {
            Event::MessageCreated(e) => Some(Self::Created(e)),
            Event::MessageEdited(e) => Some(Self::Edited(e)),
            Event::MessageDeleted(e) => Some(Self::Deleted(e)),
            _ => None,
        }
    }

    /// The message that it concerns.
    #[must_use]
    pub fn key(&self) -> (ChannelId, MessageId) {
        match self {
            Self::Created(e) => (e.channel_id, e.message_id),
            Self::Edited(e) => (e.channel_id, e.message_id),
            Self::Deleted(e) => (e.channel_id, e.message_id),
        }
    }
}

/// Applies one event, recorded at `at` at the broker's time `time`, to what is known of its message.
pub fn fold(state: &mut Option<Message>, event: MessageEvent<'_>, at: Position, time: DateTime<Utc>) -> Change {
    match (state.as_mut(), event) {
        (None, MessageEvent::Created(e)) => {
            *state = Some(Message {
                channel: e.channel_id,
                id: e.message_id,
                parent: e.parent_message_id,
                author: e.user_id,
                created: at,
                created_at: time,
                changed: at,
                content: Content::Live { text: e.text.clone(), edited_at: None },
            });
            Change::Created
        }
        (Some(message), MessageEvent::Edited(e)) if at.is_after(&message.changed) => match &mut message.content {
            Content::Live { text, edited_at } => {
                text.clone_from(&e.text);
                *edited_at = Some(time);
                message.changed = at;
                Change::Edited
            }
            Content::Deleted { .. } => Change::Ignored,
        },
        (Some(message), MessageEvent::Deleted(_)) if at.is_after(&message.changed) => match message.content {
            Content::Live { .. } => {
                message.content = Content::Deleted { at: time };
                message.changed = at;
                Change::Deleted
            }
            Content::Deleted { .. } => Change::Ignored,
        },
        _ => Change::Ignored,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Op {
        Create(u8),
        Edit(u8),
        Delete,
    }

    fn ops() -> impl Strategy<Value = Vec<Op>> {
        let op = prop_oneof![(0u8..3).prop_map(Op::Create), any::<u8>().prop_map(Op::Edit), Just(Op::Delete)];
        prop::collection::vec(op, 0..20)
    }

    fn event(op: &Op) -> Event {
        let (channel_id, message_id) = (ChannelId(uuid::Uuid::nil()), MessageId(uuid::Uuid::nil()));
        let user = |n: u8| UserId(uuid::Uuid::from_u128(n.into()));
        match op {
            Op::Create(n) => Event::MessageCreated(MessageCreated {
                message_id,
                channel_id,
                parent_message_id: None,
                user_id: user(*n),
                text: format!("by {n}"),
            }),
            Op::Edit(n) => Event::MessageEdited(MessageEdited {
                message_id,
                channel_id,
                user_id: user(0),
                text: format!("edit {n}"),
            }),
            Op::Delete => Event::MessageDeleted(MessageDeleted { message_id, channel_id, user_id: user(0) }),
        }
    }

    fn apply(state: &mut Option<Message>, ops: &[Op], from: usize) -> Vec<Change> {
        let changes = ops.iter().enumerate().map(|(i, op)| {
            let offset = (from + i) as i64;
            let time = DateTime::from_timestamp(offset, 0).unwrap();
            let event = event(op);
            fold(state, MessageEvent::of(&event).unwrap(), Position { epoch: 1, partition: 0, offset }, time)
        });
        changes.collect()
    }

    proptest! {
        #[test]
        fn the_first_created_fixes_author_and_position(ops in ops()) {
            let mut state = None;
            apply(&mut state, &ops, 0);
            let first = ops.iter().enumerate().find_map(|(i, op)| match op { Op::Create(n) => Some((i, *n)), _ => None });
            prop_assert_eq!(
                state.map(|m| (m.created.offset, m.author)),
                first.map(|(i, n)| (i as i64, UserId(uuid::Uuid::from_u128(n.into()))))
            );
        }

        #[test]
        fn a_replay_from_any_earlier_place_changes_nothing(ops in ops(), cut in 0usize..20) {
            let mut state = None;
            apply(&mut state, &ops, 0);
            let before = state.clone();
            let from = cut.min(ops.len());
            let changes = apply(&mut state, &ops[from..], from);
            prop_assert!(state.is_none() || changes.iter().all(|c| *c == Change::Ignored));
            prop_assert_eq!(state, before);
        }

        #[test]
        fn delete_is_terminal_and_the_last_edit_before_it_wins(ops in ops()) {
            let mut state = None;
            let changes = apply(&mut state, &ops, 0);
            let created = changes.iter().position(|c| *c == Change::Created);
            let deleted = created.and_then(|from| ops[from..].iter().position(|op| matches!(op, Op::Delete)));
            prop_assert_eq!(changes.iter().filter(|c| **c == Change::Created).count(), usize::from(created.is_some()));
            prop_assert_eq!(changes.iter().filter(|c| **c == Change::Deleted).count(), usize::from(deleted.is_some()));
            let last_edit = created.and_then(|from| ops[from..].iter().rev().find_map(|op| match op { Op::Edit(n) => Some(format!("edit {n}")), _ => None }));
            match state.map(|m| m.content) {
                Some(Content::Live { text, .. }) => {
                    prop_assert!(deleted.is_none());
                    if let Some(edit) = last_edit { prop_assert_eq!(text, edit); }
                }
                Some(Content::Deleted { .. }) => prop_assert!(deleted.is_some()),
                None => prop_assert!(created.is_none()),
            }
        }
    }
}
