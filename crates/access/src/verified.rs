//! Tokens that were verified before: checking a signature costs more than most of a request's other work together. What
//! may change between two uses is looked at each time: the end of the token, the key in the registry, the workspace
//! asked. (Whether the session still lives is never the token's to say, but the facts'.)

use std::{sync::Arc, time::Duration};

use domain::WorkspaceId;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use tenancy::Registry;

use crate::token::{self, Claims, LIFETIME_SECONDS, Unauthenticated};

/// Tokens that are kept, at about half a KiB each.
const CAPACITY: u64 = 20_000;

/// A token that a key of the registry has signed for a workspace.
#[derive(Debug)]
struct Known {
    workspace: WorkspaceId,
    kid: String,
    key: Vec<u8>,
    claims: Claims,
}

/// Clones share what they know. Tokens themselves are not kept, only their digests.
#[derive(Clone, Debug)]
pub(crate) struct Verified(Cache<[u8; 32], Arc<Known>>);

impl Verified {
    pub(crate) fn new() -> Self {
        let kept = Duration::from_secs(LIFETIME_SECONDS);
        Self(Cache::builder().max_capacity(CAPACITY).time_to_live(kept).build())
    }

    /// What a token says, if it is good for this workspace now.
    pub(crate) fn claims(
        &self,
        registry: &Registry,
        workspace: &WorkspaceId,
        token: &str,
    ) -> Result<Claims, Unauthenticated> {
        token::check_length(token)?;
        let digest = Sha256::digest(token).into();
        if let Some(known) = self.0.get(&digest).filter(|known| known.is_of(registry, workspace)) {
            token::check_end(registry, &known.claims)?;
            return Ok(known.claims.clone());
        }
        let (kid, key) = token::key(registry, token)?;
        let claims = token::check_signature(&key, workspace, token)?;
        token::check_end(registry, &claims)?;
        self.0.insert(digest, Arc::new(Known { workspace: workspace.clone(), kid, key, claims: claims.clone() }));
        Ok(claims)
    }
}

impl Known {
    fn is_of(&self, registry: &Registry, workspace: &WorkspaceId) -> bool {
        self.workspace == *workspace && registry.signing_key(&self.kid).is_some_and(|key| key == self.key)
    }
}
