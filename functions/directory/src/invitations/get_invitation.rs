//! One invitation.

use ::people::PeopleError;
use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{On, Path, Problem, Services, extract::Authenticated};

use super::{
    answer::{Invitation, InvitationPath},
    store,
};

/// Shows an invitation, and how often it was used.
#[utoipa::path(
    get, path = "/w/{handle}/v1/invitations/{invitationId}", operation_id = "getInvitation", tag = "directory",
    params(InvitationPath),
    responses(
        (status = 200, body = Invitation),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_invitation(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<InvitationPath>,
) -> Result<Json<Invitation>, Problem> {
    services.access.authorise(&caller, On::Workspace, Action::ManageInvitations).await?;

    let pool = services.pool(&caller.workspace).await?;
    let found = store::invitation(&pool, path.invitation_id).await?;
    Ok(Json(found.ok_or(PeopleError::InvitationNotFound)?))
}
