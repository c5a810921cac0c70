//! Editing: the author replaces the whole text; the last edit in the log wins.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Event, events::MessageEdited, fold::Content, ids::TopicKind, policy::Action, text::check_message};
use function_host::{Json, Path, Problem, Services, extract::Authenticated};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    answer::{MessagePath, Written},
    find::find_message,
};

/// A message's new text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EditMessage {
    /// The whole new text, with the rules of a new message.
    #[schema(max_length = 20_000, example = "Good morning, all!")]
    text: String,
}

/// Replaces a message's text.
#[utoipa::path(
    patch, path = "/w/{handle}/v1/channels/{channelId}/messages/{messageId}", operation_id = "editMessage",
    tag = "messages", params(MessagePath), request_body = EditMessage,
    responses(
        (status = 200, body = Written),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn edit_message(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<MessagePath>,
    Json(body): Json<EditMessage>,
) -> Result<Response, Problem> {
    services.access.authorise(&caller, path.channel_id, Action::ReadMessages).await?;
    check_message(&body.text)?;

    let pool = services.pool(&caller.workspace).await?;
    let found = find_message(&services, &caller.workspace, &pool, path.channel_id, path.message_id).await?;
    let message = found.ok_or_else(|| Problem::not_found("message-not-found", "there is no such message"))?;
    let edit = Action::EditMessage { author: message.author };
    services.access.authorise(&caller, path.channel_id, edit).await?;
    if matches!(message.content, Content::Deleted { .. }) {
        return Err(Problem::new(StatusCode::GONE, "message-deleted", "the message was deleted"));
    }
    // Even the same text is appended: another edit may be on its way to the database.

    let event = Event::MessageEdited(MessageEdited {
        message_id: path.message_id,
        channel_id: path.channel_id,
        user_id: caller.user,
        text: body.text,
    });
    let appended = services.log.append(&caller.workspace, TopicKind::Messages, path.channel_id.0, &event).await?;
    let written = Written { message_id: path.message_id, position: appended.position, time: appended.time };
    Ok(written.answer(StatusCode::OK))
}
