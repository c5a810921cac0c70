//! Ending a team.

use access::{Caller, Denied};
use axum::{extract::State, http::StatusCode};
use domain::{
    TeamId,
    policy::{Action, Refusal},
};
use function_host::{
    On, Path, Problem, Services,
    etag::{Conditions, IfMatch},
    extract::Authenticated,
};
use sqlx::PgPool;

use super::{answer::TeamPath, end, store};

/// Ends a team that the caller leads: nobody finds it any more, and its name is free again. Its id stays its own.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/teams/{teamId}", operation_id = "deleteTeam", tag = "directory", params(TeamPath, IfMatch),
    responses(
        (status = 204, description = "It has ended, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_team(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<TeamPath>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let pool = services.pool(&caller.workspace).await?;
    match services.access.authorise(&caller, path.team_id, Action::ChangeTeam).await {
        Err(Denied::Refused(Refusal::TeamNotFound)) if has_ended(&services, &pool, &caller, path.team_id).await? => {
            return Ok(StatusCode::NO_CONTENT);
        }
        decided => drop(decided?),
    }

    let news = services.relay.expect(&caller.workspace).await?;
    if end(&pool, path.team_id, &conditions).await? {
        news.committed().await;
    } else {
        news.nothing();
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A team that has ended is found by nobody, but whoever could end it may repeat that they did.
async fn has_ended(services: &Services, pool: &PgPool, caller: &Caller, team: TeamId) -> Result<bool, Problem> {
    let person = services.access.authorise(caller, On::Workspace, Action::CreateTeam).await?;
    let found = store::ended(pool, team, caller.user).await?;
    Ok(found.is_some_and(|(ended, led)| ended && (led || person.role.administers())))
}
