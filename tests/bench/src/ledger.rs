//! Which post was acknowledged and who received it: every acknowledged one by every socket, once.

use std::time::{SystemTime, UNIX_EPOCH};

use uuid::{Builder, Uuid};

/// Where, in a hyphenated UUID, a trial's tag and a post's number stand.
const TAG: std::ops::Range<usize> = 14..28;
const NUMBER: std::ops::Range<usize> = 28..36;
/// What stands before a message's id in a frame.
const ID_FIELD: &[u8] = b"\"messageId\":\"";
/// Length of a hyphenated UUID.
pub const ID_LENGTH: usize = 36;

/// What became of a post's delivery to a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    First(u32),
    Again,
    /// Of another trial, or no message.
    Other,
}

/// One trial's posts.
#[derive(Debug)]
pub struct Ledger {
    began_ms: u64,
    tag: [u8; 10],
    tag_text: [u8; TAG.end - TAG.start],
    everybody: u32,
    posts: Vec<Post>,
    deliveries: u64,
    wanted: u64,
    doubled: u64,
    /// Where the id stood in the last frame: it rarely moves.
    id_place: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Post {
    received: u32,
    acknowledged: bool,
}

impl Ledger {
    /// For `posts` posts, each to be received by `sockets` (at most 32) sockets.
    pub fn new(posts: u32, sockets: u32) -> Self {
        let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let began_ms = u64::try_from(began.as_millis()).unwrap_or_default();
        let tag = rand::random();
        let (mut text, mut tag_text) = ([0; ID_LENGTH], [0; TAG.end - TAG.start]);
        id(began_ms, tag, 0).hyphenated().encode_lower(&mut text);
        tag_text.copy_from_slice(&text[TAG]);
        Self {
            began_ms,
            tag,
            tag_text,
            everybody: u32::MAX >> (32 - sockets.clamp(1, 32)),
            posts: vec![Post::default(); posts as usize],
            deliveries: 0,
            wanted: 0,
            doubled: 0,
            id_place: 0,
        }
    }

    /// The id of a post: a UUIDv7 like any client's, with the post's number as its last 32 bits.
    pub fn id(&self, number: u32, after_ms: u64) -> Uuid {
        id(self.began_ms + after_ms, self.tag, number)
    }

    pub fn acknowledge(&mut self, number: u32) {
        if let Some(post) = self.posts.get_mut(number as usize)
            && !post.acknowledged
        {
            post.acknowledged = true;
            self.wanted += u64::from(self.everybody.count_ones());
        }
    }

    /// Notes a frame that came to a socket.
    pub fn receive(&mut self, socket: u32, frame: &[u8]) -> Delivered {
        let Some(number) = self.number_in(frame) else { return Delivered::Other };
        let Some(post) = self.posts.get_mut(number as usize) else { return Delivered::Other };
        let bit = 1 << socket;
        if post.received & bit != 0 {
            self.doubled += 1;
            return Delivered::Again;
        }
        post.received |= bit;
        self.deliveries += 1;
        Delivered::First(number)
    }

    fn number_in(&mut self, frame: &[u8]) -> Option<u32> {
        if frame.get(self.id_place..self.id_place + ID_FIELD.len()) != Some(ID_FIELD) {
            self.id_place = frame.windows(ID_FIELD.len()).position(|window| window == ID_FIELD)?;
        }
        let begin = self.id_place + ID_FIELD.len();
        let id = frame.get(begin..begin + ID_LENGTH)?;
        if id[TAG] != self.tag_text {
            return None;
        }
        u32::from_str_radix(std::str::from_utf8(&id[NUMBER]).ok()?, 16).ok()
    }

    /// Whether everything that was acknowledged so far has been received by everybody.
    pub fn is_delivered(&self) -> bool {
        self.deliveries >= self.wanted && self.missing() == 0
    }

    /// Deliveries of acknowledged posts that never came.
    pub fn missing(&self) -> u64 {
        let acknowledged = self.posts.iter().filter(|post| post.acknowledged);
        acknowledged.map(|post| u64::from((self.everybody & !post.received).count_ones())).sum()
    }

    pub fn acknowledged(&self) -> u64 {
        self.posts.iter().filter(|post| post.acknowledged).count() as u64
    }

    pub fn deliveries(&self) -> u64 {
        self.deliveries
    }

    pub fn doubled(&self) -> u64 {
        self.doubled
    }
}

fn id(time_ms: u64, mut random: [u8; 10], number: u32) -> Uuid {
    random[6..].copy_from_slice(&number.to_be_bytes());
    Builder::from_unix_timestamp_millis(time_ms, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(id: Uuid) -> Vec<u8> {
        format!(r#"{{"type":"event","position":"p1.0.7","data":{{"messageId":"{id}","text":"x"}}}}"#).into_bytes()
    }

    #[test]
    fn ids_are_of_version_7_and_carry_the_number() {
        let mut ledger = Ledger::new(0x1_0000, 2);
        let id = ledger.id(0xabcd, 1234);
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(ledger.number_in(&frame(id)), Some(0xabcd));
    }

    #[test]
    fn a_post_is_delivered_once_everybody_has_it() {
        let mut ledger = Ledger::new(10, 2);
        let bytes = frame(ledger.id(3, 0));
        ledger.acknowledge(3);
        assert_eq!((ledger.is_delivered(), ledger.missing()), (false, 2));
        assert_eq!(ledger.receive(0, &bytes), Delivered::First(3));
        assert_eq!(ledger.receive(0, &bytes), Delivered::Again);
        assert!(!ledger.is_delivered());
        assert_eq!(ledger.receive(1, &bytes), Delivered::First(3));
        assert_eq!((ledger.is_delivered(), ledger.doubled(), ledger.deliveries()), (true, 1, 2));
    }

    #[test]
    fn a_message_of_another_trial_is_not_counted() {
        let mut ledger = Ledger::new(10, 2);
        let other = Ledger::new(10, 2).id(3, 0);
        assert_eq!(ledger.receive(0, &frame(other)), Delivered::Other);
        assert_eq!(ledger.receive(0, br#"{"type":"ping","cursor":"c1.2.3"}"#), Delivered::Other);
    }

    #[test]
    fn a_refused_post_may_come_or_not() {
        let mut ledger = Ledger::new(10, 1);
        let bytes = frame(ledger.id(1, 0));
        assert_eq!(ledger.receive(0, &bytes), Delivered::First(1));
        assert!(ledger.is_delivered());
        assert_eq!(ledger.missing(), 0);
    }
}
