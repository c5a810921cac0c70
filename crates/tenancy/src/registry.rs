//! The control registry in memory: loaded whole, renewed as soon as it changes, though at most four times a second, and
//! every 30 s whatever happens.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use domain::{Handle, WorkspaceId};
use sqlx::{PgPool, postgres::PgListener};
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{Clock, store, workspace::Workspace};

/// Changes that come within this time after a renewal are read together.
const GATHER: Duration = Duration::from_millis(250);
/// Renewal without a notification, in case one was lost.
const RENEWAL: Duration = Duration::from_secs(30);
/// For reading it whole.
const READ: Duration = Duration::from_secs(10);
/// Wait before connecting anew to a control database that is away.
const RECONNECT: Duration = Duration::from_secs(1);

/// Why the registry could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The control database is away, or refused.
    #[error("the control database can't be read: {0}")]
    Unavailable(#[from] sqlx::Error),
}

/// Every ready workspace and every public key, as of one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    by_handle: HashMap<String, Arc<Workspace>>,
    by_id: HashMap<WorkspaceId, Arc<Workspace>>,
    keys: HashMap<String, Vec<u8>>,
    /// By this machine's clock: a process that was frozen meanwhile must find that it is old.
    read_at: Option<SystemTime>,
}

impl Snapshot {
    /// Whether a workspace is ready.
    #[must_use]
    pub fn contains(&self, id: &WorkspaceId) -> bool {
        self.by_id.contains_key(id)
    }

    fn is_older_than(&self, age: Duration) -> bool {
        // A clock that was put back tells nothing.
        self.read_at.and_then(|read_at| read_at.elapsed().ok()).is_none_or(|elapsed| elapsed > age)
    }

    /// All workspaces, in no order.
    pub fn workspaces(&self) -> impl Iterator<Item = &Arc<Workspace>> {
        self.by_id.values()
    }
}

/// A handle on the registry; clones share one memory.
#[derive(Clone, Debug)]
pub struct Registry {
    control: PgPool,
    clock: Clock,
    snapshot: watch::Receiver<Arc<Snapshot>>,
    sender: watch::Sender<Arc<Snapshot>>,
}

impl Registry {
    /// Reads the registry once. Run [`Registry::follow`] beside it.
    ///
    /// # Errors
    /// The control database is away.
    pub async fn load(control: PgPool) -> Result<Self, RegistryError> {
        let clock = Clock::default();
        in_time(clock.compare(&control)).await?;
        let (sender, snapshot) = watch::channel(Arc::new(read(&control).await?));
        Ok(Self { control, clock, snapshot, sender })
    }

    pub(crate) fn control(&self) -> &PgPool {
        &self.control
    }

    /// Follows changes until `shutdown`. While the control database is away, the last snapshot serves on.
    pub async fn follow(self, shutdown: CancellationToken) {
        while shutdown.run_until_cancelled(Box::pin(self.listen())).await.is_some() {
            shutdown.run_until_cancelled(tokio::time::sleep(RECONNECT)).await;
        }
    }

    async fn listen(&self) {
        let attempt = async {
            let mut listener = in_time(PgListener::connect_with(&self.control)).await?;
            in_time(listener.listen("workspaces")).await?;
            loop {
                self.sender.send_replace(Arc::new(read(&self.control).await?));
                tokio::time::sleep(GATHER).await;
                in_time(self.clock.compare(&self.control)).await?;
                if let Ok(notification) = timeout(RENEWAL, listener.recv()).await {
                    notification?;
                    // What came while the last was read and while others gathered is answered by one renewal.
                    while let Ok(Ok(Some(_))) = timeout(Duration::from_millis(1), listener.try_recv()).await {}
                }
            }
        };
        let result: Result<(), sqlx::Error> = attempt.await;
        if let Err(error) = result {
            tracing::warn!(%error, "the control registry is not followed; the last snapshot serves on");
        }
    }

    /// The clock that ends are judged by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The workspace of a handle, if it is ready.
    #[must_use]
    pub fn by_handle(&self, handle: &Handle) -> Option<Arc<Workspace>> {
        self.snapshot.borrow().by_handle.get(handle.as_str()).cloned()
    }

    /// The workspace of an id, if it is ready.
    #[must_use]
    pub fn by_id(&self, id: &WorkspaceId) -> Option<Arc<Workspace>> {
        self.snapshot.borrow().by_id.get(id).cloned()
    }

    /// The public key of a key id.
    #[must_use]
    pub fn signing_key(&self, kid: &str) -> Option<Vec<u8>> {
        self.snapshot.borrow().keys.get(kid).cloned()
    }

    /// All public keys, by key id.
    #[must_use]
    pub fn signing_keys(&self) -> HashMap<String, Vec<u8>> {
        self.snapshot.borrow().keys.clone()
    }

    /// Follows snapshots; the current one counts as seen.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.clone()
    }

    /// Reads the registry now, for a caller that has just changed it.
    ///
    /// # Errors
    /// The control database is away.
    pub async fn refresh(&self) -> Result<(), RegistryError> {
        self.sender.send_replace(Arc::new(read(&self.control).await?));
        Ok(())
    }

    /// Reads the registry and compares clocks if that was done longer ago than `age`: for hosts where nobody can
    /// [follow](Registry::follow).
    ///
    /// # Errors
    /// The control database is away; the last snapshot serves on.
    pub async fn renew(&self, age: Duration) -> Result<(), RegistryError> {
        if !self.snapshot.borrow().is_older_than(age) {
            return Ok(());
        }
        in_time(self.clock.compare(&self.control)).await?;
        self.refresh().await
    }

    /// Whether the control database answers, for readiness.
    ///
    /// # Errors
    /// It doesn't.
    pub async fn check(&self) -> Result<(), RegistryError> {
        in_time(async { self.control.acquire().await.map(drop) }).await?;
        Ok(())
    }
}

/// A server that is away without a word is away too.
async fn in_time<T>(reading: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    timeout(READ, reading).await.unwrap_or_else(|elapsed| Err(sqlx::Error::Io(elapsed.into())))
}

async fn read(control: &PgPool) -> sqlx::Result<Snapshot> {
    in_time(read_whole(control)).await
}

async fn read_whole(control: &PgPool) -> sqlx::Result<Snapshot> {
    let read_at = SystemTime::now();
    let keys = store::signing_keys(control).await?;
    let mut snapshot = Snapshot { keys, read_at: Some(read_at), ..Snapshot::default() };
    for workspace in store::ready_workspaces(control).await? {
        let workspace = Arc::new(workspace);
        snapshot.by_handle.insert(workspace.handle.to_string(), workspace.clone());
        snapshot.by_id.insert(workspace.id.clone(), workspace);
    }
    Ok(snapshot)
}
