//! Bringing somebody deactivated back.

use axum::{extract, http::StatusCode};
use domain::policy::Action;
use function_host::{Path, Problem, extract::Authenticated};

use super::{AccountError, PersonPath, ending};
use crate::State;

/// Activates a person or a bot again, if the workspace has room for another member. They sign in anew; API tokens that
/// ended stay so.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/people/{userId}/deactivation", operation_id = "reactivatePerson", tag = "auth",
    params(PersonPath),
    responses(
        (status = 204, description = "They are active, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn remove_deactivation(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<PersonPath>,
) -> Result<StatusCode, Problem> {
    let person = path.user_id;
    let (mut transaction, other) = auth.act_on(&caller, person, |role| Action::ManagePerson { person, role }).await?;
    if other.erased {
        return Err(AccountError::Erased.into());
    }
    if other.active {
        return Ok(StatusCode::NO_CONTENT);
    }
    // A sign-in that was under way when they were deactivated may have opened one that nobody saw.
    ending::everything(&mut transaction, person).await?;
    people::readmit(&mut transaction, &caller.workspace.settings.limits, person, other.kind).await?;
    auth.publish(&caller.workspace, transaction).await?;
    Ok(StatusCode::NO_CONTENT)
}
