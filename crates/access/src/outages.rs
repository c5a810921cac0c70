//! Databases that are away: one asks whether they are back, the others don't wait for them in vain.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::WorkspaceId;

/// Between two that ask; more than asking in vain takes.
const RETRY: Duration = Duration::from_secs(2);

/// Which databases did not answer, and when the next may ask. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outages(Arc<Mutex<HashMap<WorkspaceId, Instant>>>);

impl Outages {
    /// Whether a caller who can do without should not ask now. Whoever is told no asks for all.
    pub(crate) fn spares(&self, workspace: &WorkspaceId, now: Instant) -> bool {
        let mut next = self.lock();
        let Some(next) = next.get_mut(workspace) else { return false };
        let spares = now < *next;
        if !spares {
            *next = now + RETRY;
        }
        spares
    }

    /// A database did not answer.
    pub(crate) fn lost(&self, workspace: &WorkspaceId, now: Instant) {
        self.lock().insert(workspace.clone(), now + RETRY);
    }

    /// A database answered.
    pub(crate) fn answered(&self, workspace: &WorkspaceId) {
        self.lock().remove(workspace);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WorkspaceId, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_asks_a_database_that_is_away_and_the_others_are_spared() {
        let (outages, now) = (Outages::default(), Instant::now());
        let [away, well]: [WorkspaceId; 2] = ["aaaaaaaaaaaa", "bbbbbbbbbbbb"].map(|id| id.parse().unwrap());
        assert!(!outages.spares(&away, now));
        outages.lost(&away, now);
        assert!(outages.spares(&away, now));
        assert!(!outages.spares(&well, now));
        assert!(!outages.spares(&away, now + RETRY), "one asks again");
        assert!(outages.spares(&away, now + RETRY), "only one");
        outages.answered(&away);
        assert!(!outages.spares(&away, now + RETRY));
    }
}
