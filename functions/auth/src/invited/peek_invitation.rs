//! Looking at an invitation before using it.

use axum::{Json, extract};
use chrono::{DateTime, Utc};
use domain::Role;
use function_host::{Problem, extract::Stranger};
use people::{Lock, PeopleError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::State;

/// The secret of an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"token": "pVQmL1sPq0m3v8e2Yb7Xw4Tz6Rk9Nc5Hd1Jf3Ga7Us0"}))]
pub(crate) struct InvitationToken {
    /// As in the link.
    #[schema(max_length = 200)]
    pub(super) token: String,
}

/// What an invitation is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvitationView {
    /// The workspace's name.
    workspace: String,
    /// Who invites.
    inviter: String,
    /// What its user is to be.
    role: Role,
    /// Whom it was sent to; null for a link for everybody.
    email: Option<String>,
    /// When it ends.
    expires_at: DateTime<Utc>,
}

/// Tells whoever has an invitation's link what it is, if it is still good. Nothing is used up by it.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/invitation", operation_id = "peekInvitation", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = InvitationToken,
    responses(
        (status = 200, body = InvitationView),
        (status = 410, body = Problem, content_type = "application/problem+json",
         description = "`invitation-used`, `invitation-revoked` or `invitation-expired`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn peek_invitation(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    function_host::Json(body): function_host::Json<InvitationToken>,
) -> Result<Json<InvitationView>, Problem> {
    let mut transaction = auth.services.pool(&workspace).await?.begin().await?;
    let invitation = people::lock(&mut transaction, Lock::Token(&body.token), None).await?;
    let more = store::more(&mut transaction, invitation.id).await?.ok_or(PeopleError::InvitationNotFound)?;
    Ok(Json(InvitationView {
        workspace: workspace.display_name.clone(),
        inviter: more.inviter,
        role: invitation.role,
        email: invitation.email,
        expires_at: more.expires_at,
    }))
}
