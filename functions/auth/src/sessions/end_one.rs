//! Ending one of one's sessions.

use axum::{extract, http::StatusCode};
use domain::{SessionId, policy::Action};
use function_host::{On, Path, Problem, extract::Authenticated};
use serde::Deserialize;

use super::store;
use crate::{State, error::AuthError, session};

/// Which session.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionPath {
    session_id: SessionId,
}

/// Signs a device of one's own out, this one or another; does nothing if it is.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/me/sessions/{sessionId}", operation_id = "endOwnSession", tag = "auth",
    params(
        ("handle" = String, Path, description = "The workspace"),
        ("sessionId" = SessionId, Path, description = "The session"),
    ),
    responses(
        (status = 204, description = "The session has ended; others refuse its tokens within 5 seconds"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "`session-not-found`: one never had it"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn end_own_session(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<SessionPath>,
) -> Result<StatusCode, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;

    let pool = auth.services.pool(&caller.workspace).await?;
    if store::holder(&pool, path.session_id).await? != Some(caller.user) {
        return Err(AuthError::SessionNotFound.into());
    }
    let news = auth.services.relay.expect(&caller.workspace).await?;
    let mut transaction = pool.begin().await?;
    session::revoke(&mut transaction, path.session_id).await?;
    transaction.commit().await?;
    news.committed().await;
    Ok(StatusCode::NO_CONTENT)
}
