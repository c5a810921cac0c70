//! A thread: the message that began it, then its replies, oldest first.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::policy::Action;
use function_host::{Path, Problem, Query, Services, extract::Authenticated};

use crate::{
    answer::{MessagePage, MessagePath, POSITION},
    find::find_message,
    read::{self, PageQuery, next_cursor},
    store,
};

/// Lists a thread, oldest first; the first page begins with the message itself.
#[utoipa::path(
    get, path = "/w/{handle}/v1/channels/{channelId}/messages/{messageId}/thread", operation_id = "listThread",
    tag = "messages", params(MessagePath, PageQuery),
    responses(
        (status = 200, body = MessagePage, description = "Complete up to the place in the header `threadly-position`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_thread(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<MessagePath>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    services.access.authorise(&caller, path.channel_id, Action::ReadMessages).await?;
    let (limit, after) = (query.limit()?, query.sequence()?.unwrap_or(0));

    let pool = services.pool(&caller.workspace).await?;
    let position =
        read::position(&services, &caller.workspace, &pool, path.channel_id, query.at_least.as_ref()).await?;
    find_message(&services, &caller.workspace, &pool, path.channel_id, path.message_id)
        .await?
        .ok_or_else(|| Problem::not_found("message-not-found", "there is no such message"))?;
    let items = store::thread_page(&pool, path.channel_id, path.message_id, after, limit).await?;

    let full = items.len() as i64 == limit;
    let next_cursor = items.last().filter(|_| full).map(|last| next_cursor(last.sequence));
    let page = axum::Json(MessagePage { items, next_cursor });
    Ok((position.map(|position| [(POSITION, position)]), page).into_response())
}
