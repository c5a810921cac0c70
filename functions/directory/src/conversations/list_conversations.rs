//! The caller's conversations.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{
    On, Problem, Query, Services,
    extract::Authenticated,
    page::{List, PageQuery, cut},
};

use super::{answer::ConversationPage, store};
use crate::{
    answer::{Seen, WorkspacePath},
    paging::Newest,
};

const PAGES: List = List("conversations");

/// Lists the conversations that the caller is in, with their members, the one that was opened last first.
#[utoipa::path(
    get, path = "/w/{handle}/v1/conversations", operation_id = "listConversations", tag = "directory",
    params(WorkspacePath, PageQuery),
    responses(
        (status = 200, body = ConversationPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_conversations(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Query(query): Query<PageQuery>,
) -> Result<Json<ConversationPage>, Problem> {
    let (limit, before) = (query.limit()?, query.after::<Newest>(PAGES)?);
    services.access.authorise(&caller, On::Workspace, Action::SeeChannels).await?;

    let (pool, seen) = (services.pool(&caller.workspace).await?, Seen::now(&services, &caller.workspace));
    let conversations = store::conversations(&pool, &seen, caller.user, before, limit + 1).await?;
    let key = |last: &super::answer::Conversation| Newest { at: last.created_at, id: last.channel_id.0 };
    let (items, next_cursor) = cut(PAGES, conversations, limit, key);
    Ok(Json(ConversationPage { items, next_cursor }))
}
