//! The control database's clock: what ends is judged by it, so that a process whose own clock is wrong agrees with all
//! others.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use sqlx::PgPool;

use crate::store;

/// A difference that somebody should mend.
const NOTABLE_MILLIS: i64 = 5_000;

/// Tells the time as the control database would; clones share what is known of the difference.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds that the database is ahead of this process.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// Milliseconds since 1970.
    #[must_use]
    pub fn now_millis(&self) -> i64 {
        own_millis().saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn now_seconds(&self) -> u64 {
        u64::try_from(self.now_millis() / 1_000).unwrap_or_default()
    }

    /// Compares this process's clock with the database's.
    pub(crate) async fn compare(&self, control: &PgPool) -> sqlx::Result<()> {
        let (asked, own) = (Instant::now(), own_millis());
        let theirs = store::now_millis(control).await?;
        // It answered half-way between question and answer, most likely.
        let halfway = own.saturating_add(i64::try_from(asked.elapsed().as_millis() / 2).unwrap_or_default());
        let ahead = theirs.saturating_sub(halfway);
        self.ahead.store(ahead, Ordering::Relaxed);
        metrics::gauge!("threadly_clock_behind_seconds").set(ahead as f64 / 1_000.0);
        if ahead.abs() >= NOTABLE_MILLIS {
            tracing::warn!(behind_millis = ahead, "this machine's clock is wrong; the control database's is used");
        }
        Ok(())
    }
}

fn own_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
