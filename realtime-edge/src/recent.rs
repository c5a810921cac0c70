//! What a room remembers of the newest messages, so that no reader sees a second CREATED or what follows a DELETED.
//!
//! It decides as `domain::fold` does, without the texts and for a bounded number of messages. Of an older message it
//! assumes that it was created and not deleted: its edit is delivered.

use std::collections::{HashMap, VecDeque};

use domain::{ChannelId, MessageId, fold::MessageEvent};

/// A message's identity.
pub(crate) type Key = (ChannelId, MessageId);

/// A remembered message: offsets in its channel's partition, of this epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// Where it was created; nothing if that was before what is remembered.
    pub created: Option<i64>,
    /// Where it was deleted, if it was.
    pub deleted: Option<i64>,
}

/// What an event does to its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Created,
    Edited,
    Deleted,
}

impl Step {
    pub(crate) fn of(event: &MessageEvent<'_>) -> Self {
        match event {
            MessageEvent::Created(_) => Self::Created,
            MessageEvent::Edited(_) => Self::Edited,
            MessageEvent::Deleted(_) => Self::Deleted,
        }
    }
}

/// The newest messages of a workspace.
#[derive(Debug)]
pub(crate) struct Recent {
    messages: HashMap<Key, Remembered>,
    /// In the order of being remembered, oldest first.
    order: VecDeque<Key>,
    capacity: usize,
}

impl Recent {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { messages: HashMap::new(), order: VecDeque::new(), capacity: capacity.max(1) }
    }

    /// Remembers a message, and forgets the oldest beyond the capacity.
    pub(crate) fn remember(&mut self, key: Key, message: Remembered) {
        if self.messages.insert(key, message).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.messages.remove(&oldest);
        }
    }

    /// Forgets a message that was rejected: a later CREATED of its id is a new try.
    pub(crate) fn forget(&mut self, key: Key) {
        if self.messages.remove(&key).is_some() {
            self.order.retain(|other| *other != key);
        }
    }

    /// Applies the next event of the log; says whether readers see it.
    pub(crate) fn apply(&mut self, key: Key, step: Step, offset: i64) -> bool {
        match (step, self.messages.get_mut(&key)) {
            (Step::Created, None) => self.remember(key, Remembered { created: Some(offset), deleted: None }),
            (Step::Created, Some(_)) => return false,
            (Step::Edited, known) => return known.is_none_or(|message| message.deleted.is_none()),
            (Step::Deleted, Some(message)) if message.deleted.is_none() => message.deleted = Some(offset),
            (Step::Deleted, Some(_)) => return false,
            (Step::Deleted, None) => self.remember(key, Remembered { created: None, deleted: Some(offset) }),
        }
        true
    }

    /// Whether readers saw an event of the past: exact for a remembered message.
    pub(crate) fn was_seen(&self, key: Key, step: Step, offset: i64) -> bool {
        let Some(message) = self.messages.get(&key) else { return true };
        match step {
            Step::Created => message.created.is_none_or(|created| created == offset),
            Step::Edited => {
                message.created.is_none_or(|created| created < offset)
                    && message.deleted.is_none_or(|deleted| offset < deleted)
            }
            Step::Deleted => message.deleted == Some(offset),
        }
    }

    #[cfg(test)]
    pub(crate) fn check_invariants(&self) {
        assert!(self.order.len() <= self.capacity);
        assert_eq!(self.order.len(), self.messages.len());
        assert!(self.order.iter().all(|key| self.messages.contains_key(key)));
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        Event, Position, UserId,
        events::{MessageCreated, MessageDeleted, MessageEdited},
        fold::{Change, fold},
    };
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn event(message: u8, step: Step) -> Event {
        let (message_id, channel_id) = (MessageId(Uuid::from_u128(message.into())), ChannelId(Uuid::nil()));
        let user_id = UserId(Uuid::nil());
        match step {
            Step::Created => Event::MessageCreated(MessageCreated {
                message_id,
                channel_id,
                parent_message_id: None,
                user_id,
                text: "a".into(),
            }),
            Step::Edited => Event::MessageEdited(MessageEdited { message_id, channel_id, user_id, text: "b".into() }),
            Step::Deleted => Event::MessageDeleted(MessageDeleted { message_id, channel_id, user_id }),
        }
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![Just(Step::Created), Just(Step::Edited), Just(Step::Deleted)]
    }

    proptest! {
        #[test]
        fn it_decides_as_the_fold_does_live_and_in_hindsight(steps in prop::collection::vec((0u8..4, step()), 0..40)) {
            let (mut recent, mut states) = (Recent::new(100), HashMap::new());
            let mut seen = Vec::new();
            for (offset, (message, step)) in (0i64..).zip(steps) {
                let event = event(message, step);
                let event = MessageEvent::of(&event).unwrap();
                let state = states.entry(message).or_insert(None);
                // The log holds no edit and no deletion before its CREATED.
                if state.is_none() && step != Step::Created { continue }
                let change = fold(state, event, Position { epoch: 1, partition: 0, offset }, chrono::DateTime::default());
                let visible = recent.apply(event.key(), step, offset);
                prop_assert_eq!(visible, change != Change::Ignored);
                seen.push((event.key(), step, offset, visible));
                recent.check_invariants();
            }
            for (key, step, offset, visible) in seen {
                prop_assert_eq!(recent.was_seen(key, step, offset), visible);
            }
        }

        #[test]
        fn memory_is_bounded_and_what_is_forgotten_still_takes_edits(ids in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut recent = Recent::new(5);
            for (offset, id) in (0i64..).zip(ids) {
                recent.apply((ChannelId(Uuid::nil()), MessageId(Uuid::from_u128(id.into()))), Step::Created, offset);
                recent.check_invariants();
            }
            if let Some(rejected) = recent.order.front().copied() {
                recent.forget(rejected);
                recent.check_invariants();
                prop_assert!(recent.apply(rejected, Step::Created, 99), "a new try is seen");
            }
            let forgotten = (ChannelId(Uuid::nil()), MessageId(Uuid::from_u128(1000)));
            prop_assert!(recent.apply(forgotten, Step::Edited, 100));
            prop_assert!(recent.apply(forgotten, Step::Deleted, 101));
            prop_assert!(!recent.apply(forgotten, Step::Edited, 102));
        }
    }
}
