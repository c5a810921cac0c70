//! One-time sign-in links for the owners: for `status.json` one per workspace and start, and for the operator whenever it
//! asks.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use anyhow::Context as _;
use domain::{Role, WorkspaceId};
use function_host::Services;
use futures::{FutureExt as _, future::BoxFuture};
use operator::kubernetes::{OwnerLink, OwnerLinks, OwnerState};
use sqlx::PgPool;
use tenancy::Workspace;

/// A link that nobody used by then is void.
const LIFETIME: Duration = Duration::from_hours(24);
/// The same in a cluster, where it waits in a Secret until somebody gets to it.
const LIFETIME_IN_CLUSTER: Duration = Duration::from_hours(7 * 24);

/// Makes links through `auth`'s own database login; none in a cluster, where they are in Secrets.
pub struct Links {
    auth: Option<Services>,
    base: String,
    /// By workspace: for which owner, and the link.
    made: HashMap<WorkspaceId, (String, String)>,
}

impl Links {
    pub fn new(auth: Option<Services>, base: String) -> Self {
        Self { auth, base, made: HashMap::new() }
    }

    /// Whether there are any at all.
    pub fn are_made(&self) -> bool {
        self.auth.is_some()
    }

    /// New links are made when they are asked for again; the old ones go on until they are used or void.
    pub fn forget(&mut self) {
        self.made.clear();
    }

    /// The page of a workspace.
    pub fn page(&self, handle: &str) -> String {
        page(&self.base, handle)
    }

    /// The link of a workspace's owner; the ticket stands behind `#`, which browsers send to nobody.
    pub async fn sign_in(&mut self, id: &WorkspaceId) -> Option<String> {
        let auth = self.auth.as_ref()?;
        let workspace = auth.registry.by_id(id)?;
        if let Some((_, link)) = self.made.get(id).filter(|(owner, _)| *owner == workspace.owner_email) {
            return Some(link.clone());
        }
        let issued = async {
            let pool = auth.databases.pool(&workspace)?;
            anyhow::Ok(auth::tickets::issue(&pool, &workspace.owner_email, Role::Owner, LIFETIME).await?)
        };
        match issued.await {
            Ok(ticket) => {
                let link = link(&self.base, &workspace, &ticket);
                self.made.insert(id.clone(), (workspace.owner_email.clone(), link.clone()));
                Some(link)
            }
            Err(error) => {
                tracing::warn!(workspace = %id, %error, "no sign-in link for the owner");
                None
            }
        }
    }
}

/// The first owners' links, for the operator.
#[derive(Clone)]
pub struct FirstOwners {
    auth: Services,
    base: String,
}

impl FirstOwners {
    pub fn new(auth: Services, base: String) -> Self {
        Self { auth, base }
    }

    /// A workspace that is served here, and the way to its database.
    fn workspace(&self, id: &WorkspaceId) -> anyhow::Result<(Arc<Workspace>, PgPool)> {
        let workspace = self.auth.registry.by_id(id).context("it is not served here")?;
        let pool = self.auth.databases.pool(&workspace)?;
        Ok((workspace, pool))
    }

    async fn look(&self, id: &WorkspaceId) -> anyhow::Result<OwnerState> {
        let (workspace, pool) = self.workspace(id)?;
        let accepted = auth::tickets::owner_is_in(&pool, &workspace.owner_email).await?;
        Ok(OwnerState { email: workspace.owner_email.clone(), accepted })
    }

    async fn make(&self, id: &WorkspaceId) -> anyhow::Result<OwnerLink> {
        let (workspace, pool) = self.workspace(id)?;
        let email = workspace.owner_email.clone();
        let ticket = auth::tickets::issue(&pool, &email, Role::Owner, LIFETIME_IN_CLUSTER).await?;
        Ok(OwnerLink { url: link(&self.base, &workspace, &ticket), email, lifetime: LIFETIME_IN_CLUSTER })
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

fn page(base: &str, handle: &str) -> String {
    format!("{base}/w/{handle}/")
}

/// The ticket stands behind `#`, which browsers send to nobody.
fn link(base: &str, workspace: &Workspace, ticket: &auth::Token) -> String {
    format!("{}#ticket={}", page(base, workspace.handle.as_str()), ticket.expose())
}
