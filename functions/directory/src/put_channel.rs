//! Making a channel, or giving it new properties. The id is the client's, so a retry names the same channel.

use axum::{Json, extract::State, http::StatusCode};
use domain::{Visibility, policy::Action};
use function_host::{On, Path, Problem, Services, extract::Authenticated};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    answer::{ChannelPath, ChannelView},
    channels,
    error::DirectoryError,
    properties::Properties,
    store,
};

/// All properties of a channel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PutChannel {
    /// Unique in the workspace, case ignored: 1 to 80 characters, no control characters; white space at the ends is
    /// removed.
    #[schema(min_length = 1, max_length = 80, example = "general")]
    name: String,
    /// What it is about: up to 250 characters, no control characters; empty if absent.
    #[serde(default)]
    #[schema(max_length = 250, example = "Everything that has no channel of its own")]
    topic: String,
    /// Who may see it.
    visibility: Visibility,
}

impl PutChannel {
    fn properties(&self) -> Result<Properties, Problem> {
        let Self { name, topic, visibility } = self;
        let name = name.parse().map_err(|error| Problem::invalid_name(error, "name"))?;
        Ok(Properties { name, topic: topic.parse()?, visibility: *visibility })
    }
}

/// Makes a channel with the caller as its admin; one that is there gets these properties, if the caller may change it.
#[utoipa::path(
    put, path = "/w/{handle}/v1/channels/{channelId}", operation_id = "putChannel", tag = "directory",
    params(ChannelPath), request_body = PutChannel,
    responses(
        (status = 201, body = ChannelView, description = "It is made"),
        (status = 200, body = ChannelView, description = "It has these properties, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_channel(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<ChannelPath>,
    function_host::Json(body): function_host::Json<PutChannel>,
) -> Result<(StatusCode, Json<ChannelView>), Problem> {
    let wanted = body.properties()?;
    services.access.authorise(&caller, On::Workspace, Action::CreateChannel).await?;

    let (id, pool) = (path.channel_id, services.pool(&caller.workspace).await?);
    let read = || async {
        let channel = store::channel(&pool, id, caller.user).await?;
        Ok::<_, Problem>(channel.ok_or(DirectoryError::ChannelNotFound)?)
    };
    let is_new = store::channel(&pool, id, caller.user).await?.is_none();
    if is_new {
        let news = services.relay.expect(&caller.workspace).await?;
        if channels::create(&pool, id, &wanted, caller.user).await? {
            news.committed().await;
            return Ok((StatusCode::CREATED, Json(read().await?)));
        }
    }

    let known = read().await?;
    if known.is_visible() && known.has(&wanted) {
        services.access.authorise(&caller, id, Action::SeeChannel).await?;
        return Ok((StatusCode::OK, Json(known)));
    }
    services.access.authorise(&caller, id, Action::ChangeChannel).await?;
    let news = services.relay.expect(&caller.workspace).await?;
    if channels::change(&pool, id, &wanted).await? {
        news.committed().await;
    }
    Ok((StatusCode::OK, Json(read().await?)))
}

impl ChannelView {
    fn has(&self, wanted: &Properties) -> bool {
        let Properties { name, topic, visibility } = wanted;
        self.name == name.as_str() && self.topic == topic.as_str() && self.visibility == *visibility
    }
}
