//! Tells the log what handlers committed. The work is the process's own, not the request's: a client that hangs up
//! takes nothing with it.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::anyhow;
use domain::WorkspaceId;
use event_log::{EventLog, outbox};
use futures::FutureExt;
use tenancy::{Databases, Registry, Workspace};
use tokio::{
    runtime::Handle,
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::dirty::{Dirty, Rounds};

/// Outboxes relayed at once.
const AT_ONCE: usize = 16;
/// Longest wait of a handler, so that its answer usually comes after the event.
const PATIENCE: Duration = Duration::from_secs(2);
/// Waits between failed rounds of one outbox double from the first to the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));
/// For a commit under way when its request was dropped.
const SETTLE: Duration = Duration::from_secs(1);

/// A handle on the relay; clones share one set of dirty outboxes.
#[derive(Clone, Debug)]
pub struct Relay(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    log: EventLog,
    registry: Registry,
    databases: Arc<Databases>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    places: Semaphore,
    dirty: Mutex<Dirty>,
}

impl Relay {
    /// Its workers are among `tasks`. After `shutdown` they relay what requests under way still commit, and try no
    /// failed round again.
    pub(crate) fn new(
        log: EventLog,
        registry: Registry,
        databases: Arc<Databases>,
        tasks: TaskTracker,
        shutdown: CancellationToken,
    ) -> Self {
        let (places, dirty) = (Semaphore::new(AT_ONCE), Mutex::default());
        Self(Arc::new(Shared { log, registry, databases, tasks, shutdown, places, dirty }))
    }

    /// Has the workspace's outbox relayed, and waits a little for it. Nothing is lost by not waiting: what was
    /// committed stands, and is told to the log as soon as it answers.
    pub fn relay(&self, workspace: &Workspace) -> impl Future<Output = ()> + use<> {
        let (mark, rounds) = self.0.dirty().mark(&workspace.id);
        if let Some(rounds) = rounds {
            self.0.tasks.spawn(self.0.clone().work(workspace.id.clone(), rounds));
        }
        async move {
            let _ = timeout(PATIENCE, mark.finished()).await;
        }
    }

    /// The same, once a commit that nobody waits for any more has come through or not.
    fn relay_settled(self, workspace: Arc<Workspace>) {
        let Ok(runtime) = Handle::try_current() else { return };
        let tasks = self.0.tasks.clone();
        let settled = async move {
            self.0.shutdown.clone().run_until_cancelled(sleep(SETTLE)).await;
            drop(self.relay(&workspace));
        };
        tasks.spawn_on(settled, &runtime);
    }

    /// Has relayed what a killed process left in any workspace, at start.
    pub fn sweep(&self) {
        let snapshot = self.0.registry.subscribe().borrow().clone();
        for workspace in snapshot.workspaces() {
            drop(self.relay(workspace));
        }
    }
}

/// Goes along with a request. One that is dropped before its answer may have committed without a word to the relay:
/// then this says it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unanswered(Arc<Write>);

#[derive(Debug, Default)]
struct Write(Mutex<Option<(Relay, Arc<Workspace>)>>);

impl Unanswered {
    /// The request may write to this workspace.
    pub(crate) fn may_write(&self, relay: &Relay, workspace: &Arc<Workspace>) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((relay.clone(), workspace.clone()));
    }

    /// The request has its answer, before which its handler has told the relay.
    pub(crate) fn answered(&self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if let Some((relay, workspace)) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            relay.relay_settled(workspace);
        }
    }
}

impl Shared {
    /// Relays one outbox, round after round, until it is clean.
    async fn work(self: Arc<Self>, id: WorkspaceId, mut rounds: Rounds) {
        let mut wait = BACK_OFF.0;
        loop {
            let place = tokio::select! {
                biased;
                place = self.places.acquire() => place,
                () = self.shutdown.cancelled() => break,
            };
            let round = rounds.begin();
            // A panic must not take the outbox's worker along, or nobody would ever relay it again.
            let attempt = AssertUnwindSafe(self.attempt(&id)).catch_unwind().await;
            drop(place);
            rounds.finish(round);
            match attempt.unwrap_or_else(|_| Err(anyhow!("the relay panicked"))) {
                Ok(()) if self.dirty().clean(&id, round) => return,
                Ok(()) => wait = BACK_OFF.0,
                Err(error) => {
                    tracing::warn!(workspace = %id, %error, ?wait, "the outbox waits");
                    tokio::select! {
                        () = rounds.marked() => {}
                        () = sleep(wait.mul_f64(rand::random_range(0.5..1.0))) => {}
                        () = self.shutdown.cancelled() => break,
                    }
                    wait = BACK_OFF.1.min(wait * 2);
                }
            }
        }
        self.dirty().forget(&id);
    }

    async fn attempt(&self, id: &WorkspaceId) -> anyhow::Result<()> {
        // Read anew each time: it may be on another schema meanwhile, or gone.
        let Some(workspace) = self.registry.by_id(id) else { return Ok(()) };
        let pool = self.databases.pool(&workspace)?;
        Ok(outbox::relay(&self.log, &workspace, &pool).await?)
    }

    fn dirty(&self) -> MutexGuard<'_, Dirty> {
        self.dirty.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
