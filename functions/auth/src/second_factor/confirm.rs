//! Confirming a second factor by its first code.

use axum::extract;
use chrono::TimeDelta;
use domain::{UserId, policy::Action};
use function_host::{Json, On, Problem, extract::Authenticated};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::ToSchema;

use super::{renew_recovery_codes, store, totp};
use crate::{
    State,
    attempts::{Attempt, Proof},
    error::AuthError,
};

/// For this long the confirming code may be sent again: the answer may have been lost.
const RETRY: TimeDelta = TimeDelta::minutes(2);

/// The first code.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"code": "123456"}))]
pub(crate) struct ConfirmSecondFactor {
    /// What the app shows: 6 digits.
    #[schema(min_length = 6, max_length = 6, pattern = "^[0-9]{6}$", example = "123456")]
    code: String,
}

/// Codes to be kept on paper.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecoveryCodes {
    /// Each is good once in place of a code of the app. They are not shown again.
    #[schema(min_items = 10, max_items = 10)]
    pub(super) recovery_codes: Vec<String>,
}

/// Turns the second factor on: from now on signing in needs a code. Sent again with the same code within two minutes, it
/// answers with new recovery codes.
#[utoipa::path(
    put, path = "/w/{handle}/v1/me/second-factor", operation_id = "confirmSecondFactor", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")), request_body = ConfirmSecondFactor,
    responses(
        (status = 200, body = RecoveryCodes),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`second-factor-on` or `second-factor-not-begun`"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "`too-many-attempts`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn confirm_second_factor(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Json(body): Json<ConfirmSecondFactor>,
) -> Result<axum::Json<RecoveryCodes>, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;

    let pool = auth.services.pool(&caller.workspace).await?;
    let attempt = Attempt::by_session(&pool, caller.session, Proof::Code).await?;
    let now = auth.services.registry.clock().now_seconds();
    let recovery_codes = attempt.settle(confirm(&pool, caller.user, &body.code, now).await).await?;
    Ok(axum::Json(RecoveryCodes { recovery_codes }))
}

async fn confirm(pool: &PgPool, user: UserId, code: &str, now: u64) -> Result<Vec<String>, Problem> {
    let mut transaction = pool.begin().await?;
    let factor = store::lock(&mut transaction, user).await?.ok_or(AuthError::SecondFactorNotBegun)?;
    let retry = factor.confirmed_at.is_some_and(|at| factor.now - at <= RETRY);
    if factor.confirmed_at.is_some() && !retry {
        return Err(AuthError::SecondFactorOn.into());
    }
    let last = if retry { factor.last_step.saturating_sub(1) } else { factor.last_step };
    let step = totp::digits(code).and_then(|code| totp::matching_step(&factor.secret, code, now, last));
    let step = step.filter(|step| !retry || *step == factor.last_step).ok_or(AuthError::WrongCode)?;
    store::use_step(&mut transaction, user, step).await?;
    store::confirm(&mut transaction, user).await?;
    let recovery_codes = renew_recovery_codes(&mut transaction, user).await?;
    transaction.commit().await?;
    Ok(recovery_codes)
}
