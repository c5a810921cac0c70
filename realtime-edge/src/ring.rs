//! The recent frames of a workspace, bounded in bytes: what a client has missed is read here first.

use std::collections::VecDeque;

use domain::{ChannelId, Cursor, Position, UserId};

use crate::{frame::Frame, past::Refill};

/// Bytes that an entry costs beside its frame.
const ENTRY_BYTES: usize = std::mem::size_of::<Entry>();

/// A frame that readers see.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The record's place.
    pub position: Position,
    /// Whose members receive it.
    pub channel: ChannelId,
    /// The person that a membership marker is about: they receive it whether in or out.
    pub subject: Option<UserId>,
    /// Encoded once.
    pub frame: Frame,
}

impl Entry {
    fn bytes(&self) -> usize {
        ENTRY_BYTES + self.frame.len()
    }
}

/// One partition's entries, by offset; complete from `floor` on.
#[derive(Debug, Default)]
struct Shelf {
    floor: i64,
    entries: VecDeque<Entry>,
    bytes: usize,
}

/// Entries by partition.
#[derive(Debug)]
pub(crate) struct Ring {
    shelves: Vec<Shelf>,
    limit: usize,
}

impl Ring {
    /// Empty, and complete from `start` on.
    pub(crate) fn new(start: &Cursor, limit: usize) -> Self {
        Self { shelves: start.next.iter().map(|floor| Shelf { floor: *floor, ..Shelf::default() }).collect(), limit }
    }

    /// Appends the newest entry, and drops the oldest beyond the limit.
    pub(crate) fn push(&mut self, entry: Entry) {
        if let Some(shelf) = self.shelves.get_mut(entry.position.partition as usize) {
            shelf.bytes += entry.bytes();
            shelf.entries.push_back(entry);
        }
        self.trim();
    }

    /// Whether everything from `cursor` on is here.
    pub(crate) fn reaches(&self, cursor: &Cursor) -> bool {
        cursor.next.len() == self.shelves.len()
            && self.shelves.iter().zip(&cursor.next).all(|(shelf, next)| shelf.floor <= *next)
    }

    /// From where on everything is here, by partition.
    pub(crate) fn floors(&self) -> Vec<i64> {
        self.shelves.iter().map(|shelf| shelf.floor).collect()
    }

    /// The entries from `cursor` on: in log order within a partition.
    pub(crate) fn since(&self, cursor: &Cursor) -> impl Iterator<Item = &Entry> {
        self.shelves.iter().zip(&cursor.next).flat_map(|(shelf, next)| {
            let from = shelf.entries.partition_point(|entry| entry.position.offset < *next);
            shelf.entries.range(from..)
        })
    }

    /// Puts what was read from the log before the oldest entries; a piece that leaves a gap is not taken. The limit may be
    /// exceeded until the next [`Ring::trim`].
    pub(crate) fn extend_back(&mut self, refill: Refill) {
        for (shelf, piece) in self.shelves.iter_mut().zip(refill.pieces) {
            if piece.from >= shelf.floor || piece.to < shelf.floor {
                continue;
            }
            for past in piece.pasts.into_iter().rev() {
                if past.entry.position.offset < shelf.floor {
                    shelf.bytes += past.entry.bytes();
                    shelf.entries.push_front(past.entry);
                }
            }
            shelf.floor = piece.from;
        }
    }

    /// Drops the oldest entries of the largest partition until the limit is kept.
    pub(crate) fn trim(&mut self) {
        let mut bytes: usize = self.shelves.iter().map(|shelf| shelf.bytes).sum();
        while bytes > self.limit
            && let Some(shelf) = self.shelves.iter_mut().max_by_key(|shelf| shelf.bytes)
            && let Some(oldest) = shelf.entries.pop_front()
        {
            shelf.floor = oldest.position.offset + 1;
            shelf.bytes -= oldest.bytes();
            bytes -= oldest.bytes();
        }
    }

    #[cfg(test)]
    pub(crate) fn check_invariants(&self) {
        for shelf in &self.shelves {
            assert_eq!(shelf.bytes, shelf.entries.iter().map(Entry::bytes).sum::<usize>());
            let offsets: Vec<i64> = shelf.entries.iter().map(|entry| entry.position.offset).collect();
            assert!(offsets.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(offsets.first().is_none_or(|first| *first >= shelf.floor));
        }
        assert!(self.shelves.iter().map(|shelf| shelf.bytes).sum::<usize>() <= self.limit);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::past::{Past, Piece};

    fn entry(partition: u32, offset: i64) -> Entry {
        Entry {
            position: Position { epoch: 1, partition, offset },
            channel: ChannelId(Uuid::nil()),
            subject: None,
            frame: Frame::encoded(b"0123456789"),
        }
    }

    fn offsets(ring: &Ring, cursor: &Cursor) -> Vec<(u32, i64)> {
        ring.since(cursor).map(|entry| (entry.position.partition, entry.position.offset)).collect()
    }

    proptest! {
        #[test]
        fn it_is_complete_from_its_floors_on(
            pushes in prop::collection::vec((0u32..3, 1i64..4), 0..80),
            room in 1usize..20,
            cursor in prop::collection::vec(0i64..60, 3),
        ) {
            let start = Cursor { epoch: 1, next: vec![5; 3] };
            let mut ring = Ring::new(&start, room * (ENTRY_BYTES + 10));
            let (mut next, mut all) = (vec![5i64; 3], Vec::new());
            for (partition, step) in pushes {
                let offset = next[partition as usize] + step - 1;
                next[partition as usize] = offset + 1;
                all.push((partition, offset));
                ring.push(entry(partition, offset));
                ring.check_invariants();
            }
            let cursor = Cursor { epoch: 1, next: cursor };
            if ring.reaches(&cursor) {
                let mut wanted: Vec<_> = all.iter().copied().filter(|(p, o)| *o >= cursor.next[*p as usize]).collect();
                wanted.sort_unstable();
                prop_assert_eq!(offsets(&ring, &cursor), wanted);
            }
            let end = Cursor { epoch: 1, next };
            prop_assert!(ring.reaches(&end));
        }
    }

    #[test]
    fn a_refill_that_leaves_a_gap_is_not_taken() {
        let start = Cursor { epoch: 1, next: vec![10] };
        let mut ring = Ring::new(&start, 10_000);
        ring.push(entry(0, 10));
        let piece = |from, to, offsets: &[i64]| Refill {
            pieces: vec![Piece {
                from,
                to,
                pasts: offsets.iter().map(|offset| Past { entry: entry(0, *offset), message: None }).collect(),
            }],
        };
        let from = |next: i64| Cursor { epoch: 1, next: vec![next] };
        ring.extend_back(piece(3, 9, &[4]));
        assert!(!ring.reaches(&from(3)));
        // It overlaps what is here: nothing comes twice.
        ring.extend_back(piece(3, 11, &[4, 7, 10]));
        assert!(ring.reaches(&from(3)) && !ring.reaches(&from(2)));
        assert_eq!(offsets(&ring, &from(3)), [(0, 4), (0, 7), (0, 10)]);
        ring.check_invariants();
    }

    #[test]
    fn a_refill_beyond_the_limit_serves_once_and_is_trimmed() {
        let mut ring = Ring::new(&Cursor { epoch: 1, next: vec![3] }, 2 * (ENTRY_BYTES + 10));
        let pasts = (0..3).map(|offset| Past { entry: entry(0, offset), message: None }).collect();
        ring.extend_back(Refill { pieces: vec![Piece { from: 0, to: 3, pasts }] });
        let start = Cursor { epoch: 1, next: vec![0] };
        assert_eq!(offsets(&ring, &start).len(), 3);
        ring.trim();
        assert!(!ring.reaches(&start));
        ring.check_invariants();
    }
}
