//! The channels that the caller may see.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{
    On, Problem, Query, Services,
    extract::Authenticated,
    page::{List, PageQuery, cut},
};

use crate::{
    answer::{ChannelPage, WorkspacePath},
    store,
};

const PAGES: List = List("channels");

/// Lists the caller's channels and all public ones, in the order of their names.
#[utoipa::path(
    get, path = "/w/{handle}/v1/channels", operation_id = "listChannels", tag = "directory",
    params(WorkspacePath, PageQuery),
    responses(
        (status = 200, body = ChannelPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_channels(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Query(query): Query<PageQuery>,
) -> Result<Json<ChannelPage>, Problem> {
    let (limit, after) = (query.limit()?, query.after::<String>(PAGES)?);
    services.access.authorise(&caller, On::Workspace, Action::SeeChannels).await?;

    let pool = services.pool(&caller.workspace).await?;
    let channels = store::visible_channels(&pool, caller.user, after.as_deref(), limit + 1).await?;
    let (page, next_cursor) = cut(PAGES, channels, limit, |(key, _)| key.clone());
    Ok(Json(ChannelPage { items: page.into_iter().map(|(_, channel)| channel).collect(), next_cursor }))
}
