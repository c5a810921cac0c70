//! What a conversation is called: an id that follows from who is in it, so that opening it twice, or by two people at
//! once, names the same one.

use domain::{ChannelId, UserId};
use sha2::{Digest, Sha256};
use uuid::Builder;

/// So that no other use of SHA-256 gives the same. Never another one: conversations would be opened anew.
const PREFIX: &[u8] = b"threadly conversation 1";
/// Of ids that follow from something (RFC 9562, section 5.8).
const DERIVED: usize = 8;

/// A UUIDv8 of the SHA-256 over a fixed prefix and the sorted ids.
pub(crate) fn conversation_of(people: &[UserId]) -> ChannelId {
    let mut sorted = people.to_vec();
    sorted.sort_unstable();
    let mut hash = Sha256::new_with_prefix(PREFIX);
    for person in sorted {
        hash.update(person.0.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    ChannelId(Builder::from_custom_bytes(bytes).into_uuid())
}

/// Whether an id may be a conversation's: nobody makes a channel of it, or they would be where others talk later.
pub(crate) fn is_derived(id: ChannelId) -> bool {
    id.0.get_version_num() == DERIVED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_conversation_never_changes() {
        let people = [
            "01920000-0000-7000-8000-000000000001".parse().unwrap(),
            "01920000-0000-7000-8000-000000000002".parse().unwrap(),
        ];
        let id = conversation_of(&people);
        assert_eq!(id.to_string(), "9b747917-50d4-8ef1-966d-a515283faf90");
        assert_eq!(conversation_of(&[people[1], people[0]]), id);
        assert!(is_derived(id) && !is_derived(ChannelId::random()));
    }
}
