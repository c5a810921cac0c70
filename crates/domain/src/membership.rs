//! Who receives a channel, as the message log tells it: the markers' place is where delivery starts and stops.

use crate::{Event, Position, UserId};

/// One person's membership of one channel, as of a place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Counted by the directory; an older marker is ignored.
    pub version: i64,
    /// Whether the person is in.
    pub active: bool,
    /// The marker that let the person in last.
    pub joined: Position,
}

/// What a marker did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipChange {
    /// The person receives the channel from this marker on.
    Joined,
    /// The person's role changed; delivery goes on.
    Changed,
    /// The person receives nothing after this marker.
    Left,
    /// An old or repeated marker.
    Ignored,
}

/// A membership marker in an event, if it is one: (person, version, whether in).
#[must_use]
pub fn marker(event: &Event) -> Option<(UserId, i64, bool)> {
    match event {
        Event::MemberAdded(e) => Some((e.user_id, e.version, true)),
        Event::MemberRemoved(e) => Some((e.user_id, e.version, false)),
        _ => None,
    }
}

/// Applies a marker of `version`, recorded at `at`.
pub fn fold_membership(state: &mut Option<Membership>, version: i64, active: bool, at: Position) -> MembershipChange {
    let before = state.filter(|m| m.active);
    if state.is_some_and(|m| m.version >= version) {
        return MembershipChange::Ignored;
    }
    let joined = before.map_or(at, |m| m.joined);
    *state = Some(Membership { version, active, joined });
    match (before.is_some(), active) {
        (false, true) => MembershipChange::Joined,
        (true, true) => MembershipChange::Changed,
        (true, false) => MembershipChange::Left,
        (false, false) => MembershipChange::Ignored,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_highest_version_decides_and_a_repeat_is_ignored(markers in prop::collection::vec((1i64..8, any::<bool>()), 0..24)) {
            let mut state = None;
            let mut highest: Option<(i64, bool)> = None;
            for (offset, (version, active)) in markers.iter().enumerate() {
                let at = Position { epoch: 1, partition: 0, offset: offset as i64 };
                let change = fold_membership(&mut state, *version, *active, at);
                if highest.is_none_or(|(v, _)| *version > v) {
                    highest = Some((*version, *active));
                } else {
                    prop_assert_eq!(change, MembershipChange::Ignored);
                }
                if change == MembershipChange::Joined {
                    prop_assert_eq!(state.unwrap().joined, at);
                }
                prop_assert_eq!(state.map(|m| (m.version, m.active)), highest);
            }
        }
    }
}
