//! One-time sign-in links for the owners, one per workspace and start.

use std::collections::HashMap;

use domain::{Role, WorkspaceId};
use function_host::Services;

/// A link that nobody used by then is void.
const LIFETIME: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// Makes links through `auth`'s own database login.
pub struct Links {
    auth: Services,
    base: String,
    /// By workspace: for which owner, and the link.
    made: HashMap<WorkspaceId, (String, String)>,
}

impl Links {
    pub fn new(auth: Services, base: String) -> Self {
        Self { auth, base, made: HashMap::new() }
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
        let workspace = self.auth.registry.by_id(id)?;
        if let Some((_, link)) = self.made.get(id).filter(|(owner, _)| *owner == workspace.owner_email) {
            return Some(link.clone());
        }
        let issued = async {
            let pool = self.auth.databases.pool(&workspace)?;
            anyhow::Ok(auth::tickets::issue(&pool, &workspace.owner_email, Role::Owner, LIFETIME).await?)
        };
        match issued.await {
            Ok(ticket) => {
                let link =
                    format!("{}#ticket={ticket}", self.page(workspace.handle.as_str()), ticket = ticket.expose());
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
