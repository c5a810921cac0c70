//! Everybody in the workspace.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{
    On, Problem, Query, Services,
    extract::Authenticated,
    page::{List, PageQuery, cut},
};

use crate::{
    answer::{PeoplePage, WorkspacePath},
    store,
};

const PAGES: List = List("people");

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
    let (limit, after) = (query.limit()?, query.after(PAGES)?);
    services.access.authorise(&caller, On::Workspace, Action::SeePeople).await?;

    let pool = services.pool(&caller.workspace).await?;
    let people = store::people(&pool, &caller.workspace.handle, after, limit + 1).await?;
    let (items, next_cursor) = cut(PAGES, people, limit, |person| person.user_id);
    Ok(Json(PeoplePage { items, next_cursor }))
}
