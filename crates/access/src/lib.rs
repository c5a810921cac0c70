//! Who is asking, and may they: tokens verified locally, facts from a short cache, the decision from `domain::policy`.

mod facts;
mod outages;
mod store;
pub mod tick;
pub mod token;
mod verified;

use std::sync::Arc;

use domain::{
    ChannelId, SessionId, UserId,
    policy::{self, Action, Refusal},
};
use tenancy::{DatabaseError, Databases, Registry, Workspace};

use facts::{Facts, Freshness};
use token::{Claims, Unauthenticated};
use verified::Verified;

/// Somebody whose token was verified, in the workspace that it is valid in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The workspace asked.
    pub workspace: Arc<Workspace>,
    /// Who.
    pub user: UserId,
    /// On which device.
    pub session: SessionId,
    /// When the token ends, in seconds since 1970.
    pub expires_at: u64,
}

/// Why a caller may not.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The policy says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The facts can't be read.
    #[error("authorisation can't be decided now: {0}")]
    Unavailable(#[from] sqlx::Error),
    /// The workspace's database is not served by this program.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A stored word that this version doesn't know.
    #[error("a stored role or visibility is unreadable")]
    Unreadable(#[from] domain::roles::UnknownWord),
}

/// The one place where authorisation is decided. Clones share their caches.
#[derive(Clone, Debug)]
pub struct Access {
    registry: Registry,
    verified: Verified,
    facts: Facts,
}

impl Access {
    /// Facts are read through `databases`, with the grants of its role.
    #[must_use]
    pub fn new(registry: Registry, databases: Arc<Databases>) -> Self {
        Self { registry, verified: Verified::new(), facts: Facts::new(databases) }
    }

    /// Verifies an access token for one workspace.
    ///
    /// # Errors
    /// The token is missing, malformed, forged, expired, or of another workspace.
    pub fn authenticate(&self, workspace: Arc<Workspace>, token: &str) -> Result<Caller, Unauthenticated> {
        let Claims { sub, sid, exp, .. } = self.verified.claims(&self.registry, &workspace.id, token)?;
        Ok(Caller { workspace, user: sub, session: sid, expires_at: exp })
    }

    /// Decides on an action; `channel` is the one that the action names, if it names one.
    ///
    /// What grants may be as old as the cache; what refuses is read anew first, so that somebody let in a moment ago
    /// gets in.
    ///
    /// # Errors
    /// See [`Denied`].
    pub async fn authorise(&self, caller: &Caller, channel: Option<ChannelId>, action: Action) -> Result<(), Denied> {
        if !must_be_fresh(caller, action) {
            let outlast = matches!(action, Action::PostMessage);
            match self.decide(caller, channel, action, Freshness::Cached { outlast_outage: outlast }).await {
                Err(Denied::Refused(_)) => {}
                decided => return decided,
            }
        }
        self.decide(caller, channel, action, Freshness::Now).await
    }

    async fn decide(
        &self,
        caller: &Caller,
        channel: Option<ChannelId>,
        action: Action,
        freshness: Freshness,
    ) -> Result<(), Denied> {
        let person = self.facts.person(caller, freshness).await?.ok_or(Refusal::SessionRevoked)?;
        let channel = match channel {
            Some(id) => self.facts.channel(caller, id, freshness).await?,
            None => None,
        };
        Ok(policy::decide(&person, channel.as_ref(), action)?)
    }
}

/// Acts on others and on others' content always read Postgres.
fn must_be_fresh(caller: &Caller, action: Action) -> bool {
    match action {
        Action::DeleteMessage { author } => author != caller.user,
        Action::AddMember { .. } | Action::RemoveMember { .. } | Action::ChangeChannel => true,
        _ => false,
    }
}
