//! Turning the second factor off. A body on DELETE means nothing to HTTP, so a removal is posted.

use axum::{extract, http::StatusCode};
use domain::{UserId, policy::Action};
use function_host::{Json, On, Problem, extract::Authenticated};
use serde::Deserialize;
use sqlx::PgPool;
use utoipa::ToSchema;

use super::{check, store};
use crate::{
    State,
    attempts::{Attempt, Proof},
};

/// Both proofs.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"password": "correct horse battery", "code": "123456"}))]
pub(crate) struct RemoveSecondFactor {
    /// The account's, if it has one.
    #[schema(max_length = 128)]
    password: Option<String>,
    /// Of the app, or a recovery code.
    #[schema(min_length = 6, max_length = 32)]
    code: String,
}

/// Turns the second factor off and forgets its recovery codes; does nothing if it is off.
#[utoipa::path(
    post, path = "/w/{handle}/v1/me/second-factor/removal", operation_id = "removeSecondFactor", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")), request_body = RemoveSecondFactor,
    responses(
        (status = 204, description = "Signing in needs no code any more"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "`too-many-attempts`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn remove_second_factor(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Json(body): Json<RemoveSecondFactor>,
) -> Result<StatusCode, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;
    auth.confirm_password(&caller, body.password).await?;

    let pool = auth.services.pool(&caller.workspace).await?;
    let attempt = Attempt::by_session(&pool, caller.session, Proof::Code).await?;
    let now = auth.services.registry.clock().now_seconds();
    attempt.settle(remove(&pool, caller.user, &body.code, now).await).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(pool: &PgPool, user: UserId, code: &str, now: u64) -> Result<(), Problem> {
    let mut transaction = pool.begin().await?;
    check(&mut transaction, user, Some(code), now, false).await?;
    store::remove(&mut transaction, user).await?;
    Ok(transaction.commit().await?)
}
