//! Opening a conversation. Its id follows from who is in it, so a retry names the same one.

use axum::{Json, extract::State, http::StatusCode};
use domain::{UserId, policy::Action};
use function_host::{On, Problem, Services, extract::Authenticated};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Circle, answer::Conversation, complete, open, store};
use crate::{
    answer::{Seen, WorkspacePath},
    error::DirectoryError,
    people::check_all_seen,
};

/// With whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"userIds": ["0199b0c2-7c7e-7a51-9d3b-6f2f7e1c0a42"]}))]
pub(crate) struct OpenConversation {
    /// One to eight others; the caller may be among them. Whoever is named twice counts once.
    #[schema(min_items = 1)]
    user_ids: Vec<UserId>,
}

/// Opens a conversation of two to nine people, or finds the one that they have. Guests open one only with people with whom
/// they share a channel or a team. One that is there is found also when somebody in it is deactivated. Nobody opens more
/// than 5,000.
#[utoipa::path(
    post, path = "/w/{handle}/v1/conversations", operation_id = "openConversation", tag = "directory",
    params(WorkspacePath), request_body = OpenConversation,
    responses(
        (status = 201, body = Conversation, description = "It is new"),
        (status = 200, body = Conversation, description = "They have it already"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`too-many-conversations`"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn open_conversation(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    function_host::Json(body): function_host::Json<OpenConversation>,
) -> Result<(StatusCode, Json<Conversation>), Problem> {
    let circle = Circle::of(caller.user, &body.user_ids)?;
    let opener = services.access.authorise(&caller, On::Workspace, Action::OpenConversation).await?;

    let (pool, id) = (services.pool(&caller.workspace).await?, circle.channel());
    let seen = Seen::now(&services, &caller.workspace);
    let mut status = StatusCode::OK;
    let is_new = store::conversation(&pool, &seen, id).await?.is_none();
    if is_new {
        check_all_seen(&pool, &opener, circle.people()).await?;
    }
    let news = services.relay.expect(&caller.workspace).await?;
    if is_new && open(&pool, caller.user, &circle).await? {
        status = StatusCode::CREATED;
        news.committed().await;
    } else if complete(&pool, &circle).await? {
        news.committed().await;
    } else {
        news.nothing();
    }
    let conversation = store::conversation(&pool, &seen, id).await?;
    Ok((status, Json(conversation.ok_or(DirectoryError::ChannelNotFound)?)))
}
