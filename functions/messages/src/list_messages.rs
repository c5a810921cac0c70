//! A channel's messages, newest first; replies stand in their threads.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::policy::Action;
use function_host::{Path, Problem, Query, Services, extract::Authenticated};

use crate::{
    answer::{ChannelPath, MessagePage, POSITION},
    read::{self, PageQuery, next_cursor},
    store,
};

/// Lists a channel's messages, newest first, without replies.
#[utoipa::path(
    get, path = "/w/{handle}/v1/channels/{channelId}/messages", operation_id = "listMessages",
    tag = "messages", params(ChannelPath, PageQuery),
    responses(
        (status = 200, body = MessagePage, description = "Complete up to the place in the header `threadly-position`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_messages(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<ChannelPath>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    services.access.authorise(&caller, path.channel_id, Action::ReadMessages).await?;
    let (limit, before) = (query.limit()?, query.sequence()?.unwrap_or(i64::MAX));

    let pool = services.pool(&caller.workspace).await?;
    let position =
        read::position(&services, &caller.workspace, &pool, path.channel_id, query.at_least.as_ref()).await?;
    let items = store::channel_page(&pool, path.channel_id, before, limit).await?;

    let full = items.len() as i64 == limit;
    let next_cursor = items.last().filter(|_| full).map(|last| next_cursor(last.sequence));
    let page = axum::Json(MessagePage { items, next_cursor });
    Ok((position.map(|position| [(POSITION, position)]), page).into_response())
}
