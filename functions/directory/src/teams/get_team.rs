//! One team.

use axum::{extract::State, response::Response};
use domain::policy::{Action, Refusal};
use function_host::{
    Path, Problem, Services,
    etag::{Conditions, IfNoneMatch},
    extract::Authenticated,
};

use super::{
    answer::{TeamPath, TeamView},
    store,
};

/// Shows a team. To a guest, teams that they are not in do not exist.
#[utoipa::path(
    get, path = "/w/{handle}/v1/teams/{teamId}", operation_id = "getTeam", tag = "directory", params(TeamPath, IfNoneMatch),
    responses(
        (status = 200, body = TeamView, description = "`ETag` begins with the version; `If-Match` may name the version alone"),
        (status = 304, description = "The caller has this version"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_team(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<TeamPath>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    services.access.authorise(&caller, path.team_id, Action::SeeTeam).await?;

    let pool = services.pool(&caller.workspace).await?;
    let team = store::team(&pool, path.team_id, caller.user).await?;
    let team = team.ok_or(Refusal::TeamNotFound)?;
    Ok(conditions.answer_as(team.version, team.shade(), team))
}
