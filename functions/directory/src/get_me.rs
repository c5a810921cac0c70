//! Who the caller is.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{On, Problem, Services, extract::Authenticated};

use crate::{
    answer::{Me, WorkspacePath},
    error::DirectoryError,
    store,
};

/// Tells the caller who they are.
#[utoipa::path(
    get, path = "/w/{handle}/v1/me", operation_id = "getMe", tag = "directory", params(WorkspacePath),
    responses(
        (status = 200, body = Me),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_me(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Me>, Problem> {
    services.access.authorise(&caller, On::Workspace, Action::UseWorkspace).await?;

    let pool = services.pool(&caller.workspace).await?;
    let me = store::me(&pool, &caller.workspace.handle, caller.user).await?;
    Ok(Json(me.ok_or(DirectoryError::PersonNotFound)?))
}
