//! Records of every kind, damaged at every byte: each is refused, or is an event like any other, and nothing panics.

use std::{collections::HashMap, env, fs, io, path::PathBuf};

use chrono::DateTime;
use domain::{
    ChannelId, DecodeError, Event, MessageId, Position,
    events::MessageCreated,
    fold::{Change, Content, Message, MessageEvent, fold},
    membership::{Membership, MembershipChange, fold_membership, marker},
};

/// What is put where it does not belong.
const INTRUDERS: &[u8] = b"\0\"\\{}[],:0-e \xc3\xff";

/// Each golden file as it stands, and as it would be written today.
fn golden() -> io::Result<Vec<Vec<u8>>> {
    let mut records = Vec::new();
    for entry in fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/v1"))? {
        let text = fs::read(entry?.path())?;
        if let Ok(event) = Event::decode(&text) {
            records.extend(event.encode().ok());
        }
        records.push(text);
    }
    Ok(records)
}

/// Every single bit turned, every byte taken away, every beginning, and everything put between two bytes.
fn damaged(record: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let with = move |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = record.to_vec();
        change(&mut bytes);
        bytes
    };
    (0..record.len()).flat_map(move |at| {
        let turned = (0..8).map(move |bit| with(&|bytes| bytes[at] ^= 1 << bit));
        let remove = |bytes: &mut Vec<u8>| {
            bytes.remove(at);
        };
        let less = [with(&remove), with(&|bytes| bytes.truncate(at))];
        let more = INTRUDERS.iter().map(move |byte| with(&|bytes| bytes.insert(at, *byte)));
        let twice = [with(&|bytes| bytes.extend_from_within(at..))];
        turned.chain(less).chain(more).chain(twice)
    })
}

/// What every reader knows: messages and memberships, as `events` tell them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    messages: HashMap<(ChannelId, MessageId), Option<Message>>,
    members: HashMap<(ChannelId, domain::UserId), Option<Membership>>,
}

impl Known {
    /// Takes an event, and sees to it that no rule of the folds is broken; nothing if one is.
    fn take(&mut self, event: &Event, offset: i64) -> Option<()> {
        let at = Position { epoch: 1, partition: 0, offset };
        let time = DateTime::from_timestamp(offset, 0)?;
        if let Some(change) = MessageEvent::of(event) {
            let state = self.messages.entry(change.key()).or_default();
            let before = state.clone();
            match fold(state, change, at, time) {
                Change::Ignored => assert_eq!(*state, before),
                Change::Created => assert!(before.is_none() && state.as_ref()?.created == at),
                Change::Edited | Change::Deleted => {
                    let (before, after) = (before?, state.clone()?);
                    assert!(matches!(before.content, Content::Live { .. }));
                    assert_eq!((before.author, before.created), (after.author, after.created));
                    assert_eq!(after.changed, at);
                }
            }
            let state = state.clone();
            // A replay changes nothing.
            let mut again = state.clone();
            fold(&mut again, change, at, time);
            assert!(again == state || state.is_none());
        } else if let Some((user, version, active)) = marker(event) {
            let state = self.members.entry((event.channel()?, user)).or_default();
            let before = *state;
            let change = fold_membership(state, version, active, at);
            assert!(state.is_some_and(|known| known.version >= version));
            assert!(before.is_none_or(|known| state.is_some_and(|now| known.version <= now.version)));
            assert_eq!(
                change == MembershipChange::Joined,
                state.is_some_and(|known| known.active && known.joined == at)
            );
        }
        Some(())
    }
}

#[test]
fn a_record_damaged_at_any_byte_is_refused_or_is_an_event_like_any_other() {
    let mut outcomes: HashMap<&str, usize> = HashMap::new();
    for record in golden().unwrap() {
        for bytes in damaged(&record) {
            let outcome = match Event::decode(&bytes) {
                Ok(event) => {
                    assert!(Event::KINDS.contains(&event.kind()));
                    assert_eq!(Event::decode(&event.encode().unwrap()).unwrap(), event);
                    "an event"
                }
                Err(DecodeError::Malformed(_)) => "malformed",
                Err(DecodeError::UnknownKind(kind)) => {
                    assert!(!Event::KINDS.contains(&kind.as_str()) && kind.chars().count() <= 64);
                    "unknown"
                }
            };
            *outcomes.entry(outcome).or_default() += 1;
        }
    }
    println!("{outcomes:?}");
    assert!(["an event", "malformed", "unknown"].iter().all(|outcome| outcomes.contains_key(outcome)));
}

#[test]
fn no_damaged_record_breaks_a_rule_of_the_folds() {
    let records = golden().unwrap();
    let mut known = Known::default();
    for record in &records {
        let event = Event::decode(record).unwrap();
        // So that edits, deletions and removals find what they are about.
        if let Some((channel_id, message_id)) = MessageEvent::of(&event).map(|change| change.key()) {
            let (user_id, text) = (domain::UserId::random(), "a".to_owned());
            let created = MessageCreated { message_id, channel_id, parent_message_id: None, user_id, text };
            known.take(&Event::MessageCreated(created), 0).unwrap();
        }
        known.take(&event, 1).unwrap();
    }
    for record in &records {
        for bytes in damaged(record) {
            if let Ok(event) = Event::decode(&bytes) {
                known.clone().take(&event, 2).unwrap();
                known.clone().take(&event, 0).unwrap();
            }
        }
    }
}
