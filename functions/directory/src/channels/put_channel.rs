//! Making a channel, or giving it new properties. The id is the client's, so a retry names the same channel.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::{Posting, Visibility, policy::Action};
use function_host::{
    Json, On, Path, Problem, Services,
    etag::{Conditions, IfMatch},
    extract::Authenticated,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{ChannelPath, ChannelView},
    change, create,
    properties::{self, Properties},
    show, store,
};
use crate::conversations::identity::is_derived;

/// All properties of a channel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "general", "topic": "Everything that has no channel of its own",
    "purpose": "Talk of the house.\nNews go to #news.", "visibility": "public", "posting": "everyone"
}))]
pub(crate) struct PutChannel {
    /// Unique in the workspace, as are names that look alike: 1 to 80 characters that are seen, in one line; white space
    /// at the ends is removed.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// What is talked about now: up to 250 characters in one line; empty if absent.
    #[serde(default)]
    #[schema(max_length = 250)]
    topic: String,
    /// What the channel is for: up to 500 characters, in one line or several; empty if absent.
    #[serde(default)]
    #[schema(max_length = 500)]
    purpose: String,
    /// Who may see it.
    visibility: Visibility,
    /// Who may post in it; everyone in it if absent.
    posting: Option<Posting>,
}

impl PutChannel {
    fn properties(&self) -> Result<Properties, Problem> {
        Ok(Properties {
            name: self.name.parse().map_err(|error| Problem::invalid_name(error, "name"))?,
            topic: properties::topic(&self.topic)?,
            purpose: properties::purpose(&self.purpose)?,
            visibility: self.visibility,
            posting: self.posting.unwrap_or(Posting::Everyone),
        })
    }
}

/// Makes a channel with the caller as its admin, of at most 20,000 in the workspace; one that is there gets these properties, if the caller may change it.
/// With `If-Match`, only the version that is named; a change that was made already is answered as if it were made now.
#[utoipa::path(
    put, path = "/w/{handle}/v1/channels/{channelId}", operation_id = "putChannel", tag = "directory",
    params(ChannelPath, IfMatch), request_body = PutChannel,
    responses(
        (status = 201, body = ChannelView, description = "It is made"),
        (status = 200, body = ChannelView, description = "It has these properties, now or before"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`channel-name-taken` or `too-many-channels`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_channel(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<ChannelPath>,
    conditions: Conditions,
    Json(body): Json<PutChannel>,
) -> Result<Response, Problem> {
    let wanted = body.properties()?;
    services.access.authorise(&caller, On::Workspace, Action::CreateChannel).await?;

    let (id, pool) = (path.channel_id, services.pool(&caller.workspace).await?);
    let mut known = store::channel(&pool, id, caller.user).await?;
    if known.is_none() {
        if is_derived(id) {
            let detail = "ids of version 8 are conversations'; make one of version 7";
            return Err(Problem::unprocessable("channel-id-reserved", detail));
        }
        conditions.check_new()?;
        let news = services.relay.expect(&caller.workspace).await?;
        if create(&pool, id, &wanted, caller.user).await? {
            news.committed().await;
            return show(&pool, id, caller.user, StatusCode::CREATED).await;
        }
        news.nothing();
        known = store::channel(&pool, id, caller.user).await?;
    }

    if known.is_some_and(|known| known.is_visible() && known.has(&wanted)) {
        services.access.authorise(&caller, id, Action::SeeChannel).await?;
        return show(&pool, id, caller.user, StatusCode::OK).await;
    }
    services.access.authorise(&caller, id, Action::ChangeChannel).await?;
    let news = services.relay.expect(&caller.workspace).await?;
    if change(&pool, id, &wanted, &conditions).await? {
        news.committed().await;
    } else {
        news.nothing();
    }
    Ok(show(&pool, id, caller.user, StatusCode::OK).await?.into_response())
}

impl ChannelView {
    fn has(&self, wanted: &Properties) -> bool {
        let Properties { name, topic, purpose, visibility, posting } = wanted;
        self.name == name.as_str()
            && (&self.topic, &self.purpose) == (topic, purpose)
            && (self.visibility, self.posting) == (*visibility, *posting)
    }
}
