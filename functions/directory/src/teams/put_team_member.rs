//! Letting somebody into a team, and making somebody its lead.

use axum::{extract::State, http::StatusCode};
use domain::{TeamRole, policy::Action};
use function_host::{Json, Path, Problem, Services, extract::Authenticated};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Put, answer::TeamMemberPath, put_person};

/// What the person is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"role": "member"}))]
pub(crate) struct PutTeamMember {
    /// In the team; if absent, somebody new is a member, and whoever is in stays what they are.
    role: Option<TeamRole>,
}

/// Lets a person into a team that the caller leads, or gives a member another role. No body says no role. Guests and bots
/// come in alike, deactivated people do not.
#[utoipa::path(
    put, path = "/w/{handle}/v1/teams/{teamId}/members/{userId}", operation_id = "putTeamMember", tag = "directory",
    params(TeamMemberPath), request_body = Option<PutTeamMember>,
    responses(
        (status = 201, description = "They are in"),
        (status = 200, description = "They were in already, and have this role, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_team_member(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<TeamMemberPath>,
    body: Option<Json<Option<PutTeamMember>>>,
) -> Result<StatusCode, Problem> {
    services.access.authorise(&caller, path.team_id, Action::AddTeamMember).await?;

    let pool = services.pool(&caller.workspace).await?;
    let news = services.relay.expect(&caller.workspace).await?;
    let role = body.and_then(|Json(body)| body?.role);
    let done = put_person(&pool, path.team_id, path.user_id, role).await?;
    if done == Put::Present {
        news.nothing();
    } else {
        news.committed().await;
    }
    Ok(if done == Put::Added { StatusCode::CREATED } else { StatusCode::OK })
}
