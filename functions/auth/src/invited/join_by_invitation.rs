//! Using an invitation as somebody who is in the workspace already.

use axum::{Json, extract};
use domain::{Role, UserId, policy::Action, policy::Refusal};
use function_host::{On, Problem, extract::Authenticated};
use people::{Lock, PeopleError};
use serde::Serialize;
use utoipa::ToSchema;

use super::{peek_invitation::InvitationToken, store};
use crate::{
    State,
    accounts::{AccountError, store as accounts},
};

/// What the caller is now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Joined {
    /// The caller.
    user_id: UserId,
    /// In the workspace.
    role: Role,
}

/// Uses an invitation as the caller: they are let into its channels and teams. Only who has signed in may, no token.
///
/// The caller's role rises to the invitation's if that is higher and the invitation was sent to the caller's address,
/// which is proved. A second use by the same caller changes nothing.
#[utoipa::path(
    post, path = "/w/{handle}/v1/me/invitations", operation_id = "joinByInvitation", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")), request_body = InvitationToken,
    responses(
        (status = 200, body = Joined),
        (status = 410, body = Problem, content_type = "application/problem+json",
         description = "`invitation-used`, `invitation-revoked` or `invitation-expired`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn join_by_invitation(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    function_host::Json(body): function_host::Json<InvitationToken>,
) -> Result<Json<Joined>, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;

    let mut transaction = auth.services.pool(&caller.workspace).await?.begin().await?;
    // People before invitations, as whoever is deactivated.
    let me = accounts::lock(&mut transaction, &[caller.user]).await?.pop().ok_or(AccountError::PersonNotFound)?;
    let invitation = people::lock(&mut transaction, Lock::Token(&body.token), Some(caller.user)).await?;
    if !me.active {
        return Err(Refusal::Deactivated.into());
    }
    let lower = |email: &Option<String>| email.as_ref().map(|email| email.to_lowercase());
    if invitation.email.is_some() && lower(&invitation.email) != lower(&me.email) {
        return Err(PeopleError::InvitationForAnother.into());
    }
    if store::has_used(&mut transaction, invitation.id, me.id).await? {
        return Ok(Json(Joined { user_id: me.id, role: me.role }));
    }
    people::accept(&mut transaction, &invitation, me.id).await?;
    let mut role = me.role;
    let proved = invitation.email.is_some() && store::email_is_proved(&mut transaction, me.id).await?;
    if proved && invitation.role != me.role && invitation.role.includes(me.role) {
        role = invitation.role;
        accounts::set_role(&mut transaction, me.id, role).await?;
        people::person_changed(&mut transaction, me.id).await?;
    }
    auth.publish(&caller.workspace, transaction).await?;
    Ok(Json(Joined { user_id: me.id, role }))
}
