//! Letting somebody into a channel; anybody may join a public one.

use axum::{extract::State, http::StatusCode};
use domain::policy::Action;
use function_host::{Path, Problem, Services, extract::Authenticated};

use crate::{answer::MemberPath, members};

/// Lets a person into a channel.
#[utoipa::path(
    put, path = "/w/{handle}/v1/channels/{channelId}/members/{userId}", operation_id = "putMember", tag = "directory",
    params(MemberPath),
    responses(
        (status = 201, description = "They are in, and receive what is posted from now on"),
        (status = 200, description = "They were in already"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_member(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<MemberPath>,
) -> Result<StatusCode, Problem> {
    let action = Action::AddMember { member: path.user_id };
    services.access.authorise(&caller, path.channel_id, action).await?;

    let pool = services.pool(&caller.workspace).await?;
    let news = services.relay.expect(&caller.workspace).await?;
    if !members::add(&pool, path.channel_id, path.user_id).await? {
        news.nothing();
        return Ok(StatusCode::OK);
    }
    news.committed().await;
    Ok(StatusCode::CREATED)
}
