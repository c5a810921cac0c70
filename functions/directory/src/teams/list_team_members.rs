//! Who is in a team.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{
    Path, Problem, Query, Services,
    extract::Authenticated,
    page::{List, cut},
};

use super::{
    answer::{TeamMemberPage, TeamPath},
    store,
};
use crate::{answer::Seen, search::SearchQuery};

const PAGES: List = List("team-members");

/// Lists the members of a team that the caller may see, in the order of their ids; with `q`, those whose names have it.
#[utoipa::path(
    get, path = "/w/{handle}/v1/teams/{teamId}/members", operation_id = "listTeamMembers", tag = "directory",
    params(TeamPath, SearchQuery),
    responses(
        (status = 200, body = TeamMemberPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_team_members(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<TeamPath>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<TeamMemberPage>, Problem> {
    let (page, search) = query.parts()?;
    let (limit, after) = (page.limit()?, page.after(PAGES)?);
    services.access.authorise(&caller, path.team_id, Action::SeeTeam).await?;

    let (pool, seen) = (services.pool(&caller.workspace).await?, Seen::now(&services, &caller.workspace));
    let members = store::members(&pool, &seen, path.team_id, search.as_deref(), after, limit + 1).await?;
    let (items, next_cursor) = cut(PAGES, members, limit, |member| member.user_id);
    Ok(Json(TeamMemberPage { items, next_cursor }))
}
