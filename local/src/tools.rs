//! What the program's commands work with: the registry, the databases and the log, without serving anything.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use domain::Handle;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tenancy::{
    Databases, DatabasesConfig, Registry, Workspace,
    credentials::{LoginRole, RootKey},
    databases::limited,
};

use crate::{config::Config, secrets};

/// For the control database to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// The house's parts for a command.
pub struct Tools {
    /// The control database, as the admin.
    pub control: PgPool,
    /// Which workspaces there are.
    pub registry: Registry,
    /// The way to their databases, with the functions' grants.
    pub databases: Arc<Databases>,
}

impl Tools {
    /// Connects; makes nothing that is not there.
    pub async fn connect(config: &Config) -> anyhow::Result<Self> {
        let server: PgConnectOptions =
            config.postgres_url.parse().context("THREADLY_POSTGRES_URL is no postgres:// URL")?;
        let control = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(ANSWER)
            .connect_with(limited(server.clone()).database(&config.control_database))
            .await
            .context("the control database does not answer")?;
        let root = RootKey::from_bytes(secrets::roots(&config.data_dir)?.credentials);
        let login = LoginRole::Functions;
        let password = root.purpose(login.purpose()).login_password(login, 1);
        let databases = Databases::new(DatabasesConfig {
            server: server.username(login.name()).password(&password).application_name("threadly command"),
            per_workspace: 1,
            total: 4,
            schema_version: schema::workspace::VERSION,
        });
        Ok(Self { registry: Registry::load(control.clone()).await?, control, databases })
    }

    /// The workspace of a handle, or all of them.
    pub fn workspaces(&self, handle: Option<&Handle>) -> anyhow::Result<Vec<Arc<Workspace>>> {
        if let Some(handle) = handle {
            return Ok(vec![self.workspace(handle)?]);
        }
        let mut all: Vec<_> = self.registry.subscribe().borrow().workspaces().cloned().collect();
        all.sort_by(|a, b| a.handle.as_str().cmp(b.handle.as_str()));
        Ok(all)
    }

    /// The workspace of a handle.
    pub fn workspace(&self, handle: &Handle) -> anyhow::Result<Arc<Workspace>> {
        self.registry.by_handle(handle).with_context(|| format!("there is no workspace {handle}"))
    }
}
