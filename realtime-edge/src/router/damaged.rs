//! Records damaged at every byte: a room routes on, or stops where it must not skip, and what it delivers is whole.

use std::{env, fs, path::PathBuf};

use domain::{
    ChannelRole,
    events::{MemberAdded, MessageCreated},
};
use serde_json::Value;

use super::*;
use crate::past::Reading;

const USER: UserId = UserId(uuid::Uuid::nil());

/// What each golden event is about is known, and somebody is there to receive it.
fn scene() -> (Router, Vec<Vec<u8>>) {
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/domain/golden/v1");
    let files = fs::read_dir(golden).unwrap();
    let events: Vec<Event> =
        files.map(|file| Event::decode(&fs::read(file.unwrap().path()).unwrap()).unwrap()).collect();
    let mut router = Router::new(Cursor { epoch: 1, next: vec![0] }, [], Recent::new(100));
    router.seat(USER, None);
    for event in &events {
        let Some(channel_id) = event.channel() else { continue };
        let role = ChannelRole::Member;
        take(&mut router, &Event::MemberAdded(MemberAdded { channel_id, user_id: USER, role, version: 1 }));
        if let Some((channel_id, message_id)) = MessageEvent::of(event).map(|change| change.key()) {
            let text = "a".to_owned();
            let created = MessageCreated { message_id, channel_id, parent_message_id: None, user_id: USER, text };
            take(&mut router, &Event::MessageCreated(created));
        }
    }
    (router, events.iter().map(|event| event.encode().unwrap()).collect())
}

fn record(router: &Router, value: Vec<u8>) -> Record {
    Record { partition: 0, offset: router.cursor().next[0], time: chrono::DateTime::default(), value }
}

fn take(router: &mut Router, event: &Event) {
    router.route(&record(router, event.encode().unwrap())).unwrap();
}

/// Every bit turned, every byte taken away, every beginning.
fn damaged(value: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..value.len()).flat_map(move |at| {
        let turned = (0..8).map(move |bit| {
            let mut bytes = value.to_vec();
            bytes[at] ^= 1 << bit;
            bytes
        });
        turned.chain([[&value[..at], &value[at + 1..]].concat(), value[..at].to_vec()])
    })
}

#[test]
fn a_damaged_record_is_routed_or_passed_over_or_stops_the_room_before_it() {
    let (mut router, values) = scene();
    let (mut delivered, mut passed_over, mut stopped) = (0, 0, 0);
    for bytes in values.iter().flat_map(|value| damaged(value)) {
        let record = record(&router, bytes);
        let before = router.cursor().next[0];
        let mut reading = Reading::new(1, before, before + 1, 10);
        reading.take(&record);
        for past in reading.finish().pasts {
            serde_json::from_str::<Value>(past.entry.frame.json()).unwrap();
        }
        match router.route(&record) {
            Ok(routed) => {
                assert_eq!(router.cursor().next[0], before + 1);
                match routed {
                    Routed::Deliver(delivery) => {
                        let frame: Value = serde_json::from_str(delivery.entry.frame.json()).unwrap();
                        assert_eq!(frame["type"], "event");
                        delivered += 1;
                    }
                    Routed::Malformed(_) => passed_over += 1,
                    Routed::Nothing => {}
                }
            }
            Err(stop) => {
                assert!(matches!(stop, Stop::UnknownKind { .. }));
                assert_eq!(router.cursor().next[0], before);
                stopped += 1;
            }
        }
        router.check_invariants();
    }
    println!("{delivered} delivered, {passed_over} passed over, {stopped} stops");
    assert!(delivered > 0 && passed_over > 0 && stopped > 0);
}
