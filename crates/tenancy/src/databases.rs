//! The way to each workspace's database: small pools made at first use, closed when idle, and together never more
//! connections than a process may have.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::WorkspaceId;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::{Registry, Workspace, registry::Snapshot};

/// A connection unused for 15 s is closed by then. Pools look for unused ones no oftener than connections may be unused, so
/// one is closed at an age between this and twice this.
const UNUSED: Duration = Duration::from_secs(7);
/// Waiting longer than this for a connection answers 503.
const ACQUIRE: Duration = Duration::from_secs(1);
/// Room may come without anybody saying so: a connection that ends by itself.
const LOOK: Duration = Duration::from_millis(50);

/// What the server itself ends, also for a client that is no longer there to ask; and plans made for what is asked now:
/// one that is kept from when a table was empty reads all of it when it is large.
const SETTINGS: [(&str, &str); 5] = [
    ("plan_cache_mode", "force_custom_plan"),
    ("statement_timeout", "15s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "15s"),
    ("tcp_keepalives_idle", "10"),
];

/// A way to a server on which nothing lasts for ever.
#[must_use]
pub fn limited(server: PgConnectOptions) -> PgConnectOptions {
    server.options(SETTINGS)
}

/// How to reach workspace databases as one of the fleet's roles.
#[derive(Clone, Debug)]
pub struct DatabasesConfig {
    /// Server, role and password; the database is chosen per workspace.
    pub server: PgConnectOptions,
    /// The role's most connections to one workspace, from this process.
    pub per_workspace: u32,
    /// Its most connections to all of them together; at least `per_workspace`.
    pub total: u32,
    /// The schema version that this program was built for.
    pub schema_version: i32,
}

/// Why there is no way to a workspace's database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The workspace's schema is not the one that this program serves.
    #[error("the workspace's database has schema {found}, this program serves {served}")]
    SchemaVersion {
        /// In the registry.
        found: i32,
        /// By this program.
        served: i32,
    },
    /// Every connection that this process may have is in use, and none came free in time.
    #[error("all connections to databases are in use; try again")]
    Busy,
}

/// Pools by workspace.
#[derive(Debug)]
pub struct Databases {
    config: DatabasesConfig,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    pools: HashMap<WorkspaceId, Entry>,
    /// Connections of pools that are being closed.
    closing: u32,
}

#[derive(Debug)]
struct Entry {
    pool: PgPool,
    leases: u32,
    used_at: Instant,
}

/// The use of a workspace's pool, for one request or batch: it works with one connection at a time.
#[derive(Debug)]
pub struct Lease {
    databases: Arc<Databases>,
    workspace: WorkspaceId,
    pool: PgPool,
}

impl Deref for Lease {
    type Target = PgPool;

    fn deref(&self) -> &PgPool {
        &self.pool
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.databases.state();
        if let Some(entry) = state.pools.get_mut(&self.workspace) {
            entry.leases = entry.leases.saturating_sub(1);
            entry.used_at = Instant::now();
        }
        drop(state);
        self.databases.freed.notify_waiters();
    }
}

/// What came of asking for a lease.
enum Asked {
    Leased(PgPool),
    /// There is room once this pool is closed.
    Close(PgPool, u32),
    Full,
}

impl Entry {
    /// The connections that this pool may come to, with so many leases more, before anybody leases it again.
    fn may_reach(&self, more: u32, per_workspace: u32) -> u32 {
        let size = self.pool.size();
        let busy = size.saturating_sub(u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX));
        size.max(busy + self.leases + more).min(per_workspace)
    }
}

impl Databases {
    /// No connection is made yet.
    #[must_use]
    pub fn new(config: DatabasesConfig) -> Arc<Self> {
        let server = limited(config.server);
        let config = DatabasesConfig { server, total: config.total.max(config.per_workspace), ..config };
        Arc::new(Self { config, state: Mutex::default(), freed: Notify::new() })
    }

    /// Closes the pools of workspaces that leave the registry, until `shutdown`.
    pub async fn follow(self: Arc<Self>, registry: Registry, shutdown: CancellationToken) {
        let mut snapshots = registry.subscribe();
        while let Some(Ok(())) = shutdown.run_until_cancelled(snapshots.changed()).await {
            let snapshot = snapshots.borrow_and_update().clone();
            shutdown.run_until_cancelled(self.retain(&snapshot)).await;
        }
    }

    /// Closes the pools of all workspaces but these.
    async fn retain(self: &Arc<Self>, snapshot: &Snapshot) {
        self.close_those(|id| !snapshot.contains(id)).await;
    }

    /// Closes every pool and waits until its connections are back.
    pub async fn close(self: &Arc<Self>) {
        self.close_those(|_| true).await;
    }

    async fn close_those(self: &Arc<Self>, which: impl Fn(&WorkspaceId) -> bool) {
        let gone: Vec<(PgPool, u32)> = {
            let mut state = self.state();
            let gone: Vec<PgPool> = state.pools.extract_if(|id, _| which(id)).map(|(_, entry)| entry.pool).collect();
            gone.into_iter().map(|pool| (pool.clone(), state.count_closing(&pool))).collect()
        };
        for (pool, connections) in gone {
            self.close_pool(pool, connections).await;
        }
    }

    /// The use of a workspace's pool; it connects at first use. Where all connections are taken, the pool that nobody has
    /// used for longest makes room.
    ///
    /// # Errors
    /// The workspace's schema version is out of range, or there is no room in a second.
    pub async fn lease(self: &Arc<Self>, workspace: &Workspace) -> Result<Lease, DatabaseError> {
        let (found, served) = (workspace.schema_version, self.config.schema_version);
        if found != served {
            return Err(DatabaseError::SchemaVersion { found, served });
        }
        let deadline = Instant::now() + ACQUIRE;
        loop {
            let freed = self.freed.notified();
            let asked = self.state().ask(&workspace.id, &self.config);
            match asked {
                Asked::Leased(pool) => {
                    return Ok(Lease { databases: self.clone(), workspace: workspace.id.clone(), pool });
                }
                Asked::Close(pool, connections) => self.close_pool(pool, connections).await,
                Asked::Full if Instant::now() >= deadline => return Err(DatabaseError::Busy),
                Asked::Full => {
                    let look = deadline.min(Instant::now() + LOOK);
                    let _ = timeout_at(look, freed).await;
                }
            }
        }
    }

    /// Its connections count until they are closed, also if whoever asked hangs up meanwhile.
    async fn close_pool(self: &Arc<Self>, pool: PgPool, connections: u32) {
        let databases = self.clone();
        let closing = tokio::spawn(async move {
            pool.close().await;
            databases.state().closing -= connections;
            databases.freed.notify_waiters();
        });
        let _ = closing.await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn ask(&mut self, id: &WorkspaceId, config: &DatabasesConfig) -> Asked {
        self.pools.retain(|other, entry| other == id || entry.leases > 0 || entry.pool.size() > 0);
        let entry = self.pools.entry(id.clone()).or_insert_with(|| Entry {
            pool: connect(id, config),
            leases: 0,
            used_at: Instant::now(),
        });
        let wanted = entry.may_reach(1, config.per_workspace);
        let others = self.pools.iter().filter(|(other, _)| *other != id);
        let taken: u32 = others.map(|(_, entry)| entry.may_reach(0, config.per_workspace)).sum();
        if wanted + taken + self.closing <= config.total {
            let Some(entry) = self.pools.get_mut(id) else { return Asked::Full };
            entry.leases += 1;
            return Asked::Leased(entry.pool.clone());
        }
        let unused = self.pools.iter().filter(|(other, entry)| *other != id && entry.leases == 0);
        let Some(oldest) = unused.min_by_key(|(_, entry)| entry.used_at).map(|(other, _)| other.clone()) else {
            return Asked::Full;
        };
        let Some(entry) = self.pools.remove(&oldest) else { return Asked::Full };
        let connections = self.count_closing(&entry.pool);
        Asked::Close(entry.pool, connections)
    }

    fn count_closing(&mut self, pool: &PgPool) -> u32 {
        let connections = pool.size();
        self.closing += connections;
        connections
    }
}

fn connect(id: &WorkspaceId, config: &DatabasesConfig) -> PgPool {
    PgPoolOptions::new()
        .max_connections(config.per_workspace)
        .idle_timeout(UNUSED)
        .acquire_timeout(ACQUIRE)
        .connect_lazy_with(config.server.clone().database(&id.database()))
}
