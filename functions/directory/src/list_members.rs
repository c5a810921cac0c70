//! Who is in a channel.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{
    Path, Problem, Query, Services,
    extract::Authenticated,
    page::{List, PageQuery, cut},
};

use crate::{
    answer::{ChannelPath, MemberPage},
    store,
};

const PAGES: List = List("members");

/// Lists the members of a channel that the caller may see, in the order of their ids.
#[utoipa::path(
    get, path = "/w/{handle}/v1/channels/{channelId}/members", operation_id = "listMembers", tag = "directory",
    params(ChannelPath, PageQuery),
    responses(
        (status = 200, body = MemberPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_members(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<ChannelPath>,
    Query(query): Query<PageQuery>,
) -> Result<Json<MemberPage>, Problem> {
    let (limit, after) = (query.limit()?, query.after(PAGES)?);
    services.access.authorise(&caller, path.channel_id, Action::SeeChannel).await?;

    let pool = services.pool(&caller.workspace).await?;
    let members = store::members(&pool, &caller.workspace.handle, path.channel_id, after, limit + 1).await?;
    let (items, next_cursor) = cut(PAGES, members, limit, |member| member.user_id);
    Ok(Json(MemberPage { items, next_cursor }))
}
