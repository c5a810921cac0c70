//! One's own tokens.

use axum::{Json, extract};
use domain::{UserId, policy::Action};
use function_host::{
    On, Problem, Query,
    extract::Authenticated,
    page::{List, PageQuery, cut},
};
use sqlx::PgPool;

use super::{TokenPage, store};
use crate::{State, accounts::WorkspacePath};

const PAGES: List = List("tokens");

/// Lists the caller's API tokens, in the order of their ids. Their secrets are not known here.
#[utoipa::path(
    get, path = "/w/{handle}/v1/me/tokens", operation_id = "listTokens", tag = "auth",
    params(WorkspacePath, PageQuery),
    responses(
        (status = 200, body = TokenPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_tokens(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Query(query): Query<PageQuery>,
) -> Result<Json<TokenPage>, Problem> {
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;

    let pool = auth.services.pool(&caller.workspace).await?;
    page(&pool, caller.user, &query).await.map(Json)
}

/// A page of somebody's tokens.
pub(crate) async fn page(pool: &PgPool, user: UserId, query: &PageQuery) -> Result<TokenPage, Problem> {
    let (limit, after) = (query.limit()?, query.after(PAGES)?);
    let tokens = store::tokens(pool, user, after, limit + 1).await?;
    let (items, next_cursor) = cut(PAGES, tokens, limit, |token| token.token_id);
    Ok(TokenPage { items, next_cursor })
}
