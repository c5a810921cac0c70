//! Ending all of one's other sessions.

use axum::{extract, http::StatusCode};
use domain::policy::Action;
use function_host::{On, Problem, extract::Authenticated};

use crate::{State, session};

/// Signs all of one's other devices out.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/me/sessions", operation_id = "endOtherSessions", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")),
    responses(
        (status = 204, description = "The sessions have ended; others refuse their tokens within 5 seconds"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn end_other_sessions(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
) -> Result<StatusCode, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;

    let news = auth.services.relay.expect(&caller.workspace).await?;
    let mut transaction = auth.services.pool(&caller.workspace).await?.begin().await?;
    session::revoke_all(&mut transaction, caller.user, Some(caller.session)).await?;
    transaction.commit().await?;
    news.committed().await;
    Ok(StatusCode::NO_CONTENT)
}
