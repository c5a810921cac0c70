//! Tells the log what transactions put into outboxes. The work is the process's own, not the request's: a client that
//! hangs up takes nothing with it. Before each transaction the outbox is put among what is due, so that a process that is
//! killed takes nothing with it either.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, anyhow};
use domain::WorkspaceId;
use futures::FutureExt;
use tenancy::{
    Databases, Due, Registry, Workspace,
    due::{DueKey, Purpose},
};
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    EventLog,
    dirty::{Dirty, Mark, Next, Rounds},
    outbox,
};

/// Outboxes relayed at once.
const AT_ONCE: usize = 16;
/// Longest wait of a handler, so that its answer usually comes after the event.
const PATIENCE: Duration = Duration::from_secs(2);
/// Waits between failed rounds of one outbox double from the first to the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// For a commit under way when its request was dropped.
const SETTLE: Duration = Duration::from_secs(1);
/// The server's own limit of a statement.
const LONGEST_COMMIT: Duration = Duration::from_secs(15);
/// When the clock asks for an outbox that its process has not relayed.
const DUE: Duration = Duration::from_secs(4);
/// For one statement on the control database.
const STATEMENT: Duration = Duration::from_secs(3);

/// A handle on the relay; clones share one set of dirty outboxes.
#[derive(Clone, Debug)]
pub struct Relay(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    log: EventLog,
    registry: Registry,
    due: Due,
    function: &'static str,
    databases: Arc<Databases>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    places: Semaphore,
    dirty: Mutex<Dirty>,
}

impl Relay {
    /// For the outboxes that `function` writes to. Its workers are among `tasks`; after `shutdown` they relay what requests
    /// under way still commit, and try no failed round again.
    #[must_use]
    pub fn new(
        function: &'static str,
        log: EventLog,
        registry: Registry,
        databases: Arc<Databases>,
        tasks: TaskTracker,
        shutdown: CancellationToken,
    ) -> Self {
        let (places, dirty, due) = (Semaphore::new(AT_ONCE), Mutex::default(), registry.due());
        Self(Arc::new(Shared { log, registry, due, function, databases, tasks, shutdown, places, dirty }))
    }

    /// To be called before a transaction that may write to the workspace's outbox, and kept until it has ended.
    ///
    /// # Errors
    /// The control database is away: without it, a kill could leave the outbox to nobody.
    pub async fn expect(&self, workspace: &Workspace) -> sqlx::Result<News> {
        let shared = self.0.clone();
        let version = in_time(shared.due.set(&shared.key(&workspace.id), DUE)).await?;
        shared.dirty().expect(&workspace.id, version);
        Ok(News { shared, workspace: Some(workspace.id.clone()) })
    }

    /// Relays an outbox now, whoever wrote to it.
    ///
    /// # Errors
    /// It could not be relayed, or not whole.
    pub async fn relay_now(&self, workspace: &WorkspaceId) -> anyhow::Result<()> {
        let _place = self.0.places.acquire().await?;
        self.0.attempt(workspace).await
    }

    /// Has relayed what an earlier life of this process left, at its start.
    ///
    /// # Errors
    /// The control database is away; then the clock sees to it.
    pub async fn resume(&self) -> sqlx::Result<()> {
        let (function, holder) = (self.0.function, &self.0.log.config().instance);
        for (key, version) in in_time(self.0.due.left_by(function, Purpose::Outbox, holder)).await? {
            self.0.dirty().left(&key.workspace, version);
            self.0.mark(&key.workspace);
        }
        Ok(())
    }
}

/// News that a transaction may put into an outbox. However it is dropped, the outbox is relayed.
#[derive(Debug)]
#[must_use = "the outbox is relayed when this is told or dropped"]
pub struct News {
    shared: Arc<Shared>,
    /// `None` once told.
    workspace: Option<WorkspaceId>,
}

impl News {
    /// Nothing was written.
    pub fn nothing(mut self) {
        if let Some(workspace) = self.workspace.take() {
            drop(self.shared.came(&workspace));
        }
    }

    /// The transaction has been committed: has the outbox relayed, and waits a little for it. Nothing is lost by not
    /// waiting.
    pub async fn committed(mut self) {
        if let Some(workspace) = self.workspace.take() {
            let mark = self.shared.came(&workspace);
            if self.shared.log.is_reachable() {
                let _ = timeout(PATIENCE, mark.finished()).await;
            }
        }
    }
}

impl Drop for News {
    /// A commit that nobody waits for any more may come through or not: some time later that is known.
    fn drop(&mut self) {
        let Some(workspace) = self.workspace.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let shared = self.shared.clone();
        let settled = async move {
            let shutdown = shared.shutdown.clone();
            shutdown.run_until_cancelled(sleep(SETTLE)).await;
            shared.mark(&workspace);
            // The row stays until a slow commit must have come or failed; for longer, if the process ends meanwhile.
            if shutdown.run_until_cancelled(sleep(LONGEST_COMMIT)).await.is_some() {
                drop(shared.came(&workspace));
            }
        };
        self.shared.tasks.spawn_on(settled, &runtime);
    }
}

impl Shared {
    fn key(&self, workspace: &WorkspaceId) -> DueKey {
        DueKey {
            workspace: workspace.clone(),
            function: self.function.to_owned(),
            purpose: Purpose::Outbox.as_str().to_owned(),
            holder: self.log.config().instance.clone(),
        }
    }

    fn came(self: &Arc<Self>, id: &WorkspaceId) -> Mark {
        let (mark, rounds) = self.dirty().came(id);
        self.start(id, rounds);
        mark
    }

    fn mark(self: &Arc<Self>, id: &WorkspaceId) {
        let (_, rounds) = self.dirty().mark(id);
        self.start(id, rounds);
    }

    fn start(self: &Arc<Self>, id: &WorkspaceId, rounds: Option<Rounds>) {
        if let Some(rounds) = rounds {
            self.tasks.spawn(self.clone().work(id.clone(), rounds));
        }
    }

    /// Relays one outbox, round after round, until it is clean.
    async fn work(self: Arc<Self>, id: WorkspaceId, rounds: Rounds) {
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
                Ok(()) => {
                    let next = self.dirty().after(&id, round);
                    match next {
                        Next::Again => wait = BACK_OFF.0,
                        Next::Leave => return,
                        Next::Clean(due) => return self.done(&id, due).await,
                    }
                }
                // It may come back: its row stays, and the clock asks now and then.
                Err(_) if self.registry.by_id(&id).is_none() => break,
                Err(error) => {
                    tracing::warn!(workspace = %id, error = format!("{error:#}"), ?wait, "the outbox waits");
                    tokio::select! {
                        () = sleep(wait.mul_f64(rand::random_range(0.5..1.0))) => {}
                        () = self.shutdown.cancelled() => break,
                    }
                    // A log that is back is used at once.
                    tokio::select! {
                        () = self.log.reachable() => {}
                        () = self.shutdown.cancelled() => break,
                    }
                    wait = BACK_OFF.1.min(wait * 2);
                }
            }
        }
        self.dirty().give_up(&id);
    }

    async fn attempt(&self, id: &WorkspaceId) -> anyhow::Result<()> {
        // Read anew each time: it may be on another schema meanwhile. One that is gone may come back, and its row waits.
        let workspace = self.registry.by_id(id).context("the workspace is not served now")?;
        let pool = self.databases.lease(&workspace).await?;
        outbox::relay(&self.log, &workspace, &pool).await.context("relaying")
    }

    /// A row that stays although its outbox is clean is only asked for once in vain.
    async fn done(&self, id: &WorkspaceId, due: i64) {
        if due == 0 {
            return;
        }
        if let Err(error) = in_time(self.due.done(&self.key(id), due)).await {
            tracing::debug!(workspace = %id, %error, "what is done stays among what is due");
        }
    }

    fn dirty(&self) -> MutexGuard<'_, Dirty> {
        self.dirty.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn in_time<T>(statement: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    timeout(STATEMENT, statement).await.unwrap_or_else(|elapsed| Err(sqlx::Error::Io(elapsed.into())))
}
