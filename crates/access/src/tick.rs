//! Tick tokens: how a function knows that it is the clock that asks. JWTs (RFC 7519) signed with HMAC-SHA256 under a key
//! that the clock and the fleet's functions share, for one function, workspace and purpose.

use chrono::Utc;
use domain::WorkspaceId;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// Seconds that a token is valid. Long, since clocks may be off and a tick that is replayed does no harm.
const LIFETIME_SECONDS: i64 = 2 * 60 * 60;

/// What a tick asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TickClaims {
    /// `tick:{function}`.
    aud: String,
    /// Whose work it is about.
    #[serde(rename = "sub")]
    pub workspace: WorkspaceId,
    /// What is to be done.
    pub purpose: String,
    exp: i64,
}

/// Signs and verifies ticks.
#[derive(Clone)]
pub struct TickKey {
    sign: EncodingKey,
    verify: DecodingKey,
}

impl std::fmt::Debug for TickKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TickKey(…)")
    }
}

impl TickKey {
    /// Of the purpose key's bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self { sign: EncodingKey::from_secret(bytes), verify: DecodingKey::from_secret(bytes) }
    }

    /// A token that asks `function` to do the work of `purpose` for a workspace.
    ///
    /// # Errors
    /// None in practice: every claim serializes.
    pub fn token(
        &self,
        function: &str,
        workspace: &WorkspaceId,
        purpose: &str,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = TickClaims {
            aud: audience(function),
            workspace: workspace.clone(),
            purpose: purpose.to_owned(),
            exp: Utc::now().timestamp() + LIFETIME_SECONDS,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.sign)
    }

    /// What a token asks of `function`; `None` if it asks nothing of it.
    #[must_use]
    pub fn verify(&self, function: &str, token: &str) -> Option<TickClaims> {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_audience(&[audience(function)]);
        rules.set_required_spec_claims(&["exp", "aud", "sub"]);
        jsonwebtoken::decode(token, &self.verify, &rules).ok().map(|token| token.claims)
    }
}

fn audience(function: &str) -> String {
    format!("tick:{function}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_is_for_one_function_and_key() {
        let (key, other) = (TickKey::from_bytes(&[1; 32]), TickKey::from_bytes(&[2; 32]));
        let workspace: WorkspaceId = "aaaaaaaaaaaa".parse().unwrap();
        let token = key.token("auth", &workspace, "outbox").unwrap();
        let claims = key.verify("auth", &token).unwrap();
        assert_eq!((claims.workspace, claims.purpose.as_str()), (workspace, "outbox"));
        assert_eq!(key.verify("directory", &token), None);
        assert_eq!(other.verify("auth", &token), None);
        assert_eq!(key.verify("auth", ""), None);
    }
}
