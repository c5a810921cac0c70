//! Beginning a second factor.

use axum::extract;
use domain::policy::Action;
use function_host::{Json, On, Problem, extract::Authenticated};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{store, totp};
use crate::{State, error::AuthError, store as people};

/// Who asks proves once more who they are.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"password": "correct horse battery"}))]
pub(crate) struct BeginSecondFactor {
    /// The account's, if it has one.
    #[schema(max_length = 128)]
    password: Option<String>,
}

/// A secret for an authenticator app.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecondFactorSecret {
    /// In base32, to be typed in.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// The same as an `otpauth:` address, to be shown as a picture.
    uri: String,
}

/// Makes a secret for an authenticator app. Nothing changes until a code of it is confirmed; asked again within the hour,
/// the answer is the same.
#[utoipa::path(
    post, path = "/w/{handle}/v1/me/second-factor", operation_id = "beginSecondFactor", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")), request_body = BeginSecondFactor,
    responses(
        (status = 200, body = SecondFactorSecret),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`second-factor-on`: it is confirmed already"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn begin_second_factor(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Json(body): Json<BeginSecondFactor>,
) -> Result<axum::Json<SecondFactorSecret>, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;
    auth.confirm_password(&caller, body.password).await?;

    let mut transaction = auth.services.pool(&caller.workspace).await?.begin().await?;
    store::offer(&mut transaction, caller.user, &rand::random::<[u8; totp::SECRET_BYTES]>()).await?;
    let factor = store::lock(&mut transaction, caller.user).await?.ok_or(AuthError::SecondFactorNotBegun)?;
    if factor.confirmed_at.is_some() {
        return Err(AuthError::SecondFactorOn.into());
    }
    let person = people::person(&mut transaction, caller.user).await?.ok_or(sqlx::Error::RowNotFound)?;
    transaction.commit().await?;
    let account = person.email.unwrap_or(person.display_name);
    let uri = totp::uri(&factor.secret, &caller.workspace.display_name, &account);
    Ok(axum::Json(SecondFactorSecret { secret: totp::text(&factor.secret), uri }))
}
