//! Signing out.

use access::Denied;
use axum::{extract, http::StatusCode};
use domain::{
    TokenId,
    policy::{Action, Refusal},
};
use function_host::{On, Problem, extract::Authenticated};

use crate::{State, session, tokens};

/// Ends the session of the access token; an API token ends itself, whatever its scopes. A retry finds it ended, and is
/// answered the same.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/sign-out", operation_id = "signOut", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")),
    responses(
        (status = 204, description = "The session, or the API token, has ended; others refuse it within 5 seconds"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sign_out(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
) -> Result<StatusCode, Problem> {
    let me = match auth.services.access.authorise(&caller, On::Workspace, Action::UseWorkspace).await {
        Err(Denied::Refused(Refusal::SessionRevoked)) => return Ok(StatusCode::NO_CONTENT),
        decided => decided?,
    };

    let pool = auth.services.pool(&caller.workspace).await?;
    let news = auth.services.relay.expect(&caller.workspace).await?;
    let mut transaction = pool.begin().await?;
    if me.scopes.is_some() {
        tokens::end(&mut transaction, TokenId(caller.session.0), caller.user).await?;
    } else {
        session::revoke(&mut transaction, caller.session).await?;
    }
    transaction.commit().await?;
    news.committed().await;
    Ok(StatusCode::NO_CONTENT)
}
