//! Taking an invitation back.

use ::people::PeopleError;
use axum::{extract::State, http::StatusCode};
use domain::policy::Action;
use function_host::{On, Path, Problem, Services, extract::Authenticated};

use super::{answer::InvitationPath, store};

/// Takes an invitation back: nobody comes in by it any more. Whoever has come stays.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/invitations/{invitationId}", operation_id = "deleteInvitation", tag = "directory",
    params(InvitationPath),
    responses(
        (status = 204, description = "It is taken back, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_invitation(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<InvitationPath>,
) -> Result<StatusCode, Problem> {
    services.access.authorise(&caller, On::Workspace, Action::ManageInvitations).await?;

    let pool = services.pool(&caller.workspace).await?;
    if store::revoke(&pool, path.invitation_id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(PeopleError::InvitationNotFound.into())
}
