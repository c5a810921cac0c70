//! Where to send a browser that is to sign in by an issuer.

use axum::extract;
use function_host::{Json, Problem, extract::Stranger};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Flow, audience, refused, trusted};
use crate::State;

/// For the sign-in to end, in seconds.
const LIFETIME_SECONDS: u64 = 600;
/// Bytes of a redirect URI.
const MAX_REDIRECT_BYTES: usize = 512;

/// Who is to sign in where.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "issuer": "https://id.acme.example", "redirectUri": "https://talk.acme.example/signed-in"
}))]
pub(crate) struct BeginSignIn {
    /// One of `issuers` of the workspace's `meta` by which people sign in.
    #[schema(max_length = 512)]
    issuer: String,
    /// Where the issuer sends the browser back to; the issuer knows it.
    #[schema(max_length = 512)]
    redirect_uri: String,
}

/// A sign-in that has begun.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BegunSignIn {
    /// Where the browser goes.
    url: String,
    /// What it comes back with.
    state: String,
    /// To be kept by this browser alone until it comes back, for ten minutes.
    flow: String,
}

/// Begins a sign-in by an issuer (OpenID Connect, authorization code with PKCE).
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/issuers/begin", operation_id = "beginSignIn", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = BeginSignIn,
    responses(
        (status = 200, body = BegunSignIn),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn begin_sign_in(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    Json(body): Json<BeginSignIn>,
) -> Result<axum::Json<BegunSignIn>, Problem> {
    let (_, issuer) = trusted(&workspace, &body.issuer)?;
    if body.redirect_uri.len() > MAX_REDIRECT_BYTES {
        let detail = format!("a redirect URI has at most {MAX_REDIRECT_BYTES} bytes");
        return Err(Problem::unprocessable("redirect-uri-too-long", detail).at("redirectUri"));
    }
    let begun = auth.services.access.issuers().begin(&issuer, &body.redirect_uri).await;
    let begun = begun.map_err(|error| refused(&error))?;
    let flow = Flow {
        issuer: body.issuer,
        redirect_uri: body.redirect_uri,
        state: begun.state.clone(),
        nonce: begun.nonce,
        verifier: begun.verifier,
    };
    let sealed = auth.signer.seal(&audience(&workspace), auth.now() + LIFETIME_SECONDS, &flow);
    let flow = sealed.map_err(|error| Problem::internal(&error))?;
    Ok(axum::Json(BegunSignIn { url: begun.url, state: begun.state, flow }))
}
