//! Who is asking, and may they: tokens verified locally, facts from a short cache, the decision from `domain::policy`.

pub mod api_token;
pub mod external;
mod facts;
mod outages;
mod store;
pub mod tick;
pub mod token;
mod verified;

use std::sync::Arc;

use domain::{
    ChannelId, SessionId, TeamId, UserId,
    policy::{self, Action, Person, Refusal, Target},
};
use tenancy::{DatabaseError, Databases, Registry, Workspace};

use api_token::ApiTokens;
use external::{External, Vouched};
use facts::{Facts, Freshness};
use issuers::Issuers;
use token::{Claims, Unauthenticated};
use verified::Verified;

/// Somebody whose token was verified, in the workspace that it is valid in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The workspace asked.
    pub workspace: Arc<Workspace>,
    /// Who.
    pub user: UserId,
    /// On which device, or by which API token.
    pub session: SessionId,
    /// When the token ends, in seconds since 1970.
    pub expires_at: u64,
}

/// What an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// The workspace, or its people.
    Workspace,
    /// A channel.
    Channel(ChannelId),
    /// A team.
    Team(TeamId),
}

impl From<ChannelId> for On {
    fn from(channel: ChannelId) -> Self {
        Self::Channel(channel)
    }
}

impl From<TeamId> for On {
    fn from(team: TeamId) -> Self {
        Self::Team(team)
    }
}

/// Why a caller may not.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The token is worth nothing here.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// A trusted issuer vouches for somebody who has not been here before.
    #[error("nobody here is who this token is about")]
    Stranger(Arc<Vouched>),
    /// A trusted issuer's keys can't be read.
    #[error("the token's issuer does not answer; try again")]
    IssuerUnavailable,
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
    api_tokens: ApiTokens,
    external: External,
    facts: Facts,
}

impl Access {
    /// Facts are read through `databases`, with the grants of its role.
    #[must_use]
    pub fn new(registry: Registry, databases: Arc<Databases>, issuers: Issuers) -> Self {
        let api_tokens = ApiTokens::new(databases.clone());
        let external = External::new(issuers, databases.clone());
        Self { registry, verified: Verified::new(), api_tokens, external, facts: Facts::new(databases) }
    }

    /// Outside issuers, for signing in there.
    #[must_use]
    pub fn issuers(&self) -> &Issuers {
        self.external.issuers()
    }

    /// Finds out whose token it is, in one workspace.
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`] if the token is missing, malformed, forged, expired, or of another workspace;
    /// [`Denied::Stranger`] at the first sight of whom a trusted issuer vouches for.
    pub async fn authenticate(&self, workspace: Arc<Workspace>, token: &str) -> Result<Caller, Denied> {
        if api_token::is_one(token) {
            let known = self.api_tokens.find(&workspace, token).await?;
            if known.expires_at <= self.registry.clock().now_seconds() {
                return Err(Unauthenticated::Expired.into());
            }
            return Ok(Caller { workspace, user: known.user, session: known.id, expires_at: known.expires_at });
        }
        let issuer = issuers::unverified_issuer(token).filter(|issuer| issuer != token::ISSUER);
        if let Some(issuer) = issuer {
            let vouched = self.external.verify(&self.registry, &workspace, &issuer, token).await?;
            let known = self.external.find(&workspace, &vouched).await?;
            let known = known.ok_or_else(|| Denied::Stranger(vouched.clone()))?;
            let expires_at = vouched.identity.expires_at;
            return Ok(Caller { workspace, user: known.user, session: known.session, expires_at });
        }
        let Claims { sub, sid, exp, .. } = self.verified.claims(&self.registry, &workspace.id, token)?;
        Ok(Caller { workspace, user: sub, session: sid, expires_at: exp })
    }

    /// Decides on an action; tells what is known of the caller if they may.
    ///
    /// What grants may be as old as the cache; what refuses is read anew first, so that somebody let in a moment ago
    /// gets in.
    ///
    /// # Errors
    /// See [`Denied`].
    pub async fn authorise(&self, caller: &Caller, on: impl Into<On>, action: Action) -> Result<Person, Denied> {
        let on = on.into();
        if !must_be_fresh(caller, action) {
            let outlast = matches!(action, Action::PostMessage);
            match self.decide(caller, on, action, Freshness::Cached { outlast_outage: outlast }).await {
                Err(Denied::Refused(_)) => {}
                decided => return decided,
            }
        }
        self.decide(caller, on, action, Freshness::Now).await
    }

    async fn decide(&self, caller: &Caller, on: On, action: Action, freshness: Freshness) -> Result<Person, Denied> {
        let person = self.facts.person(caller, freshness).await?.ok_or(Refusal::SessionRevoked)?;
        let target = match on {
            On::Workspace => Target::Workspace,
            On::Channel(id) => Target::Channel(self.facts.channel(caller, id, freshness).await?),
            On::Team(id) => Target::Team(self.facts.team(caller, id).await?),
        };
        policy::decide(&person, &target, action)?;
        Ok(person)
    }
}

/// Acts on others, on others' content and on what lets people in always read Postgres.
fn must_be_fresh(caller: &Caller, action: Action) -> bool {
    match action {
        Action::DeleteMessage { author } => author != caller.user,
        Action::AddMember { .. }
        | Action::RemoveMember { .. }
        | Action::ChangeMemberRole
        | Action::ChangeChannel
        | Action::ArchiveChannel
        | Action::ManageOwnAccount
        | Action::ManageInvitations
        | Action::Invite { .. }
        | Action::ChangeRole { .. }
        | Action::ManagePerson { .. }
        | Action::ErasePerson { .. }
        | Action::ManageBots
        | Action::MakeBotToken
        | Action::ChangeTeam
        | Action::AddTeamMember
        | Action::RemoveTeamMember { .. } => true,
        _ => false,
    }
}
