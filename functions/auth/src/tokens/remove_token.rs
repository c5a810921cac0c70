//! Ending one of one's own tokens.

use axum::{extract, http::StatusCode};
use domain::{SessionId, TokenId, UserId, policy::Action};
use function_host::{On, Path, Problem, extract::Authenticated};
use sqlx::PgConnection;

use super::{TokenError, TokenPath, store};
use crate::{State, session};

/// Ends an API token of the caller's; its sockets close.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/me/tokens/{tokenId}", operation_id = "deleteToken", tag = "auth",
    params(TokenPath),
    responses(
        (status = 204, description = "It has ended, now or before; others refuse it within 5 seconds"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn remove_token(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<TokenPath>,
) -> Result<StatusCode, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;

    let mut transaction = auth.services.pool(&caller.workspace).await?.begin().await?;
    if end(&mut transaction, path.token_id, caller.user).await? {
        auth.publish(&caller.workspace, transaction).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a token of somebody's and tells the edges. False if it has ended before.
pub(crate) async fn end(connection: &mut PgConnection, token: TokenId, user: UserId) -> Result<bool, Problem> {
    match store::revoke(connection, token, user).await? {
        None => Err(TokenError::NotFound.into()),
        Some(false) => Ok(false),
        Some(true) => {
            // To the edges it is a session.
            session::tell_ended(connection, user, &[SessionId(token.0)]).await?;
            Ok(true)
        }
    }
}
