//! Who the caller is.

use axum::{extract::State, response::Response};
use domain::policy::Action;
use function_host::{
    On, Problem, Services,
    etag::{Conditions, IfNoneMatch},
    extract::Authenticated,
};

use super::{answer::Me, get_person::shown_as, me};
use crate::answer::WorkspacePath;

/// Tells the caller who they are.
#[utoipa::path(
    get, path = "/w/{handle}/v1/me", operation_id = "getMe", tag = "directory", params(WorkspacePath, IfNoneMatch),
    responses(
        (status = 200, body = Me, description = "`ETag` is the version, for `If-Match` and `If-None-Match`"),
        (status = 304, description = "The caller has this version"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_me(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    conditions: Conditions,
) -> Result<Response, Problem> {
    services.access.authorise(&caller, On::Workspace, Action::UseWorkspace).await?;

    let pool = services.pool(&caller.workspace).await?;
    let me = me(&pool, &services, &caller).await?;
    Ok(shown_as(&conditions, me.person.version, me.person.status_is_over, me))
}
