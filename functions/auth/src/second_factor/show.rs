//! Whether a second factor is on.

use axum::extract;
use domain::policy::Action;
use function_host::{On, Problem, extract::Authenticated};
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::State;

/// One's second factor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecondFactor {
    /// Whether signing in needs a code.
    enabled: bool,
    /// Recovery codes that are not used yet.
    #[schema(minimum = 0, maximum = 10)]
    recovery_codes_left: i64,
}

/// Tells whether signing in needs a code, and how many recovery codes are left.
#[utoipa::path(
    get, path = "/w/{handle}/v1/me/second-factor", operation_id = "getSecondFactor", tag = "auth",
    params(("handle" = String, Path, description = "The workspace")),
    responses(
        (status = 200, body = SecondFactor),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_second_factor(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
) -> Result<axum::Json<SecondFactor>, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;

    let pool = auth.services.pool(&caller.workspace).await?;
    let enabled = store::is_on(&pool, caller.user).await?;
    let recovery_codes_left = store::recovery_codes_left(&pool, caller.user).await?;
    Ok(axum::Json(SecondFactor { enabled, recovery_codes_left }))
}
