//! Signing in with a password.

use axum::extract;
use domain::SessionId;
use function_host::{Json, Problem, client::Client, extract::Stranger};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    State,
    email::Email,
    error::AuthError,
    session::{Entrance, Origin, Session},
    store,
};

/// Who, and the proof.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "email": "ada@acme.example", "password": "correct horse battery", "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a",
}))]
pub(crate) struct SignIn {
    /// In any case.
    #[schema(max_length = 320, example = "ada@acme.example")]
    email: String,
    /// As registered.
    #[schema(max_length = 128, example = "correct horse battery")]
    password: String,
    /// Made by the client, a UUIDv7: the session to open; the same in every retry, so that no second one is opened.
    session_id: Option<SessionId>,
    /// Of the second factor, where the account has one: 6 digits of the app, or a recovery code. A retry with the same
    /// `sessionId` may repeat it.
    #[schema(min_length = 6, max_length = 32)]
    code: Option<String>,
}

/// Opens a session; of more than 200 the one ends that was used the longest ago. An unknown address and a wrong password have one answer, and take one time.
///
/// Who fails often waits before the next try, at most a minute. From a network where the account was signed in to before,
/// what others do elsewhere makes nobody wait. Whoever has the mailbox never waits: a new password by e-mail signs in.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/sign-in", operation_id = "signIn", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = SignIn,
    responses(
        (status = 200, body = Session),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`wrong-credentials`; `second-factor-needed`, once the password is right; `wrong-code`"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "`too-many-attempts`: try again after `Retry-After` seconds"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sign_in(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    client: Client,
    Json(body): Json<SignIn>,
) -> Result<axum::Json<Session>, Problem> {
    let email: Email = body.email.parse()?;

    let pool = auth.services.pool(&workspace).await?;
    let account = store::account(&pool, email.as_str()).await?;
    let entrance =
        Entrance { client: &client, origin: Origin::Password, asked: body.session_id, code: body.code.as_deref() };
    let wrong = AuthError::WrongCredentials;
    let opened = auth.open_by_password(&workspace, email.as_str(), account, body.password, &entrance, wrong).await?;
    Ok(axum::Json(auth.answer(&workspace, opened)?))
}
