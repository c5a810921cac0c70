//! Ending a token of a bot's.

use axum::{extract, http::StatusCode};
use domain::policy::Action;
use function_host::{On, Path, Problem, extract::Authenticated};

use super::{BotError, check_bot, paths::BotTokenPath};
use crate::{State, accounts::store as accounts, tokens};

/// Ends an API token of a bot's; its sockets close. For admins.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/bots/{userId}/tokens/{tokenId}", operation_id = "deleteBotToken", tag = "auth",
    params(BotTokenPath),
    responses(
        (status = 204, description = "It has ended, now or before; others refuse it within 5 seconds"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn remove_bot_token(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<BotTokenPath>,
) -> Result<StatusCode, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageBots).await?;

    let mut transaction = auth.services.pool(&caller.workspace).await?.begin().await?;
    let bot = accounts::lock(&mut transaction, &[path.user_id]).await?.pop().ok_or(BotError::NotFound)?;
    check_bot(&bot)?;
    if tokens::end(&mut transaction, path.token_id, path.user_id).await? {
        auth.publish(&caller.workspace, transaction).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
