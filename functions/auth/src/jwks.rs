//! The public keys, for verifiers outside of Threadly; its own read the registry.

use access::token::PublicJwk;
use axum::extract;
use function_host::{Problem, extract::Stranger};
use serde::Serialize;
use utoipa::ToSchema;

use crate::State;

/// A JSON Web Key Set (RFC 7517).
#[derive(Serialize, ToSchema)]
pub(crate) struct Jwks {
    keys: Vec<PublicJwk>,
}

/// The keys that verify this workspace's access tokens. Check `aud` too: other workspaces' tokens have the same keys.
#[utoipa::path(
    get, path = "/w/{handle}/v1/auth/jwks", operation_id = "getJwks", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")),
    responses(
        (status = 200, body = Jwks),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_jwks(extract::State(auth): extract::State<State>, _stranger: Stranger) -> axum::Json<Jwks> {
    let keys = auth.services.registry.signing_keys();
    let mut keys: Vec<PublicJwk> = keys.into_iter().map(|(kid, key)| PublicJwk::new(kid, &key)).collect();
    keys.sort_by(|a, b| a.kid.cmp(&b.kid));
    axum::Json(Jwks { keys })
}
