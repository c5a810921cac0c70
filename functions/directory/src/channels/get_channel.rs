//! One channel.

use axum::{extract::State, response::Response};
use domain::policy::Action;
use function_host::{
    Path, Problem, Services,
    etag::{Conditions, IfNoneMatch},
    extract::Authenticated,
};

use super::{
    answer::{ChannelPath, ChannelView},
    store,
};
use crate::error::DirectoryError;

/// Shows a channel, or a conversation, that the caller may see.
#[utoipa::path(
    get, path = "/w/{handle}/v1/channels/{channelId}", operation_id = "getChannel", tag = "directory",
    params(ChannelPath, IfNoneMatch),
    responses(
        (status = 200, body = ChannelView, description = "`ETag` begins with the version; `If-Match` may name the version alone"),
        (status = 304, description = "The caller has this version"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_channel(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<ChannelPath>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    services.access.authorise(&caller, path.channel_id, Action::SeeChannel).await?;

    let pool = services.pool(&caller.workspace).await?;
    // What was authorised may be seconds old; the row is not.
    let channel = store::channel(&pool, path.channel_id, caller.user).await?.filter(ChannelView::is_visible);
    let channel = channel.ok_or(DirectoryError::ChannelNotFound)?;
    Ok(conditions.answer_as(channel.version, channel.shade(), channel))
}
