//! Making a token for a bot.

use axum::extract;
use domain::policy::Action;
use function_host::{Json, On, Path, Problem, extract::Authenticated};

use super::{BotError, check_bot, paths::BotTokenPath};
use crate::{
    State,
    accounts::store as accounts,
    tokens::{Holder, Minted, MintedToken, PutToken, mint},
};

/// Makes an API token for a bot, as `putToken` does for oneself. For admins who have signed in: no token makes it.
#[utoipa::path(
    put, path = "/w/{handle}/v1/bots/{userId}/tokens/{tokenId}", operation_id = "putBotToken", tag = "auth",
    params(BotTokenPath), request_body = PutToken,
    responses(
        (status = 201, body = MintedToken, description = "It is made"),
        (status = 200, body = MintedToken, description = "It was made within the last 10 minutes, and has another secret"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_bot_token(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<BotTokenPath>,
    Json(body): Json<PutToken>,
) -> Result<Minted, Problem> {
    let wanted = body.read(auth.services.registry.clock().now_seconds())?;
    auth.services.access.authorise(&caller, On::Workspace, Action::MakeBotToken).await?;

    let mut transaction = auth.services.pool(&caller.workspace).await?.begin().await?;
    let bot = accounts::lock(&mut transaction, &[path.user_id]).await?.pop().ok_or(BotError::NotFound)?;
    check_bot(&bot)?;
    if !bot.active {
        return Err(BotError::Deactivated.into());
    }
    let holder = Holder { person: &bot, made_by: caller.user };
    let minted = mint(&mut transaction, holder, path.token_id, &wanted).await?;
    transaction.commit().await?;
    Ok(minted)
}
