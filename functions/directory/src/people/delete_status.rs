//! Saying no more what one is doing.

use axum::{extract::State, http::StatusCode};
use domain::policy::Action;
use function_host::{
    On, Problem, Services,
    etag::{Conditions, IfMatch},
    extract::Authenticated,
};

use super::{
    change_me,
    profile::{Change, nothing},
};
use crate::answer::WorkspacePath;

/// Takes the caller's status away.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/me/status", operation_id = "deleteStatus", tag = "directory", params(WorkspacePath, IfMatch),
    responses(
        (status = 204, description = "The caller has no status, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_status(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    services.access.authorise(&caller, On::Workspace, Action::ChangeOwnProfile).await?;

    let change = Change { status: Some(nothing()), ..Change::default() };
    change_me(&services, &caller, &change, &conditions).await?;
    Ok(StatusCode::NO_CONTENT)
}
