//! One-time sign-in links for first owners, made through `auth`'s own database login.

use std::{fmt, sync::Arc};

use anyhow::Context as _;
use auth::first_owner::{self, LIFETIME, Progress};
use domain::WorkspaceId;
use futures::{FutureExt as _, future::BoxFuture};
use operator::kubernetes::{OwnerLink, OwnerLinks, OwnerState};

use tenancy::{Databases, Lease, Registry, Workspace};

/// The first owners' links, for the operator.
#[derive(Clone)]
pub struct FirstOwners {
    registry: Registry,
    /// By `auth`'s own login.
    databases: Arc<Databases>,
    base: String,
}

impl FirstOwners {
    /// Links begin with `base`.
    #[must_use]
    pub const fn new(registry: Registry, databases: Arc<Databases>, base: String) -> Self {
        Self { registry, databases, base }
    }

    /// A workspace that is served here, and the way to its database.
    async fn workspace(&self, id: &WorkspaceId) -> anyhow::Result<(Arc<Workspace>, Lease)> {
        let workspace = self.registry.by_id(id).context("it is not served here")?;
        let pool = self.databases.lease(&workspace).await?;
        Ok((workspace, pool))
    }

    async fn look(&self, id: &WorkspaceId) -> anyhow::Result<OwnerState> {
        let (workspace, pool) = self.workspace(id).await?;
        let progress = first_owner::progress(&pool, &workspace).await?;
        Ok(OwnerState {
            email: workspace.owner_email.clone(),
            emailed: progress == Progress::Emailed,
            accepted: progress == Progress::In,
        })
    }

    async fn make(&self, id: &WorkspaceId) -> anyhow::Result<OwnerLink> {
        let (workspace, pool) = self.workspace(id).await?;
        let ticket = first_owner::invite(&pool, &self.registry, &workspace).await?;
        let url = link(&self.base, workspace.handle.as_str(), &ticket);
        Ok(OwnerLink { url, email: workspace.owner_email.clone(), lifetime: LIFETIME })
    }
}

impl fmt::Debug for FirstOwners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstOwners").field("base", &self.base).finish_non_exhaustive()
    }
}

impl OwnerLinks for FirstOwners {
    fn state<'a>(&'a self, id: &'a WorkspaceId) -> BoxFuture<'a, Result<OwnerState, String>> {
        self.look(id).map(|state| state.map_err(|error| format!("{error:#}"))).boxed()
    }

    fn link<'a>(&'a self, id: &'a WorkspaceId) -> BoxFuture<'a, Result<OwnerLink, String>> {
        self.make(id).map(|link| link.map_err(|error| format!("{error:#}"))).boxed()
    }
}

/// A link's text. The ticket stands behind `#`, which browsers send to nobody.
#[must_use]
pub fn link(base: &str, handle: &str, ticket: &auth::Token) -> String {
    format!("{base}/w/{handle}/#ticket={}", ticket.expose())
}
