//! Posting. The id is the client's, so a retry names the same message: the first in the log wins.

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::Utc;
use domain::{
    ChannelId, Event, MessageId,
    events::MessageCreated,
    fold::{Content, Message},
    ids::TopicKind,
    policy::Action,
    text::check_message,
};
use function_host::{Json, Path, Problem, Services, extract::Authenticated};
use serde::Deserialize;
use tenancy::Workspace;
use utoipa::ToSchema;

use crate::{
    answer::{MessagePath, Written},
    find::find_message,
    recent_posts::{RecentPosts, is_fresh},
    store,
};

/// A message to post.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PutMessage {
    /// 1 to 20,000 characters; no control characters other than tab and line feed.
    #[schema(max_length = 20_000, example = "Good morning!")]
    text: String,
    /// The message to reply to, in the same channel; itself no reply.
    parent_message_id: Option<MessageId>,
}

/// Posts a message.
#[utoipa::path(
    put, path = "/w/{handle}/v1/channels/{channelId}/messages/{messageId}", operation_id = "putMessage",
    tag = "messages", params(MessagePath), request_body = PutMessage,
    responses(
        (status = 201, body = Written, description = "In the log, acknowledged by every in-sync replica"),
        (status = 200, body = Written, description = "It was there already"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json", description = "`outcome-unknown`: retry with the same id"),
    )
)]
pub(crate) async fn put_message(
    State(services): State<Services>,
    State(recent): State<RecentPosts>,
    Authenticated(caller): Authenticated,
    Path(path): Path<MessagePath>,
    Json(body): Json<PutMessage>,
) -> Result<Response, Problem> {
    services.access.authorise(&caller, path.channel_id, Action::PostMessage).await?;
    check_message(&body.text)?;

    let event = MessageCreated {
        message_id: path.message_id,
        channel_id: path.channel_id,
        parent_message_id: body.parent_message_id,
        user_id: caller.user,
        text: body.text,
    };
    let known = match recent.find(&caller.workspace, event.channel_id, event.message_id) {
        None if is_fresh(event.message_id, Utc::now()) => None,
        None => known(&services, &caller.workspace, &event).await?,
        known => known,
    };
    if let Some(known) = known {
        return repeated(&known, &event);
    }
    if let Some(parent) = event.parent_message_id {
        check_parent(&services, &caller.workspace, path.channel_id, parent).await?;
    }

    services.rates.post(&caller.workspace)?;
    let said = Event::MessageCreated(event.clone());
    let appended = services.log.append(&caller.workspace, TopicKind::Messages, path.channel_id.0, &said).await?;
    recent.keep(&caller.workspace, event, &appended);
    let written = Written { message_id: path.message_id, position: appended.position, time: appended.time };
    Ok(written.answer(StatusCode::CREATED))
}

/// The message of this id, if the database knows one. While it is away, posting goes on: the fold ignores a second one.
async fn known(services: &Services, workspace: &Workspace, event: &MessageCreated) -> Result<Option<Message>, Problem> {
    let looked =
        async { Ok(store::message(&*services.pool(workspace).await?, event.channel_id, event.message_id).await?) };
    looked.await.or_else(|problem| unless_away(problem).map(|()| None))
}

fn unless_away(problem: Problem) -> Result<(), Problem> {
    if matches!(problem.code(), "database-unavailable" | "database-busy") { Ok(()) } else { Err(problem) }
}

/// A retry gets the first answer again; another message under the same id is refused.
fn repeated(known: &Message, event: &MessageCreated) -> Result<Response, Problem> {
    let same_text = match &known.content {
        Content::Live { text, edited_at: None } => *text == event.text,
        // What it first said is no longer known.
        Content::Live { .. } | Content::Deleted { .. } => true,
    };
    if known.author == event.user_id && known.parent == event.parent_message_id && same_text {
        let written = Written { message_id: known.id, position: known.created, time: known.created_at };
        return Ok(written.answer(StatusCode::OK));
    }
    Err(Problem::conflict("message-id-taken", "this id names another message of the channel; make a new one"))
}

async fn check_parent(
    services: &Services,
    workspace: &Workspace,
    channel: ChannelId,
    parent: MessageId,
) -> Result<(), Problem> {
    let found = async {
        let pool = services.pool(workspace).await?;
        find_message(services, workspace, &pool, channel, parent).await
    };
    match found.await {
        Ok(Some(Message { parent: Some(_), .. })) => {
            let detail = "a reply can't be replied to; reply to the message that began the thread";
            Err(Problem::unprocessable("parent-is-a-reply", detail).at("parentMessageId"))
        }
        Ok(Some(_)) => Ok(()),
        Ok(None) => {
            Err(Problem::not_found("parent-not-found", "there is no such message to reply to").at("parentMessageId"))
        }
        Err(problem) => unless_away(problem),
    }
}
