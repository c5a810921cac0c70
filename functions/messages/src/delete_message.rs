//! Deleting: by the author or an admin; terminal.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Event, events::MessageDeleted, fold::Content, ids::TopicKind, policy::Action};
use function_host::{Path, Problem, Services, extract::Authenticated};

use crate::{
    answer::{MessagePath, Written},
    find::find_message,
};

/// Deletes a message for good.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/channels/{channelId}/messages/{messageId}", operation_id = "deleteMessage",
    tag = "messages", params(MessagePath),
    responses(
        (status = 200, body = Written, description = "It is deleted, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_message(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<MessagePath>,
) -> Result<Response, Problem> {
    services.access.authorise(&caller, path.channel_id, Action::ReadMessages).await?;

    let pool = services.pool(&caller.workspace).await?;
    let found = find_message(&services, &caller.workspace, &pool, path.channel_id, path.message_id).await?;
    let message = found.ok_or_else(|| Problem::not_found("message-not-found", "there is no such message"))?;
    let delete = Action::DeleteMessage { author: message.author };
    services.access.authorise(&caller, path.channel_id, delete).await?;
    if let Content::Deleted { at } = message.content {
        return Ok(Written { message_id: message.id, position: message.changed, time: at }.answer(StatusCode::OK));
    }

    let event = Event::MessageDeleted(MessageDeleted {
        message_id: path.message_id,
        channel_id: path.channel_id,
        user_id: caller.user,
    });
    let appended = services.log.append(&caller.workspace, TopicKind::Messages, path.channel_id.0, &event).await?;
    let written = Written { message_id: path.message_id, position: appended.position, time: appended.time };
    Ok(written.answer(StatusCode::OK))
}
