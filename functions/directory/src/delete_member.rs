//! Taking somebody out of a channel, or leaving it.

use access::{Caller, Denied};
use axum::{extract::State, http::StatusCode};
use domain::policy::{Action, Refusal};
use function_host::{Path, Problem, Services, extract::Authenticated};
use sqlx::PgPool;

use crate::{answer::MemberPath, members, store};

/// Takes a person out of a channel.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/channels/{channelId}/members/{userId}", operation_id = "deleteMember",
    tag = "directory", params(MemberPath),
    responses(
        (status = 204, description = "They are out, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_member(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<MemberPath>,
) -> Result<StatusCode, Problem> {
    let pool = services.pool(&caller.workspace).await?;
    let action = Action::RemoveMember { member: path.user_id };
    match services.access.authorise(&caller, path.channel_id, action).await {
        Err(Denied::Refused(refusal)) if has_left_before(&pool, &caller, &path, refusal).await? => {
            return Ok(StatusCode::NO_CONTENT);
        }
        decided => drop(decided?),
    }

    let news = services.relay.expect(&caller.workspace).await?;
    if members::remove(&pool, path.channel_id, path.user_id).await? {
        news.committed().await;
    } else {
        news.nothing();
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever has left is an outsider and would be refused, but to leave again is to repeat what was done.
async fn has_left_before(pool: &PgPool, caller: &Caller, path: &MemberPath, refusal: Refusal) -> Result<bool, Problem> {
    let outside = matches!(refusal, Refusal::NotAMember | Refusal::ChannelNotFound);
    Ok(outside && path.user_id == caller.user && store::has_left(pool, path.channel_id, caller.user).await?)
}
