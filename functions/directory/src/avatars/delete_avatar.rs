//! Taking one's picture away.

use axum::{extract::State, http::StatusCode};
use domain::policy::Action;
use function_host::{On, Problem, Services, extract::Authenticated};

use crate::{
    answer::WorkspacePath,
    avatars::{self, Avatars},
};

/// Takes the caller's picture away.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/me/avatar", operation_id = "deleteAvatar", tag = "directory", params(WorkspacePath),
    responses(
        (status = 204, description = "The caller has no picture, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_avatar(
    State(services): State<Services>,
    State(pictures): State<Avatars>,
    Authenticated(caller): Authenticated,
) -> Result<StatusCode, Problem> {
    services.access.authorise(&caller, On::Workspace, Action::ChangeOwnProfile).await?;

    avatars::remove(&services, &pictures, &caller.workspace, caller.user).await?;
    Ok(StatusCode::NO_CONTENT)
}
