//! Making what was uploaded one's picture.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{On, Path, Problem, Services, extract::Authenticated};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    answer::Avatar,
    avatars::{self, Avatars},
};

/// An upload in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(crate) struct UploadPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The upload.
    upload_id: Uuid,
}

/// Checks what was uploaded and makes it the caller's picture. A retry is answered the same and changes nothing.
#[utoipa::path(
    post, path = "/w/{handle}/v1/me/avatar/{uploadId}", operation_id = "completeAvatar", tag = "directory",
    params(UploadPath),
    responses(
        (status = 200, body = Avatar, description = "It is the caller's picture, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn complete_avatar(
    State(services): State<Services>,
    State(pictures): State<Avatars>,
    Authenticated(caller): Authenticated,
    Path(path): Path<UploadPath>,
) -> Result<Json<Avatar>, Problem> {
    services.access.authorise(&caller, On::Workspace, Action::ChangeOwnProfile).await?;

    let (workspace, user) = (&caller.workspace, caller.user);
    let kept = avatars::complete(&services, &pictures, workspace, user, path.upload_id).await?;
    Ok(Json(Avatar::new(&workspace.handle, user, &kept.digest.to_string())))
}
