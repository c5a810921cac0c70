//! Giving somebody a role.

use axum::{extract, http::StatusCode, response::Response};
use domain::{AccountKind, Role, UserId, policy::Action};
use function_host::{
    Json, Path, Problem,
    etag::{Conditions, versioned},
    extract::Authenticated,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AccountError, PersonPath, owners, store};
use crate::State;

/// What somebody is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"role": "admin"}))]
pub(crate) struct PutRole {
    /// The role.
    role: Role,
}

/// What somebody is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonRole {
    /// Who.
    user_id: UserId,
    /// What they are in the workspace.
    role: Role,
    /// The person's version, raised by one at every change.
    version: i64,
}

/// Gives somebody a role, also oneself a lower one. Admins make guests members and members guests; all else is for owners.
///
/// The last active owner stays one: 409 `last-owner`. A member who becomes a guest keeps the channels that they are in.
/// Invitations that somebody has made and could not make with the new role are taken back.
#[utoipa::path(
    put, path = "/w/{handle}/v1/people/{userId}/role", operation_id = "putRole", tag = "auth",
    params(PersonPath), request_body = PutRole,
    responses(
        (status = 200, body = PersonRole, description = "They have this role, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_role(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<PersonPath>,
    conditions: Conditions,
    Json(body): Json<PutRole>,
) -> Result<Response, Problem> {
    let to = body.role;
    let (mut transaction, other) = auth.act_on(&caller, path.user_id, |from| Action::ChangeRole { from, to }).await?;
    let answer = |version| versioned(StatusCode::OK, version, PersonRole { user_id: path.user_id, role: to, version });
    if other.erased {
        return Err(AccountError::Erased.into());
    }
    if other.role == to {
        return Ok(answer(other.version));
    }
    if other.kind == AccountKind::Bot {
        return Err(AccountError::BotRole.into());
    }
    conditions.check(other.version)?;
    owners::may_go(&mut transaction, &other).await?;
    let version = store::set_role(&mut transaction, path.user_id, to).await?;
    people::take_back_invitations(&mut transaction, path.user_id, Some(to)).await?;
    people::person_changed(&mut transaction, path.user_id).await?;
    auth.publish(&caller.workspace, transaction).await?;
    Ok(answer(version))
}
