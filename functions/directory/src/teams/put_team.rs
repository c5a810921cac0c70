//! Making a team, or giving it new properties. The id is the client's, so a retry names the same team.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{TeamId, UserId, names::check_line, policy::Action};
use function_host::{
    Json, On, Path, Problem, Services,
    etag::{Conditions, IfMatch, versioned_as},
    extract::Authenticated,
};
use serde::Deserialize;
use sqlx::PgPool;
use utoipa::ToSchema;

use super::{
    Properties,
    answer::{TeamPath, TeamView},
    change, create, store,
};
use crate::error::DirectoryError;

/// The longest description, in Unicode scalar values.
const MAX_DESCRIPTION_CHARS: usize = 500;

/// All properties of a team.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Engineers", "description": "Who builds it."}))]
pub(crate) struct PutTeam {
    /// Unique among the workspace's teams, as are names that look alike: 1 to 80 characters that are seen, in one line;
    /// white space at the ends is removed.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// What the team does: up to 500 characters, in one line or several; empty if absent.
    #[serde(default)]
    #[schema(max_length = 500)]
    description: String,
}

impl PutTeam {
    fn properties(&self) -> Result<Properties, Problem> {
        let name = self.name.parse().map_err(|error| Problem::invalid_name(error, "name"))?;
        let description = check_line(&self.description, MAX_DESCRIPTION_CHARS, true);
        Ok(Properties { name, description: description.map_err(|error| Problem::invalid_line(error, "description"))? })
    }
}

/// Makes a team with the caller as its lead, of at most 5,000 in the workspace; one that is there gets these properties, if the caller leads it. With
/// `If-Match`, only the version that is named; a change that was made already is answered as if it were made now.
#[utoipa::path(
    put, path = "/w/{handle}/v1/teams/{teamId}", operation_id = "putTeam", tag = "directory", params(TeamPath, IfMatch),
    request_body = PutTeam,
    responses(
        (status = 201, body = TeamView, description = "It is made"),
        (status = 200, body = TeamView, description = "It has these properties, now or before"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`team-name-taken` or `too-many-teams`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_team(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<TeamPath>,
    conditions: Conditions,
    Json(body): Json<PutTeam>,
) -> Result<Response, Problem> {
    let wanted = body.properties()?;
    services.access.authorise(&caller, On::Workspace, Action::CreateTeam).await?;

    let (id, pool) = (path.team_id, services.pool(&caller.workspace).await?);
    if store::team(&pool, id, caller.user).await?.is_none() {
        conditions.check_new()?;
        let news = services.relay.expect(&caller.workspace).await?;
        if create(&pool, id, &wanted, caller.user).await? {
            news.committed().await;
            return show(&pool, id, caller.user, StatusCode::CREATED).await;
        }
        news.nothing();
    }

    services.access.authorise(&caller, id, Action::ChangeTeam).await?;
    let news = services.relay.expect(&caller.workspace).await?;
    if change(&pool, id, &wanted, &conditions).await? {
        news.committed().await;
    } else {
        news.nothing();
    }
    show(&pool, id, caller.user, StatusCode::OK).await
}

async fn show(pool: &PgPool, id: TeamId, user: UserId, status: StatusCode) -> Result<Response, Problem> {
    let team =
        store::team(pool, id, user).await?.ok_or(DirectoryError::Refused(domain::policy::Refusal::TeamNotFound))?;
    Ok(versioned_as(status, team.version, team.shade(), team))
}
