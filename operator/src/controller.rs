//! Keeps the world as a source wants it: one task per workspace that has something to do, a few at once, each with its own
//! back-off, so that a bad workspace costs the others nothing.

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use crds::WorkspaceManifest;
use tokio::{
    sync::{Semaphore, watch},
    task::{Id, JoinError, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Control, OperatorError, WorkspaceStatus,
    admission::{self, Refusal},
    plan::{Registration, Stall},
    provision::{Target, Wanted, converge},
    registry::{DIRECTORY, store},
    source::{Snapshot, directory},
    status::PROVISIONING,
};

mod report;

/// Workspaces that are worked on at once.
const CONCURRENT: usize = 4;
/// One attempt of one workspace.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(120);
/// Back-off after a failure: doubles from the first to the last.
const FIRST_RETRY: Duration = Duration::from_millis(250);
const LAST_RETRY: Duration = Duration::from_secs(30);
/// How long running steps may go on after shutdown; what is cut off is taken up at the next start.
const DRAIN: Duration = Duration::from_secs(5);

/// Provisions what the manifests in `directory` ask for, until `shutdown`. `status` always holds the newest word on every
/// workspace and every faulty file; it is first sent when the directory has been read and each manifest judged. A backend
/// that is away is waited for.
pub async fn run_directory(
    control: Control,
    directory: PathBuf,
    shutdown: CancellationToken,
    status: watch::Sender<Vec<WorkspaceStatus>>,
) {
    let (sender, snapshots) = watch::channel(None);
    let source = directory::watch(directory, sender, shutdown.clone());
    let controller = run(control, snapshots, shutdown.clone(), status);
    tokio::join!(source, controller);
}

/// Provisions what a source wants, until `shutdown` or the source's end.
pub async fn run(
    control: Control,
    mut snapshots: watch::Receiver<Option<Snapshot>>,
    shutdown: CancellationToken,
    status: watch::Sender<Vec<WorkspaceStatus>>,
) {
    let mut controller = Controller::new(control);
    // The first word is worth sending even if it says that there is nothing.
    let mut told = false;
    loop {
        let wake = controller.next_wake();
        tokio::select! {
            () = shutdown.cancelled() => break,
            changed = snapshots.changed() => match changed {
                Ok(()) => {
                    let snapshot = snapshots.borrow_and_update().clone();
                    controller.take(snapshot.unwrap_or_default()).await;
                }
                Err(_) => break,
            },
            Some(joined) = controller.running.join_next_with_id() => controller.finished(joined).await,
            () = sleep_until(wake) => controller.wake().await,
        }
        if !controller.judged {
            continue;
        }
        let report = controller.report();
        status.send_if_modified(|current| {
            let news = !told || *current != report;
            *current = report;
            news
        });
        told = true;
    }
    controller.drain().await;
}

/// A place, and how an attempt at it ended.
type Attempt = (String, Result<Option<Registration>, OperatorError>);

/// What is known of one place.
struct Tracked {
    target: Target,
    attempts: u32,
    /// When to try again; none while a task runs, and once settled.
    retry: Option<Instant>,
    running: bool,
    /// The target changed while a task was running for the former one.
    stale: bool,
    problem: Option<Problem>,
}

/// Why a place is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    reason: &'static str,
    message: String,
    /// A workspace that was ready is not any more.
    breaks: bool,
}

struct Controller {
    control: Control,
    snapshot: Snapshot,
    /// A snapshot has been taken; before, there is nothing to tell.
    judged: bool,
    /// Per manifest of the snapshot, in the same order.
    refusals: Vec<Option<Refusal>>,
    tracked: HashMap<String, Tracked>,
    /// The registry's active rows by place, as last read.
    rows: HashMap<String, Registration>,
    running: JoinSet<Attempt>,
    tasks: HashMap<Id, String>,
    slots: Arc<Semaphore>,
    /// The registry could not be read for this snapshot; when to try again, and how often it failed.
    pending: Option<(Instant, u32)>,
}

impl Controller {
    fn new(control: Control) -> Self {
        Self {
            control,
            snapshot: Snapshot::default(),
            judged: false,
            refusals: Vec::new(),
            tracked: HashMap::new(),
            rows: HashMap::new(),
            running: JoinSet::new(),
            tasks: HashMap::new(),
            slots: Arc::new(Semaphore::new(CONCURRENT)),
            pending: None,
        }
    }

    async fn take(&mut self, snapshot: Snapshot) {
        self.snapshot = snapshot;
        self.judged = true;
        self.reconcile(0, true).await;
    }

    /// Judges the snapshot against the registry and starts what there is to do. `hurry` tries at once what waits.
    async fn reconcile(&mut self, failures: u32, hurry: bool) {
        let rows = match store::active(&self.control.pool, DIRECTORY).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "the control registry is not readable; trying again");
                self.refuse_all(&error);
                self.pending = Some((Instant::now() + backoff(failures), failures + 1));
                return;
            }
        };
        self.pending = None;
        let registered: HashMap<String, String> =
            rows.iter().map(|placed| (placed.place.clone(), placed.row.spec.handle.to_string())).collect();
        let verdicts = admission::admit(&self.snapshot.manifests, &registered, &self.control.class);
        self.refusals.clear();
        let mut targets = Vec::new();
        for verdict in verdicts {
            match verdict {
                Ok(target) => {
                    self.refusals.push(None);
                    targets.push(target);
                }
                Err(refusal) => self.refusals.push(Some(refusal)),
            }
        }
        for place in admission::unclaimed(&self.snapshot.manifests, registered.keys()) {
            if self.snapshot.absence.is_certain(place) {
                tracing::info!(place, "its manifest is gone; the workspace is retained");
                targets.push(Target { source: DIRECTORY, place: place.clone(), wanted: Wanted::Absent });
            }
        }
        self.rows = rows.into_iter().map(|placed| (placed.place, placed.row)).collect();
        // A place without manifest or row needs no memory.
        let wanted: HashMap<&String, ()> = targets.iter().map(|target| (&target.place, ())).collect();
        self.tracked.retain(|place, tracked| tracked.running || wanted.contains_key(place));
        self.pause(&mut targets);
        for target in targets {
            self.aim(target, hurry);
        }
    }

    /// `spec.paused` leaves a workspace as it is.
    fn pause(&mut self, targets: &mut Vec<Target>) {
        for (manifest, refusal) in self.snapshot.manifests.iter().zip(&mut self.refusals) {
            if manifest.spec.paused && refusal.is_none() {
                let place = manifest.place();
                targets.retain(|target| target.place != place);
                let message = "it is left as it is, until this is false".to_owned();
                *refusal = Some(Refusal { reason: "Paused", field: "spec.paused", message });
            }
        }
    }

    fn aim(&mut self, target: Target, hurry: bool) {
        let place = target.place.clone();
        match self.tracked.get_mut(&place) {
            Some(tracked) if tracked.target == target => {
                // Whatever made it wait may have gone with this change.
                if hurry && tracked.retry.is_some() {
                    tracked.attempts = 0;
                    self.start(&place);
                }
            }
            Some(tracked) => {
                tracked.target = target;
                tracked.attempts = 0;
                tracked.stale = tracked.running;
                if !tracked.running {
                    self.start(&place);
                }
            }
            None => {
                let tracked = Tracked { target, attempts: 0, retry: None, running: false, stale: false, problem: None };
                self.tracked.insert(place.clone(), tracked);
                self.start(&place);
            }
        }
    }

    fn start(&mut self, place: &str) {
        let Some(tracked) = self.tracked.get_mut(place) else { return };
        tracked.running = true;
        tracked.stale = false;
        tracked.retry = None;
        let (control, target, slots) = (self.control.clone(), tracked.target.clone(), self.slots.clone());
        let task = self.running.spawn(async move {
            // The semaphore is never closed.
            let _slot = slots.acquire_owned().await;
            let attempt = timeout(ATTEMPT_LIMIT, converge(&control, &target)).await;
            (target.place, attempt.unwrap_or(Err(OperatorError::TimedOut(ATTEMPT_LIMIT.as_secs()))))
        });
        self.tasks.insert(task.id(), place.to_owned());
    }

    async fn finished(&mut self, joined: Result<(Id, Attempt), JoinError>) {
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
        let Some(tracked) = self.tracked.get_mut(&place) else { return };
        tracked.running = false;
        if tracked.stale {
            return self.start(&place);
        }
        match result {
            Ok(row) => {
                tracked.attempts = 0;
                tracked.problem = None;
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
                    // Its manifest may have gone while it was being made.
                    let claimed = self.snapshot.manifests.iter().any(|manifest| manifest.place() == place);
                    if !claimed && self.snapshot.absence.is_certain(&place) {
                        self.reconcile(0, true).await;
                    }
                }
            }
            Err(error) => {
                tracing::warn!(place, %error, attempt = tracked.attempts + 1, "not in order");
                tracked.retry = Some(Instant::now() + backoff(tracked.attempts));
                tracked.attempts = tracked.attempts.saturating_add(1);
                let (reason, message, breaks) = (error.reason(), error.to_string(), breaks_service(&error));
                tracked.problem = Some(Problem { reason, message, breaks });
            }
        }
    }

    /// Before the registry was read once, nobody knows more than this of any manifest.
    fn refuse_all(&mut self, error: &OperatorError) {
        self.refusals.resize(self.snapshot.manifests.len(), None);
        let places: Vec<String> = self.snapshot.manifests.iter().map(WorkspaceManifest::place).collect();
        for (refusal, place) in self.refusals.iter_mut().zip(places) {
            if !self.tracked.contains_key(&place) {
                let message = error.to_string();
                *refusal = Some(Refusal { reason: PROVISIONING, field: "control registry", message });
            }
        }
    }

    fn next_wake(&self) -> Instant {
        let retries = self.tracked.values().filter_map(|tracked| tracked.retry);
        let pending = self.pending.map(|(at, _)| at);
        retries.chain(pending).min().unwrap_or_else(|| Instant::now() + LAST_RETRY)
    }

    async fn wake(&mut self) {
        let now = Instant::now();
        if let Some((_, failures)) = self.pending.filter(|(at, _)| *at <= now) {
            self.reconcile(failures, false).await;
        }
        let due: Vec<String> = self
            .tracked
            .iter()
            .filter(|(_, tracked)| tracked.retry.is_some_and(|retry| retry <= now))
            .map(|(place, _)| place.clone())
            .collect();
        for place in due {
            self.start(&place);
        }
    }

    async fn drain(&mut self) {
        let all = async { while self.running.join_next().await.is_some() {} };
        if timeout(DRAIN, all).await.is_err() {
            self.running.shutdown().await;
        }
    }
}

/// Whether people notice: what is refused or away for the operator may well go on serving.
const fn breaks_service(error: &OperatorError) -> bool {
    matches!(
        error,
        OperatorError::Migration { .. }
            | OperatorError::Stalled(Stall::DataMissing { .. } | Stall::TopicShape { .. } | Stall::SchemaNewer { .. })
    )
}

fn backoff(attempts: u32) -> Duration {
    FIRST_RETRY.saturating_mul(2_u32.saturating_pow(attempts)).min(LAST_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_to_its_limit() {
        assert_eq!([backoff(0), backoff(1), backoff(200)], [FIRST_RETRY, FIRST_RETRY * 2, LAST_RETRY]);
    }
}
