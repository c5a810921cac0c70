//! Records that are read again from the log, for clients that have missed them.

use std::collections::HashMap;

use domain::{
    ChannelId, Event, Position, UserId,
    fold::MessageEvent,
    membership::{Membership, fold_membership, marker},
};
use event_log::Record;

use crate::{
    frame,
    recent::{Key, Recent, Step},
    ring::Entry,
    router::is_newer,
};

/// An entry of the past, and what it did to which message.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    pub entry: Entry,
    pub message: Option<(Key, Step)>,
}

/// What one partition held from one offset up to, not including, another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Piece {
    pub from: i64,
    pub to: i64,
    pub pasts: Vec<Past>,
}

/// One piece for each partition; an empty range where nothing was missed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refill {
    pub pieces: Vec<Piece>,
}

/// Collects a piece of one partition, leaving out what no reader saw as far as the piece itself tells. The room knows of
/// what came before, and leaves out the rest.
#[derive(Debug)]
pub(crate) struct Reading {
    epoch: u32,
    recent: Recent,
    members: HashMap<(ChannelId, UserId), Option<Membership>>,
    described: HashMap<ChannelId, i64>,
    piece: Piece,
}

impl Reading {
    pub(crate) fn new(epoch: u32, from: i64, to: i64, capacity: usize) -> Self {
        let piece = Piece { from, to, pasts: Vec::new() };
        Self { epoch, recent: Recent::new(capacity), members: HashMap::new(), described: HashMap::new(), piece }
    }

    /// Takes the next record. What can't be read was counted when the room first met it.
    pub(crate) fn take(&mut self, record: &Record) {
        let position = Position { epoch: self.epoch, partition: record.partition, offset: record.offset };
        let Ok(event) = Event::decode(&record.value) else { return };
        let Some(channel) = event.channel() else { return };
        let (mut subject, mut message) = (None, None);
        if let Some(change) = MessageEvent::of(&event) {
            let (key, step) = (change.key(), Step::of(&change));
            if !self.recent.apply(key, step, position.offset) {
                return;
            }
            message = Some((key, step));
        } else if let Some((user, version, active)) = marker(&event) {
            let state = self.members.entry((channel, user)).or_default();
            let before = *state;
            fold_membership(state, version, active, position);
            // What came before is not known here: at worst somebody is told again what a version already told.
            if before.is_some_and(|known| known.version >= version) {
                return;
            }
            subject = Some(user);
        } else if let Event::ChannelChanged(changed) = &event {
            if !is_newer(&mut self.described, channel, changed.version) {
                return;
            }
        } else if let Event::MessageRejected(rejected) = &event {
            self.recent.forget((channel, rejected.message_id));
        } else {
            return;
        }
        if let Some(frame) = frame::event(&position, record.time, &record.value) {
            self.piece.pasts.push(Past { entry: Entry { position, channel, subject, frame }, message });
        }
    }

    pub(crate) fn finish(self) -> Piece {
        self.piece
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        ChannelRole, MessageId,
        events::{MemberAdded, MessageCreated, MessageDeleted, MessageEdited},
    };

    use super::*;

    #[test]
    fn a_piece_leaves_out_what_it_can_tell_that_no_reader_saw() {
        let (channel_id, user_id, message_id) = (ChannelId::random(), UserId::random(), MessageId::random());
        let created = Event::MessageCreated(MessageCreated {
            message_id,
            channel_id,
            parent_message_id: None,
            user_id,
            text: "a".into(),
        });
        let edited = Event::MessageEdited(MessageEdited { message_id, channel_id, user_id, text: "b".into() });
        let deleted = Event::MessageDeleted(MessageDeleted { message_id, channel_id, user_id });
        let added =
            |version| Event::MemberAdded(MemberAdded { channel_id, user_id, role: ChannelRole::Member, version });
        let events = [
            added(2),
            added(2),
            created.clone(),
            created,
            edited.clone(),
            deleted.clone(),
            edited,
            deleted,
            added(1),
            added(3),
        ];
        let mut reading = Reading::new(1, 0, 11, 100);
        for (offset, event) in (0..).zip(&events) {
            let value = event.encode().unwrap();
            reading.take(&Record { partition: 0, offset, time: chrono::DateTime::default(), value });
        }
        reading.take(&Record { partition: 0, offset: 10, time: chrono::DateTime::default(), value: b"{".to_vec() });
        let offsets: Vec<i64> = reading.finish().pasts.iter().map(|past| past.entry.position.offset).collect();
        assert_eq!(offsets, [0, 2, 4, 5, 9]);
    }
}
