//! The memory that hashes work in, 19 MiB each: kept for the next one while somebody waits for a core, and given back to
//! the system once nobody does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use argon2::Block;

/// More than 32 MiB, the C library gets from the system for this alone, and gives back when it is freed (mallopt(3),
/// `M_MMAP_THRESHOLD`); of less it may keep a piece for each thread for good. What nobody writes to takes no memory.
const LEAST_BLOCKS: usize = 33 << 10;

/// What is kept for the next hash. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Vec<Blocks>>>);

/// Memory of one hash; none at first.
#[derive(Default)]
pub(super) struct Blocks(Vec<Block>);

impl Blocks {
    /// So many blocks at least.
    pub(super) fn at_least(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            self.0 = Vec::with_capacity(count.max(LEAST_BLOCKS));
            self.0.resize(count, Block::new());
        }
        &mut self.0
    }
}

impl Memory {
    /// What a hash before has left, if there is any.
    pub(super) fn take(&self) -> Blocks {
        self.kept().pop().unwrap_or_default()
    }

    /// Keeps it if somebody waits for it; otherwise nothing is kept.
    pub(super) fn give_back(&self, blocks: Blocks, is_awaited: bool) {
        let mut kept = self.kept();
        if is_awaited {
            kept.push(blocks);
        } else {
            kept.clear();
        }
    }

    /// Nobody panics while holding this.
    fn kept(&self) -> MutexGuard<'_, Vec<Blocks>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_kept_only_for_whoever_waits_for_it() {
        let memory = Memory::default();
        let (mut one, mut other) = (memory.take(), memory.take());
        assert_eq!((one.at_least(8).len(), other.at_least(8).len()), (8, 8));
        memory.give_back(one, true);
        assert_eq!(memory.kept().len(), 1);
        memory.give_back(other, false);
        assert!(memory.kept().is_empty());
    }

    #[test]
    fn a_hash_that_needs_more_gets_more() {
        let mut blocks = Blocks::default();
        assert_eq!(blocks.at_least(8).len(), 8);
        assert_eq!(blocks.at_least(16).len(), 16);
        assert_eq!(blocks.at_least(8).len(), 16);
    }
}
