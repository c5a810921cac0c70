//! The tasks of the controller, one per workspace that something is done for: begun, ended, waited for.

use std::time::Duration;

use tokio::{
    task::{Id, JoinError},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Controller,
    attempt::{Attempt, Problem, Tracked, attempt, backoff},
    figures,
};
use crate::{OperatorError, provision::Wanted};

/// One attempt of one workspace.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(120);
/// How long running steps may go on after shutdown; what is cut off is taken up at the next start.
const DRAIN: Duration = Duration::from_secs(5);

impl Controller {
    /// Looks at places that seem to have changed, unless somebody is there already.
    pub(super) fn look_closely(&mut self, suspects: &[String]) {
        for place in suspects {
            if self.wanted.contains(place) && self.tracked.get(place).is_some_and(Tracked::rests) {
                self.start(place);
            }
        }
    }

    /// Begins an attempt at what is wanted at a place now.
    pub(super) fn start(&mut self, place: &str) {
        let Some(tracked) = self.tracked.get_mut(place) else { return };
        tracked.running = true;
        tracked.stale = false;
        tracked.retry = None;
        tracked.called_off = CancellationToken::new();
        let called_off = tracked.called_off.clone();
        let (target, slots) = (tracked.target.clone(), self.slots.clone());
        let (registry, offers) = (self.registry.clone(), self.offers.clone());
        let task = self.running.spawn(async move {
            // A retirement is one row, and waits for nobody's backend. The semaphore is never closed.
            let _slot = if target.wanted == Wanted::Absent { None } else { slots.acquire_owned().await.ok() };
            let begun = Instant::now();
            let attempt = timeout(ATTEMPT_LIMIT, attempt(&registry, &offers, &target, &called_off)).await;
            let ended = attempt.unwrap_or(Err(OperatorError::TimedOut(ATTEMPT_LIMIT.as_secs())));
            figures::attempted(&ended, begun.elapsed());
            (target.place, ended)
        });
        self.tasks.insert(task.id(), place.to_owned());
    }

    /// Takes how an attempt ended; it goes on from there.
    pub(super) async fn finished(&mut self, joined: Result<(Id, Attempt), JoinError>) {
        let (place, result) = match joined {
            Ok((id, (place, result))) => {
                self.tasks.remove(&id);
                (place, result)
            }
            Err(error) => {
                let Some(place) = self.tasks.remove(&error.id()) else { return };
                tracing::error!(place, %error, "a provisioning task ended");
                (place, Err(OperatorError::Interrupted))
            }
        };
        if matches!(result, Err(OperatorError::Deposed)) {
            self.deposed();
        }
        if result.is_err() && !self.wanted.contains(&place) {
            self.tracked.remove(&place);
            // What it wrote may be of a manifest that has changed since.
            return self.reconcile(0, false).await;
        }
        if matches!(result, Ok(None)) {
            self.retired.notify_one();
        }
        let Some(tracked) = self.tracked.get_mut(&place) else { return };
        tracked.running = false;
        if tracked.stale {
            return self.start(&place);
        }
        match result {
            Ok(row) => {
                tracked.attempts = 0;
                tracked.problem = None;
                let policies = (tracked.target.purge_after_days(), row.as_ref().map(|row| row.spec.purge_after_days));
                match row {
                    Some(row) => self.rows.insert(place.clone(), row),
                    None => self.rows.remove(&place),
                };
                if tracked.target.wanted == Wanted::Absent {
                    self.tracked.remove(&place);
                    // Its handle is free: somebody may wait for it.
                    self.reconcile(0, true).await;
                } else {
                    tracing::info!(place, "in order");
                    // Its manifest may have gone, have been paused, or have got another policy, while it was being made.
                    if !self.wanted.contains(&place) || policies.0 != policies.1 || self.lacks_a_host(&place) {
                        self.reconcile(0, self.brake.is_none()).await;
                    }
                }
            }
            Err(error) => {
                tracing::warn!(place, %error, attempt = tracked.attempts + 1, "not in order");
                tracked.retry = Some(Instant::now() + backoff(tracked.attempts));
                tracked.attempts = tracked.attempts.saturating_add(1);
                tracked.problem = Some(Problem::of(&error));
            }
        }
    }

    /// Waits for all of them, and ends those that take too long.
    pub(super) async fn drain(&mut self) {
        let all = async { while self.running.join_next().await.is_some() {} };
        if timeout(DRAIN, all).await.is_err() {
            self.running.shutdown().await;
        }
    }
}
