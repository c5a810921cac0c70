//! Letting somebody into a channel, and making somebody its admin; anybody but a guest may join a public one.

use axum::{extract::State, http::StatusCode};
use domain::{
    ChannelRole,
    policy::{Action, Refusal},
};
use function_host::{Json, Path, Problem, Services, extract::Authenticated};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Put, Wanted, answer::MemberPath, put};
use crate::error::DirectoryError;

/// What the person is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"role": "member"}))]
pub(crate) struct PutMember {
    /// In the channel; if absent, somebody new is a member, and whoever is in stays what they are.
    role: Option<ChannelRole>,
}

/// Lets a person into a channel, or gives a member another role, which takes one of its admins or of the workspace's. No
/// body says no role. Guests and bots come in alike, deactivated people do not.
#[utoipa::path(
    put, path = "/w/{handle}/v1/channels/{channelId}/members/{userId}", operation_id = "putMember", tag = "directory",
    params(MemberPath), request_body = Option<PutMember>,
    responses(
        (status = 201, description = "They are in, and receive what is posted from now on"),
        (status = 200, description = "They were in already, and have this role, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_member(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<MemberPath>,
    body: Option<Json<Option<PutMember>>>,
) -> Result<StatusCode, Problem> {
    let action = Action::AddMember { member: path.user_id };
    services.access.authorise(&caller, path.channel_id, action).await?;
    let mut wanted = Wanted { role: body.and_then(|Json(body)| body?.role), may_change_roles: false };
    let pool = services.pool(&caller.workspace).await?;
    let news = services.relay.expect(&caller.workspace).await?;
    let mut done = put(&pool, path.channel_id, path.user_id, wanted).await;
    // Only with the member's row locked is it known whether this changes what they are.
    if matches!(done, Err(DirectoryError::Refused(Refusal::NotAnAdmin))) {
        services.access.authorise(&caller, path.channel_id, Action::ChangeMemberRole).await?;
        wanted.may_change_roles = true;
        done = put(&pool, path.channel_id, path.user_id, wanted).await;
    }
    let done = done?;
    if done == Put::Present {
        news.nothing();
    } else {
        news.committed().await;
    }
    Ok(if done == Put::Added { StatusCode::CREATED } else { StatusCode::OK })
}
