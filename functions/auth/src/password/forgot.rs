//! Asking for a new password by e-mail.

use axum::{extract, http::StatusCode};
use function_host::{Json, Problem, client::Client, extract::Stranger};
use people::{Letter, letters};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    State,
    attempts::{self, Wish},
    email::Email,
    sign_up,
};

/// Who has forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"email": "ada@acme.example"}))]
pub(crate) struct ForgotPassword {
    /// The account's address, in any case.
    #[schema(min_length = 3, max_length = 320, example = "ada@acme.example")]
    email: String,
}

/// Asks for a letter with a link that sets a new password. The answer is the same for every address. At most 3 letters
/// within a quarter of an hour go to an address, and 20 are asked for from a network; whoever had them sent, their links
/// work until there may be another.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/forgot-password", operation_id = "forgotPassword", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = ForgotPassword,
    responses(
        (status = 202, description = "If the address has an account, a letter is on its way"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`mail-off`: this installation sends no e-mail"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn forgot_password(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    client: Client,
    Json(body): Json<ForgotPassword>,
) -> Result<StatusCode, Problem> {
    let email: Email = body.email.parse()?;
    auth.mail_is_on()?;

    letters::expect(&auth.services.registry, &workspace).await?;
    let mut transaction = auth.services.pool(&workspace).await?.begin().await?;
    let holder = sign_up::store::holder(&mut transaction, email.as_str()).await?.flatten();
    if attempts::may_write(&mut transaction, Wish::NewPassword, email.as_str(), &client.network()).await?
        && let Some(holder) = holder
    {
        letters::write(&mut transaction, &holder.email, &Letter::ResetPassword { user: holder.user }).await?;
    }
    transaction.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
