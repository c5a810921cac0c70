//! The way to each workspace's database: small pools made at first use, closed when idle.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::WorkspaceId;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio_util::sync::CancellationToken;

use crate::{Registry, Workspace, registry::Snapshot};

/// A connection unused for this long is closed.
const IDLE: Duration = Duration::from_secs(15);
/// Waiting longer than this for a connection answers 503.
const ACQUIRE: Duration = Duration::from_secs(1);

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
}

/// Pools by workspace.
#[derive(Debug)]
pub struct Databases {
    config: DatabasesConfig,
    pools: Mutex<HashMap<WorkspaceId, PgPool>>,
}

impl Databases {
    /// No connection is made yet.
    #[must_use]
    pub fn new(config: DatabasesConfig) -> Self {
        let server = limited(config.server);
        Self { config: DatabasesConfig { server, ..config }, pools: Mutex::default() }
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
    async fn retain(&self, snapshot: &Snapshot) {
        let gone: Vec<PgPool> = {
            let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
            pools.extract_if(|id, _| !snapshot.contains(id)).map(|(_, pool)| pool).collect()
        };
        for pool in gone {
            pool.close().await;
        }
    }

    /// The pool of a workspace; it connects at first use.
    ///
    /// # Errors
    /// The workspace's schema version is out of range.
    pub fn pool(&self, workspace: &Workspace) -> Result<PgPool, DatabaseError> {
        let (found, served) = (workspace.schema_version, self.config.schema_version);
        if found != served {
            return Err(DatabaseError::SchemaVersion { found, served });
        }
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(pools.entry(workspace.id.clone()).or_insert_with(|| self.connect(&workspace.id)).clone())
    }

    fn connect(&self, id: &WorkspaceId) -> PgPool {
        PgPoolOptions::new()
            .max_connections(self.config.per_workspace)
            .idle_timeout(IDLE)
            .acquire_timeout(ACQUIRE)
            .connect_lazy_with(self.config.server.clone().database(&id.database()))
    }

    /// Closes every pool and waits until its connections are back.
    pub async fn close(&self) {
        let pools: Vec<PgPool> = {
            let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
            pools.drain().map(|(_, pool)| pool).collect()
        };
        for pool in pools {
            pool.close().await;
        }
    }
}
