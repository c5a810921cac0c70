//! Taking somebody out of a team, or leaving it.

use access::{Caller, Denied};
use axum::{extract::State, http::StatusCode};
use domain::policy::{Action, Refusal};
use function_host::{Path, Problem, Services, extract::Authenticated};
use sqlx::PgPool;

use super::{answer::TeamMemberPath, store, take_out};

/// Takes a person out of a team that the caller leads. Everybody may leave, also the last lead: the workspace's admins look
/// after what is left. Leaving again changes nothing.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/teams/{teamId}/members/{userId}", operation_id = "deleteTeamMember",
    tag = "directory", params(TeamMemberPath),
    responses(
        (status = 204, description = "They are out, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_team_member(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<TeamMemberPath>,
) -> Result<StatusCode, Problem> {
    let pool = services.pool(&caller.workspace).await?;
    let action = Action::RemoveTeamMember { member: path.user_id };
    match services.access.authorise(&caller, path.team_id, action).await {
        Err(Denied::Refused(Refusal::TeamNotFound)) if has_left_before(&pool, &caller, &path).await? => {
            return Ok(StatusCode::NO_CONTENT);
        }
        decided => drop(decided?),
    }

    let news = services.relay.expect(&caller.workspace).await?;
    if take_out(&pool, path.team_id, path.user_id).await? {
        news.committed().await;
    } else {
        news.nothing();
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A guest who has left does not find the team any more, but to leave again is to repeat what was done.
async fn has_left_before(pool: &PgPool, caller: &Caller, path: &TeamMemberPath) -> Result<bool, Problem> {
    Ok(path.user_id == caller.user && store::has_left(pool, path.team_id, caller.user).await?)
}
