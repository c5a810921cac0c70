//! How often all of something is looked at: at once when little happens, and never more than a share of the time, however
//! much there is and however fast it changes.

use std::time::Duration;

use tokio::time::Instant;

/// A look takes at most one part in so many of the time.
const SHARE: u32 = 8;

/// When the next look is due.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    least: Duration,
    next: Instant,
}

impl Pace {
    /// Looks begin at least this long after each other.
    #[must_use]
    pub fn new(least: Duration) -> Self {
        Self { least, next: Instant::now() }
    }

    /// The next look is not before this.
    #[must_use]
    pub const fn next(&self) -> Instant {
        self.next
    }

    /// A look that began then has just ended.
    pub fn looked(&mut self, begun: Instant) {
        self.next = Instant::now() + self.least.max(begun.elapsed() * (SHARE - 1));
    }
}
