//! What a function works with.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use access::Access;
use anyhow::Context;
use event_log::{EventLog, range::RangeReader};
use futures::FutureExt;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tenancy::{Databases, Registry, Workspace, credentials::LoginRole, databases};
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
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(databases::limited(config.server(login)?.database(&config.control_database)))
            .await
            .context("the control database does not answer")?;
        let registry = Registry::load(control).await?;
        let log = EventLog::connect(config.kafka())?;
        let databases = Arc::new(Databases::new(config.databases(login)?));
        let services = Self::assemble(registry, databases, log.clone(), shutdown.clone());
        services.own("registry", services.registry.clone().follow(shutdown.clone()));
        services.own("warming", async move {
            if let Some(Err(error)) = shutdown.run_until_cancelled(log.warm()).await {
                tracing::warn!(%error, "Kafka does not answer yet");
            }
        });
        Ok(services)
    }

    /// Puts connected parts together; whoever calls follows the registry.
    #[must_use]
    pub fn assemble(registry: Registry, databases: Arc<Databases>, log: EventLog, shutdown: CancellationToken) -> Self {
        let tasks = TaskTracker::new();
        let services = Self {
            access: Access::new(registry.clone(), databases.clone()),
            relay: Relay::new(log.clone(), registry.clone(), databases.clone(), tasks.clone(), shutdown.clone()),
            ranges: Arc::new(RangeReader::new(log.config())),
            registry,
            databases,
            log,
            shutdown,
            tasks,
        };
        let follow = services.databases.clone().follow(services.registry.clone(), services.shutdown.clone());
        services.own("databases", follow);
        services
    }

    /// Runs a task of the process's own, which watches `shutdown` itself. A panic is logged under its name.
    pub fn own(&self, task: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                tracing::error!(task, "a task panicked and is gone");
            }
        });
    }

    /// The pool of a workspace.
    ///
    /// # Errors
    /// 503 `workspace-upgrading` if its schema is not served by this program.
    pub fn pool(&self, workspace: &Workspace) -> Result<PgPool, Problem> {
        Ok(self.databases.pool(workspace)?)
    }
}
