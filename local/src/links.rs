//! One-time sign-in links for the owners: for `status.json` one per workspace and start.

use std::{collections::HashMap, time::Duration};

use domain::{Role, WorkspaceId};
use function_host::Services;
use threadly_operator::owners::link;

/// A link that nobody used by then is void.
const LIFETIME: Duration = Duration::from_hours(24);

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
        format!("{}/w/{handle}/", self.base)
    }

    /// The link of a workspace's owner; the ticket stands behind `#`, which browsers send to nobody.
    pub async fn sign_in(&mut self, id: &WorkspaceId) -> Option<String> {
        let auth = self.auth.as_ref()?;
        let workspace = auth.registry.by_id(id)?;
        if let Some((_, link)) = self.made.get(id).filter(|(owner, _)| *owner == workspace.owner_email) {
            return Some(link.clone());
        }
        let issued = async {
            let pool = auth.databases.lease(&workspace).await?;
            anyhow::Ok(auth::tickets::issue(&pool, &workspace.owner_email, Role::Owner, LIFETIME).await?)
        };
        match issued.await {
            Ok(ticket) => {
                let link = link(&self.base, workspace.handle.as_str(), &ticket);
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
