//! Access tokens: JWTs (RFC 7519) signed with Ed25519 (RFC 8037), valid in one workspace, for minutes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use domain::{SessionId, UserId, WorkspaceId};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use tenancy::Registry;

/// Seconds that an access token is valid.
pub const LIFETIME_SECONDS: u64 = 600;
/// Seconds that the signer's and the verifier's idea of the registry's clock may differ.
const LEEWAY_SECONDS: u64 = 10;
/// A longer token is not looked at.
const MAX_TOKEN_BYTES: usize = 4_096;
/// The `iss` of our own.
pub(crate) const ISSUER: &str = "threadly";

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Always `threadly`.
    pub iss: String,
    /// The workspace's id.
    pub aud: String,
    /// The person.
    pub sub: UserId,
    /// The session; its row can be revoked.
    pub sid: SessionId,
    /// Issued at, seconds since 1970.
    pub iat: u64,
    /// Ends at, seconds since 1970.
    pub exp: u64,
}

/// Why a token is worth nothing here. Clients need only know whether to refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// No token.
    #[error("an access token is needed")]
    Missing,
    /// Not a token that this workspace's `auth` has signed for it.
    #[error("the access token is not valid here")]
    Invalid,
    /// It was valid once.
    #[error("the access token has expired")]
    Expired,
}

/// Signs tokens; held by `auth` alone.
pub struct Signer {
    kid: String,
    public_key: [u8; 32],
    key: EncodingKey,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A token could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The key was refused.
    #[error("the signing key is unusable")]
    Key,
    /// The token was refused.
    #[error("the token can't be signed: {0}")]
    Token(#[from] jsonwebtoken::errors::Error),
}

impl Signer {
    /// The key id is the RFC 7638 thumbprint, so that equal keys have equal ids.
    ///
    /// # Errors
    /// The key can't be encoded.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, SignError> {
        let key = SigningKey::from_bytes(seed);
        let public_key = key.verifying_key().to_bytes();
        let der = key.to_pkcs8_der().map_err(|_| SignError::Key)?;
        Ok(Self { kid: thumbprint(&public_key), public_key, key: EncodingKey::from_ed_der(der.as_bytes()) })
    }

    /// The id in each token's header.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What verifies the tokens; to be in the registry before the first is signed.
    #[must_use]
    pub fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    /// A token that is valid from now for [`LIFETIME_SECONDS`].
    ///
    /// # Errors
    /// The key is refused.
    pub fn sign(&self, workspace: &WorkspaceId, user: UserId, session: SessionId) -> Result<String, SignError> {
        self.sign_at(u64::try_from(Utc::now().timestamp()).unwrap_or_default(), workspace, user, session)
    }

    /// The same by another clock than this process's: `now` in seconds since 1970.
    ///
    /// # Errors
    /// The key is refused.
    pub fn sign_at(
        &self,
        now: u64,
        workspace: &WorkspaceId,
        user: UserId,
        session: SessionId,
    ) -> Result<String, SignError> {
        self.sign_claims(&Claims {
            iss: ISSUER.to_owned(),
            aud: workspace.to_string(),
            sub: user,
            sid: session,
            iat: now,
            exp: now + LIFETIME_SECONDS,
        })
    }

    /// A token with exactly these claims.
    ///
    /// # Errors
    /// The key is refused.
    pub fn sign_claims(&self, claims: &Claims) -> Result<String, SignError> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        Ok(jsonwebtoken::encode(&header, claims, &self.key)?)
    }
}

/// What a signer says to itself: kept by somebody else meanwhile, who can read it and not change it.
#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    iss: String,
    /// Never a workspace's id, so that it is no access token.
    aud: String,
    exp: u64,
    data: T,
}

impl Signer {
    /// A statement for `audience`, good until `ends` (seconds since 1970).
    ///
    /// # Errors
    /// The key is refused.
    pub fn seal<T: Serialize>(&self, audience: &str, ends: u64, data: &T) -> Result<String, SignError> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let sealed = Sealed { iss: ISSUER.to_owned(), aud: audience.to_owned(), exp: ends, data };
        Ok(jsonwebtoken::encode(&header, &sealed, &self.key)?)
    }

    /// What this signer has said for `audience`, if it is still good; nothing otherwise.
    #[must_use]
    pub fn unseal<T: DeserializeOwned>(&self, audience: &str, now: u64, text: &str) -> Option<T> {
        check_length(text).ok()?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.validate_exp = false;
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[audience]);
        rules.set_required_spec_claims(&["iss", "aud", "exp"]);
        let key = DecodingKey::from_ed_der(&self.public_key);
        let sealed = jsonwebtoken::decode::<Sealed<T>>(text, &key, &rules).ok()?.claims;
        (now < sealed.exp).then_some(sealed.data)
    }
}

/// An RFC 8037 JSON Web Key.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PublicJwk {
    /// `OKP`.
    pub kty: &'static str,
    /// `Ed25519`.
    pub crv: &'static str,
    /// `EdDSA`.
    pub alg: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The key's id.
    pub kid: String,
    /// The key, base64url.
    pub x: String,
}

impl PublicJwk {
    /// A key of the registry.
    #[must_use]
    pub fn new(kid: String, public_key: &[u8]) -> Self {
        Self { kty: "OKP", crv: "Ed25519", alg: "EdDSA", usage: "sig", kid, x: URL_SAFE_NO_PAD.encode(public_key) }
    }
}

fn thumbprint(public_key: &[u8; 32]) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, URL_SAFE_NO_PAD.encode(public_key));
    URL_SAFE_NO_PAD.encode(Sha256::digest(members))
}

/// No longer than any token is.
pub(crate) fn check_length(token: &str) -> Result<(), Unauthenticated> {
    if token.len() <= MAX_TOKEN_BYTES { Ok(()) } else { Err(Unauthenticated::Invalid) }
}

/// The key that the token names, and its id: one of the registry only.
pub(crate) fn key(registry: &Registry, token: &str) -> Result<(String, Vec<u8>), Unauthenticated> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Unauthenticated::Invalid)?;
    let kid = header.kid.ok_or(Unauthenticated::Invalid)?;
    let key = registry.signing_key(&kid).ok_or(Unauthenticated::Invalid)?;
    Ok((kid, key))
}

/// What the token says, signed with this key (EdDSA only) for this workspace. It may have ended.
pub(crate) fn check_signature(key: &[u8], workspace: &WorkspaceId, token: &str) -> Result<Claims, Unauthenticated> {
    let mut rules = Validation::new(Algorithm::EdDSA);
    // By the registry's clock, in `check_end`: this process's own may be wrong.
    rules.validate_exp = false;
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[workspace.as_str()]);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    let data = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_ed_der(key), &rules);
    Ok(data.map_err(|_| Unauthenticated::Invalid)?.claims)
}

/// Whether the token has not ended yet.
pub(crate) fn check_end(registry: &Registry, claims: &Claims) -> Result<(), Unauthenticated> {
    let ended = claims.exp.saturating_add(LEEWAY_SECONDS) < registry.clock().now_seconds();
    if ended { Err(Unauthenticated::Expired) } else { Ok(()) }
}
