//! What a function works with.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use access::{Access, tick::TickKey};
use event_log::{EventLog, Relay, range::RangeReader};
use futures::FutureExt;
use issuers::Issuers;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tenancy::{Databases, Lease, Registry, RegistryError, Workspace, credentials::LoginRole, databases};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{HostConfig, Problem, client::TrustedProxies, config::FacingArgs, problem::is_away, rates::Rates};

/// One listens; the others are for what is due.
const CONTROL_CONNECTIONS: u32 = 4;

/// First and longest wait for a control database that is away at the start.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// The shared parts of the house, connected. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Services {
    /// Which workspaces there are.
    pub registry: Registry,
    /// The way to their databases.
    pub databases: Arc<Databases>,
    /// How the clock is known.
    pub tick_key: TickKey,
    /// Whose word on a client's address is taken.
    pub proxies: TrustedProxies,
    /// How often callers may ask.
    pub rates: Rates,
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
    /// Connects `function` as `login`, waiting for a control database that is away, and follows the registry until
    /// `shutdown`.
    ///
    /// # Errors
    /// The control database refuses, or a setting is unusable.
    pub async fn connect(
        config: &HostConfig,
        function: &'static str,
        login: LoginRole,
        shutdown: CancellationToken,
    ) -> anyhow::Result<Self> {
        let server = databases::limited(config.server(login)?.database(&config.control_database));
        let registry = registry(server).await?;
        let log = EventLog::connect(config.kafka()?)?;
        let issuers = Issuers::new(config.issuers.fetcher()?);
        let databases = Databases::new(config.databases(login)?);
        let tick_key = TickKey::from_bytes(config.tick_key.expose());
        let services = Self::assemble(function, tick_key, registry, databases, log.clone(), issuers, shutdown.clone());
        let services = services.facing(&config.facing);
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
    pub fn assemble(
        function: &'static str,
        tick_key: TickKey,
        registry: Registry,
        databases: Arc<Databases>,
        log: EventLog,
        issuers: Issuers,
        shutdown: CancellationToken,
    ) -> Self {
        let tasks = TaskTracker::new();
        let parts = (log.clone(), registry.clone(), databases.clone(), tasks.clone(), shutdown.clone());
        let services = Self {
            access: Access::new(registry.clone(), databases.clone(), issuers),
            relay: Relay::new(function, parts.0, parts.1, parts.2, parts.3, parts.4),
            ranges: Arc::new(RangeReader::new(log.config())),
            tick_key,
            proxies: TrustedProxies::default(),
            rates: Rates::default(),
            registry,
            databases,
            log,
            shutdown,
            tasks,
        };
        let follow = services.databases.clone().follow(services.registry.clone(), services.shutdown.clone());
        services.own("databases", follow);
        services.own("log", services.log.clone().watch(services.shutdown.clone()));
        services
    }

    /// The same for clients as `config` says: who may speak for them, and how often they may ask.
    #[must_use]
    pub fn facing(self, config: &FacingArgs) -> Self {
        let rates = Rates::new(config.requests_per_second);
        self.own("rates", rates.clone().forget(self.shutdown.clone()));
        Self { proxies: TrustedProxies::new(&config.trusted_proxies), rates, ..self }
    }

    /// Runs a task of the process's own, which watches `shutdown` itself. A panic is logged under its name.
    pub fn own(&self, task: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                tracing::error!(task, "a task panicked and is gone");
            }
        });
    }

    /// The use of a workspace's database, with one connection at a time.
    ///
    /// # Errors
    /// 503 `workspace-upgrading` if its schema is not served by this program, `database-busy` if all connections are in
    /// use.
    pub async fn pool(&self, workspace: &Workspace) -> Result<Lease, Problem> {
        Ok(self.databases.lease(workspace).await?)
    }
}

/// Reads the registry, as soon as its server answers.
async fn registry(server: PgConnectOptions) -> anyhow::Result<Registry> {
    let mut wait = BACK_OFF.0;
    loop {
        let control = PgPoolOptions::new()
            .max_connections(CONTROL_CONNECTIONS)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(server.clone());
        let loaded = async { Registry::load(control.await?).await };
        match loaded.await {
            Ok(registry) => return Ok(registry),
            Err(RegistryError::Unavailable(error)) if is_away(&error) && !is_a_setting(&error) => {
                tracing::warn!(%error, ?wait, "the control database does not answer yet");
            }
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(BACK_OFF.1);
    }
}

/// Whether only another setting would help.
fn is_a_setting(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Configuration(_) | sqlx::Error::Tls(_))
}
