//! Signing in by a trusted issuer: OpenID Connect, authorization code with PKCE. What a sign-in needs to end is sealed and
//! kept by the browser that began it, so nothing is stored here meanwhile.

mod begin;
mod finish;
mod store;

use chrono::TimeDelta;
use domain::SessionId;
use function_host::Problem;
use issuers::{Issuer, SignInError};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use tenancy::{TrustedIssuer, Workspace};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{State, error::AuthError};

/// After this long an issuer is asked again: nobody tells when it stops to vouch for somebody.
const VOUCHED: TimeDelta = TimeDelta::days(7);

pub(crate) fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(begin::begin_sign_in)).routes(routes!(finish::finish_sign_in))
}

/// A sign-in that has begun, as its browser keeps it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Flow {
    issuer: String,
    redirect_uri: String,
    state: String,
    nonce: String,
    verifier: String,
}

/// Whom a sealed flow is for: the same workspace's auth, and nothing else that reads tokens.
fn audience(workspace: &Workspace) -> String {
    format!("sign-in:{}", workspace.id)
}

/// Refuses to renew a session whose issuer is not trusted any more, or has vouched for it too long ago.
pub(crate) async fn check_vouched(
    connection: &mut PgConnection,
    workspace: &Workspace,
    session: SessionId,
) -> Result<(), Problem> {
    let Some(vouched) = store::vouched(connection, session).await? else { return Ok(()) };
    if vouched.age > VOUCHED || trusted(workspace, &vouched.issuer).is_err() {
        return Err(AuthError::RefreshTokenExpired.into());
    }
    Ok(())
}

/// The issuer of this name by which the workspace's people sign in.
fn trusted<'a>(workspace: &'a Workspace, issuer: &str) -> Result<(&'a TrustedIssuer, Issuer), Problem> {
    let found = workspace.settings.issuers.iter().find(|trusted| trusted.issuer == issuer);
    let found = found.filter(|trusted| trusted.client_id.is_some());
    let none = || Problem::not_found("sign-in-not-offered", "nobody signs in to this workspace by this issuer");
    let trusted = found.ok_or_else(none)?;
    let settings = Issuer::try_from(trusted).map_err(|error| Problem::internal(&error))?;
    Ok((trusted, settings))
}

/// What whoever signs in is told; the cause may be about the issuer's network, and stays here.
fn refused(error: &SignInError) -> Problem {
    match error {
        SignInError::Unavailable(cause) => {
            tracing::warn!(%cause, "an issuer can't be asked");
            Problem::unavailable("issuer-unavailable", "the issuer does not answer; try again")
        }
        SignInError::NoClient | SignInError::NotOffered => {
            Problem::not_found("sign-in-not-offered", "nobody signs in to this workspace by this issuer")
        }
        error => {
            tracing::info!(%error, "a sign-in by an issuer is refused");
            let detail = "the issuer did not confirm this sign-in; begin again";
            Problem::new(axum::http::StatusCode::UNAUTHORIZED, "sign-in-refused", detail)
        }
    }
}
