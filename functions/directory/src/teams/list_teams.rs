//! The workspace's teams.

use axum::{Json, extract::State};
use domain::{Role, policy::Action};
use function_host::{
    On, Problem, Query, Services,
    extract::Authenticated,
    page::{List, cut},
};

use super::{answer::TeamPage, store};
use crate::{answer::WorkspacePath, search::SearchQuery};

const PAGES: List = List("teams");

/// Lists the workspace's teams, in the order of their names; to a guest, those that they are in.
#[utoipa::path(
    get, path = "/w/{handle}/v1/teams", operation_id = "listTeams", tag = "directory",
    params(WorkspacePath, SearchQuery),
    responses(
        (status = 200, body = TeamPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_teams(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Query(query): Query<SearchQuery>,
) -> Result<Json<TeamPage>, Problem> {
    let (page, search) = query.parts()?;
    let (limit, after) = (page.limit()?, page.after::<String>(PAGES)?);
    let reader = services.access.authorise(&caller, On::Workspace, Action::SeePeople).await?;

    let (pool, own_only) = (services.pool(&caller.workspace).await?, reader.role == Role::Guest);
    let teams = store::teams(&pool, caller.user, own_only, search.as_deref(), after.as_deref(), limit + 1).await?;
    let (page, next_cursor) = cut(PAGES, teams, limit, |(key, _)| key.clone());
    Ok(Json(TeamPage { items: page.into_iter().map(|(_, team)| team).collect(), next_cursor }))
}
