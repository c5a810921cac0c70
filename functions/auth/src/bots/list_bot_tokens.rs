//! A bot's tokens.

use axum::{Json, extract};
use domain::policy::Action;
use function_host::{On, Path, Problem, Query, extract::Authenticated, page::PageQuery};

use super::{BotError, check_bot, paths::BotPath};
use crate::{
    State,
    accounts::store as accounts,
    tokens::{self, TokenPage},
};

/// Lists a bot's API tokens, in the order of their ids. Their secrets are not known here. For admins.
#[utoipa::path(
    get, path = "/w/{handle}/v1/bots/{userId}/tokens", operation_id = "listBotTokens", tag = "auth",
    params(BotPath, PageQuery),
    responses(
        (status = 200, body = TokenPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_bot_tokens(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<BotPath>,
    Query(query): Query<PageQuery>,
) -> Result<Json<TokenPage>, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageBots).await?;

    let pool = auth.services.pool(&caller.workspace).await?;
    check_bot(&accounts::facts(&pool, path.user_id).await?.ok_or(BotError::NotFound)?)?;
    tokens::page(&pool, path.user_id, &query).await.map(Json)
}
