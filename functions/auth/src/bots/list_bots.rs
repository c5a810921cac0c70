//! The workspace's bots.

use axum::{Json, extract};
use domain::policy::Action;
use function_host::{
    On, Problem, Query,
    extract::Authenticated,
    page::{List, PageQuery, cut},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{put_bot::Bot, store};
use crate::{State, accounts::WorkspacePath};

const PAGES: List = List("bots");

/// A page of bots, in the order of their ids.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BotPage {
    /// The bots, without those that were erased.
    items: Vec<Bot>,
    /// For the next page; null at the end.
    next_cursor: Option<String>,
}

/// Lists the workspace's bots, in the order of their ids. For admins.
#[utoipa::path(
    get, path = "/w/{handle}/v1/bots", operation_id = "listBots", tag = "auth", params(WorkspacePath, PageQuery),
    responses(
        (status = 200, body = BotPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_bots(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Query(query): Query<PageQuery>,
) -> Result<Json<BotPage>, Problem> {
    let (limit, after) = (query.limit()?, query.after(PAGES)?);
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageBots).await?;

    let pool = auth.services.pool(&caller.workspace).await?;
    let bots = store::bots(&pool, after, limit + 1).await?;
    let (items, next_cursor) = cut(PAGES, bots, limit, |bot| bot.user_id);
    Ok(Json(BotPage { items, next_cursor }))
}
