//! Everybody in the workspace.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{Problem, Query, Services, extract::Authenticated};

use crate::{
    answer::{PeoplePage, WorkspacePath},
    page::{List, PageQuery, cut},
    store,
};

/// Lists the people of the workspace, in the order of their ids.
#[utoipa::path(
    get, path = "/w/{handle}/v1/people", operation_id = "listPeople", tag = "directory",
    params(WorkspacePath, PageQuery),
    responses(
        (status = 200, body = PeoplePage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_people(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Query(query): Query<PageQuery>,
) -> Result<Json<PeoplePage>, Problem> {
    let (limit, after) = (query.limit()?, query.after(List::People)?);
    services.access.authorise(&caller, None, Action::UseWorkspace).await?;

    let pool = services.pool(&caller.workspace)?;
    let people = store::people(&pool, &caller.workspace.handle, after, limit + 1).await?;
    let (items, next_cursor) = cut(List::People, people, limit, |person| person.user_id);
    Ok(Json(PeoplePage { items, next_cursor }))
}
