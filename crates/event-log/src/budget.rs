//! A budget that fills again with time.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// So many within a time, evenly filled again.
#[derive(Debug)]
pub(crate) struct Budget {
    most: f64,
    per_second: f64,
    left: Mutex<(f64, Instant)>,
}

impl Budget {
    /// `most` at once, and `most` in every `time`.
    pub(crate) fn new(most: u32, time: Duration) -> Self {
        let most = f64::from(most);
        Self { most, per_second: most / time.as_secs_f64(), left: Mutex::new((most, Instant::now())) }
    }

    /// Takes one, if there is one.
    pub(crate) fn spend(&self) -> bool {
        self.spend_at(Instant::now())
    }

    fn spend_at(&self, now: Instant) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = left.0 + now.saturating_duration_since(left.1).as_secs_f64() * self.per_second;
        *left = (filled.min(self.most), now);
        if left.0 < 1.0 {
            return false;
        }
        left.0 -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_comes_back_with_time_and_never_more_than_the_most() {
        let (budget, start) = (Budget::new(2, Duration::from_secs(2)), Instant::now());
        let spend = |seconds| budget.spend_at(start + Duration::from_secs(seconds));
        assert_eq!([spend(0), spend(0), spend(0)], [true, true, false]);
        assert_eq!([spend(1), spend(1)], [true, false]);
        assert_eq!([spend(9), spend(9), spend(9)], [true, true, false]);
    }
}
