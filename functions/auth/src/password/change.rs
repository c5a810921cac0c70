//! Changing one's password.

use access::Caller;
use axum::{extract, http::StatusCode};
use domain::policy::Action;
use function_host::{Json, On, Problem, extract::Authenticated};
use people::letters;
use serde::Deserialize;
use sqlx::PgPool;
use utoipa::ToSchema;

use super::{set, store};
use crate::{
    State,
    attempts::{Attempt, Proof},
    error::AuthError,
    passwords::Password,
    session, sign_up,
};

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"currentPassword": "correct horse battery", "newPassword": "correct horse battery"}))]
pub(crate) struct ChangePassword {
    /// Needed if the account has one.
    #[schema(max_length = 128)]
    current_password: Option<String>,
    /// 10 to 128 characters.
    #[schema(min_length = 10, max_length = 128)]
    new_password: String,
}

/// Changes one's password; all other devices are signed out, and the address is told. Sent again, it finds the new
/// password set, and changes nothing.
#[utoipa::path(
    put, path = "/w/{handle}/v1/me/password", operation_id = "changePassword", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")), request_body = ChangePassword,
    responses(
        (status = 204, description = "The account has the new password"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "`wrong-password`"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "`password-needed`, `password-too-short`, `password-too-long`"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "`too-many-attempts`: try again after `Retry-After` seconds"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_password(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let new: Password = body.new_password.parse().map_err(|error| Problem::from(error).at("newPassword"))?;
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;

    let pool = auth.services.pool(&caller.workspace).await?;
    let new = new.into_text();
    let stored = store::password(&pool, caller.user).await?;
    if let Some(stored) = &stored {
        let current =
            body.current_password.ok_or_else(|| Problem::from(AuthError::PasswordNeeded).at("currentPassword"))?;
        let attempt = Attempt::by_session(&pool, caller.session, Proof::Password).await?;
        let proof = prove(&auth, &caller, current, new.clone(), stored).await;
        if attempt.settle(proof).await? == Proved::Changed {
            return Ok(StatusCode::NO_CONTENT);
        }
    }
    change(&auth, &caller, &pool, stored.as_deref(), new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the stored password shows.
#[derive(PartialEq, Eq)]
enum Proved {
    /// It is the current one.
    Current,
    /// It is the new one: this is a retry.
    Changed,
}

async fn prove(auth: &State, caller: &Caller, current: String, new: String, stored: &str) -> Result<Proved, Problem> {
    let (workspace, stored) = (&caller.workspace.id, Some(stored.to_owned()));
    if auth.hasher.verify(workspace, current, stored.clone()).await? {
        return Ok(Proved::Current);
    }
    if auth.hasher.verify(workspace, new, stored).await? {
        return Ok(Proved::Changed);
    }
    Err(Problem::from(AuthError::WrongPassword).at("currentPassword"))
}

async fn change(
    auth: &State,
    caller: &Caller,
    pool: &PgPool,
    stored: Option<&str>,
    new: String,
) -> Result<(), Problem> {
    let hash = auth.hasher.hash(&caller.workspace.id, new).await?;
    let news = auth.services.relay.expect(&caller.workspace).await?;
    letters::expect(&auth.services.registry, &caller.workspace).await?;
    let mut transaction = pool.begin().await?;
    let address = sign_up::store::lock_address(&mut transaction, caller.user).await?;
    // Another request changed it while this one was hashing.
    if !store::is_still(&mut transaction, caller.user, stored).await? {
        return Err(Problem::from(AuthError::WrongPassword).at("currentPassword"));
    }
    let email = address.and_then(|address| address.email);
    set(&mut transaction, caller.user, &hash, email.as_deref(), None).await?;
    session::revoke_all(&mut transaction, caller.user, Some(caller.session)).await?;
    transaction.commit().await?;
    news.committed().await;
    Ok(())
}
