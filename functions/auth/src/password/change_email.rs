//! Asking for another address.

use axum::{extract, http::StatusCode};
use domain::policy::Action;
use function_host::{Json, On, Problem, client::Client, extract::Authenticated};
use people::{Letter, letters};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    State,
    attempts::{self, Wish},
    email::Email,
};

/// The new address, and who asks proves once more who they are.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"email": "ada.lovelace@acme.example", "password": "correct horse battery"}))]
pub(crate) struct ChangeEmail {
    /// Where the letter goes.
    #[schema(min_length = 3, max_length = 320)]
    email: String,
    /// The account's, if it has one.
    #[schema(max_length = 128)]
    password: Option<String>,
}

/// Asks for another address. It is the account's once the ticket in the letter to it is verified; then the former address
/// is told. Whether somebody else has it is said no earlier.
#[utoipa::path(
    put, path = "/w/{handle}/v1/me/email", operation_id = "changeEmail", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")), request_body = ChangeEmail,
    responses(
        (status = 202, description = "A letter is on its way to the new address"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "`wrong-password`"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`mail-off`: this installation sends no e-mail"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "`too-many-attempts`: try again after `Retry-After` seconds"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_email(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    client: Client,
    Json(body): Json<ChangeEmail>,
) -> Result<StatusCode, Problem> {
    let email: Email = body.email.parse()?;
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;
    auth.mail_is_on()?;
    auth.confirm_password(&caller, body.password).await?;

    letters::expect(&auth.services.registry, &caller.workspace).await?;
    let mut transaction = auth.services.pool(&caller.workspace).await?.begin().await?;
    if attempts::may_write(&mut transaction, Wish::NewAddress, email.as_str(), &client.network()).await? {
        letters::write(&mut transaction, email.as_str(), &Letter::ChangeEmail { user: caller.user }).await?;
    }
    transaction.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
