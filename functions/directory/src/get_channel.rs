//! One channel.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{Path, Problem, Services, extract::Authenticated};

use crate::{
    answer::{ChannelPath, ChannelView},
    error::DirectoryError,
    store,
};

/// Shows a channel that the caller may see.
#[utoipa::path(
    get, path = "/w/{handle}/v1/channels/{channelId}", operation_id = "getChannel", tag = "directory",
    params(ChannelPath),
    responses(
        (status = 200, body = ChannelView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_channel(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<ChannelPath>,
) -> Result<Json<ChannelView>, Problem> {
    services.access.authorise(&caller, path.channel_id, Action::SeeChannel).await?;

    let pool = services.pool(&caller.workspace).await?;
    // What was authorised may be seconds old; the row is not.
    let channel = store::channel(&pool, path.channel_id, caller.user).await?.filter(ChannelView::is_visible);
    Ok(Json(channel.ok_or(DirectoryError::ChannelNotFound)?))
}
