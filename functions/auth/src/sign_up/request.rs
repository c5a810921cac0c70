//! Asking to be let in by e-mail.

use axum::{extract, http::StatusCode};
use function_host::{Json, Problem, client::Client, extract::Stranger};
use people::{Letter, letters};
use serde::Deserialize;
use sqlx::PgConnection;
use tenancy::Workspace;
use utoipa::ToSchema;

use super::{admits, store};
use crate::{
    State,
    attempts::{self, Wish},
    email::Email,
};

/// Who would like to join.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"email": "ada@acme.example"}))]
pub(crate) struct SignUpRequest {
    /// Where the letter goes.
    #[schema(min_length = 3, max_length = 320, example = "ada@acme.example")]
    email: String,
}

/// Asks for a letter with a link that lets its reader in, by the workspace's rule or by an invitation to the address. The
/// answer is the same for every address; an address that has an account gets a letter that says so. At most 5 letters an
/// hour go to an address, and 20 are asked for from a network.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/sign-up", operation_id = "signUp", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = SignUpRequest,
    responses(
        (status = 202, description = "If the address may join, a letter is on its way"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`mail-off`: this installation sends no e-mail"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sign_up(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    client: Client,
    Json(body): Json<SignUpRequest>,
) -> Result<StatusCode, Problem> {
    let email: Email = body.email.parse()?;
    auth.mail_is_on()?;

    letters::expect(&auth.services.registry, &workspace).await?;
    let mut transaction = auth.services.pool(&workspace).await?.begin().await?;
    if attempts::may_write(&mut transaction, Wish::SignUp, email.as_str(), &client.network()).await?
        && let Some((to, letter)) = letter(&mut transaction, &workspace, email.as_str()).await?
    {
        letters::write(&mut transaction, &to, &letter).await?;
    }
    transaction.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

/// Who is told what, if anybody.
async fn letter(
    connection: &mut PgConnection,
    workspace: &Workspace,
    email: &str,
) -> Result<Option<(String, Letter)>, Problem> {
    if let Some(holder) = store::holder(connection, email).await? {
        return Ok(holder.map(|holder| (holder.email, Letter::AccountExists { user: holder.user })));
    }
    let admitted = admits(&workspace.sign_up, email) || people::for_address(connection, email).await?.is_some();
    Ok(admitted.then(|| (email.to_owned(), Letter::SignUp)))
}
