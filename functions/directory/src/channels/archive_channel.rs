//! Archiving a channel.

use axum::{extract::State, response::Response};
use domain::policy::Action;
use function_host::{
    Path, Problem, Services,
    etag::{Conditions, IfMatch},
    extract::Authenticated,
};

use super::{
    answer::{ChannelPath, ChannelView},
    archive,
};

/// Archives a channel: it can be read, left and brought back, and nothing else happens in it. Its name stays its own.
#[utoipa::path(
    put, path = "/w/{handle}/v1/channels/{channelId}/archive", operation_id = "archiveChannel", tag = "directory",
    params(ChannelPath, IfMatch),
    responses(
        (status = 200, body = ChannelView, description = "It is archived, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn archive_channel(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<ChannelPath>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    services.access.authorise(&caller, path.channel_id, Action::ArchiveChannel).await?;

    archive(&services, &caller, path.channel_id, true, &conditions).await
}
