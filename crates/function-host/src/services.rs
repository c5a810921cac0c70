//! What a function works with.

use std::sync::Arc;

use access::Access;
use anyhow::Context;
use event_log::{EventLog, range::RangeReader};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tenancy::{Databases, Registry, Workspace, credentials::LoginRole};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{HostConfig, Problem, relay::Relay};

/// The shared parts of the house, connected. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Services {
    /// Which workspaces there are.
    pub registry: Registry,
    /// The way to their databases.
    pub databases: Arc<Databases>,
    /// Who may do what.
    pub access: Access,
    /// The writer's end of the log.
    pub log: EventLog,
    /// Reading pieces of the log again.
    pub ranges: Arc<RangeReader>,
    /// Telling the log what Postgres decided.
    pub relay: Relay,
    /// Cancelled when the process is asked to end.
    pub shutdown: CancellationToken,
    /// What outlives a request; waited for at the end, within a limit, so each watches `shutdown`.
    pub tasks: TaskTracker,
}

impl Services {
    /// Connects as `login` and follows the registry until `shutdown`.
    ///
    /// # Errors
    /// The control database is away, or a setting is unusable.
    pub async fn connect(config: &HostConfig, login: LoginRole, shutdown: CancellationToken) -> anyhow::Result<Self> {
        let control = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(std::time::Duration::from_secs(5))
            .connect_with(config.server(login)?.database(&config.control_database))
            .await
            .context("the control database does not answer")?;
        let registry = Registry::load(control).await?;
        tokio::spawn(registry.clone().follow(shutdown.clone()));
        let log = EventLog::connect(config.kafka())?;
        let warming = log.clone();
        tokio::spawn(async move {
            if let Err(error) = warming.warm().await {
                tracing::warn!(%error, "Kafka does not answer yet");
            }
        });
        let databases = Arc::new(Databases::new(config.databases(login)?));
        Ok(Self::assemble(registry, databases, log, shutdown))
    }

    /// Puts connected parts together; `relay` tries again until `shutdown`.
    #[must_use]
    pub fn assemble(registry: Registry, databases: Arc<Databases>, log: EventLog, shutdown: CancellationToken) -> Self {
        Self {
            access: Access::new(registry.clone(), databases.clone()),
            relay: Relay::start(log.clone(), databases.clone(), shutdown.clone()),
            ranges: Arc::new(RangeReader::new(log.config())),
            registry,
            databases,
            log,
            shutdown,
            tasks: TaskTracker::new(),
        }
    }

    /// The pool of a workspace.
    ///
    /// # Errors
    /// 503 `workspace-upgrading` if its schema is not served by this program.
    pub fn pool(&self, workspace: &Workspace) -> Result<PgPool, Problem> {
        Ok(self.databases.pool(workspace)?)
    }
}
