//! Asking once more for the letter that proves one's address.

use axum::{extract, http::StatusCode};
use domain::policy::Action;
use function_host::{On, Problem, client::Client, extract::Authenticated};
use people::{Letter, letters};

use super::store;
use crate::{
    State,
    attempts::{self, Wish},
};

/// Sends the letter that proves one's address again; does nothing if it is proved. At most 5 letters an hour go to an
/// address.
#[utoipa::path(
    post, path = "/w/{handle}/v1/me/email-verification", operation_id = "sendEmailVerification", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")),
    responses(
        (status = 202, description = "A letter is on its way, if one is needed"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`mail-off`: this installation sends no e-mail"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn send_verification(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    client: Client,
) -> Result<StatusCode, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;
    auth.mail_is_on()?;

    letters::expect(&auth.services.registry, &caller.workspace).await?;
    let mut transaction = auth.services.pool(&caller.workspace).await?.begin().await?;
    let address = store::lock_address(&mut transaction, caller.user).await?;
    if let Some(email) = address.filter(|address| !address.proved).and_then(|address| address.email)
        && attempts::may_write(&mut transaction, Wish::Verification, &email, &client.network()).await?
    {
        letters::write(&mut transaction, &email, &Letter::VerifyEmail { user: caller.user }).await?;
    }
    transaction.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
