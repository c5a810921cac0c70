//! New recovery codes.

use axum::extract;
use domain::policy::Action;
use function_host::{Json, On, Problem, extract::Authenticated};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{confirm::RecoveryCodes, renew_recovery_codes, store};
use crate::{State, error::AuthError};

/// Who asks proves once more who they are.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"password": "correct horse battery"}))]
pub(crate) struct NewRecoveryCodes {
    /// The account's, if it has one.
    #[schema(max_length = 128)]
    password: Option<String>,
}

/// Makes ten new recovery codes; the old ones are no good any more. Sent again, it makes new ones again: the last answer
/// counts.
#[utoipa::path(
    post, path = "/w/{handle}/v1/me/recovery-codes", operation_id = "makeRecoveryCodes", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")), request_body = NewRecoveryCodes,
    responses(
        (status = 200, body = RecoveryCodes),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`second-factor-not-begun`: it is off"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn make_recovery_codes(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Json(body): Json<NewRecoveryCodes>,
) -> Result<axum::Json<RecoveryCodes>, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;
    auth.confirm_password(&caller, body.password).await?;

    let mut transaction = auth.services.pool(&caller.workspace).await?.begin().await?;
    let factor = store::lock(&mut transaction, caller.user).await?;
    if factor.is_none_or(|factor| factor.confirmed_at.is_none()) {
        return Err(AuthError::SecondFactorNotBegun.into());
    }
    let recovery_codes = renew_recovery_codes(&mut transaction, caller.user).await?;
    transaction.commit().await?;
    Ok(axum::Json(RecoveryCodes { recovery_codes }))
}
