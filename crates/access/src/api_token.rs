//! API tokens: opaque, good until they end or are revoked. Only their digests are stored, so that no dump of the database
//! lets anybody in.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{SessionId, UserId, WorkspaceId};
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use tenancy::{Databases, Workspace};

use crate::{Denied, store, token::Unauthenticated};

/// What every token begins with, so that one that leaked is found by those who look for such.
pub const PREFIX: &str = "thr_";
/// Characters after the prefix: 32 random bytes in base64url.
const LENGTH: usize = 43;
/// Whose a token is never changes; whether it is good is a fact, read as other facts are.
const KEPT: Duration = Duration::from_mins(10);
const CAPACITY: u64 = 20_000;

/// Whether a text is to be read as an API token.
#[must_use]
pub fn is_one(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// A fresh token and the digest that is stored of it.
#[must_use]
pub fn make(random: [u8; 32]) -> (String, [u8; 32]) {
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
    let digest = digest(&token);
    (token, digest)
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Whose a token is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    /// In seconds since 1970.
    pub(crate) expires_at: u64,
}

/// Tokens seen before. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct ApiTokens {
    databases: Arc<Databases>,
    known: Cache<(WorkspaceId, [u8; 32]), Known>,
}

impl ApiTokens {
    pub(crate) fn new(databases: Arc<Databases>) -> Self {
        Self { databases, known: Cache::builder().max_capacity(CAPACITY).time_to_live(KEPT).build() }
    }

    /// Whose a token is; whether it is good still is not said here.
    pub(crate) async fn find(&self, workspace: &Workspace, token: &str) -> Result<Known, Denied> {
        if token.len() != PREFIX.len() + LENGTH {
            return Err(Unauthenticated::Invalid.into());
        }
        let key = (workspace.id.clone(), digest(token));
        if let Some(known) = self.known.get(&key) {
            return Ok(known);
        }
        let pool = self.databases.lease(workspace).await?;
        let found = store::api_token(&pool, &key.1).await?.ok_or(Unauthenticated::Invalid)?;
        let expires_at = u64::try_from(found.expires_at.timestamp()).unwrap_or_default();
        let known = Known { id: found.id, user: found.user, expires_at };
        self.known.insert(key, known);
        Ok(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_beginning_and_its_digest() {
        let (token, stored) = make([7; 32]);
        assert!(is_one(&token));
        assert_eq!(token.len(), PREFIX.len() + LENGTH);
        assert_eq!(digest(&token), stored);
        assert!(!is_one("eyJhbGciOiJFZERTQSJ9"));
    }
}
