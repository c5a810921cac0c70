//! Signing somebody out everywhere.

use axum::{extract, http::StatusCode};
use domain::policy::Action;
use function_host::{Path, Problem, extract::Authenticated};

use super::{PersonPath, ending};
use crate::State;

/// Ends every session of a person's, on all their devices; API tokens stay. They may sign in again.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/people/{userId}/sessions", operation_id = "deletePersonSessions", tag = "auth",
    params(PersonPath),
    responses(
        (status = 204, description = "No session is left; others refuse their tokens within 5 seconds"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn remove_sessions(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<PersonPath>,
) -> Result<StatusCode, Problem> {
    let person = path.user_id;
    let (mut transaction, _) = auth.act_on(&caller, person, |role| Action::ManagePerson { person, role }).await?;
    ending::sessions(&mut transaction, person).await?;
    auth.publish(&caller.workspace, transaction).await?;
    Ok(StatusCode::NO_CONTENT)
}
