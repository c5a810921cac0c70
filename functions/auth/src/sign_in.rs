//! Signing in with a password.

use axum::extract;
use domain::SessionId;
use function_host::{Json, Problem, extract::Stranger};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{State, email::Email, error::AuthError, session::Session, store};

/// Who, and the proof.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SignIn {
    /// In any case.
    #[schema(max_length = 320, example = "ada@acme.example")]
    email: String,
    /// As registered.
    password: String,
    /// Made by the client, a UUIDv7: the session to open; the same in every retry, so that no second one is opened.
    session_id: Option<SessionId>,
}

/// Opens a session. An unknown address and a wrong password have one answer, and take one time.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/sign-in", operation_id = "signIn", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")), request_body = SignIn,
    responses(
        (status = 200, body = Session),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sign_in(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    Json(body): Json<SignIn>,
) -> Result<axum::Json<Session>, Problem> {
    let email: Email = body.email.parse()?;

    let pool = auth.services.pool(&workspace).await?;
    let account = store::account(&pool, email.as_str()).await?;
    let opened = auth.open_by_password(&workspace, account, body.password, body.session_id).await?;
    let opened = opened.ok_or(AuthError::WrongCredentials)?;
    Ok(axum::Json(auth.answer(&workspace, opened)?))
}
