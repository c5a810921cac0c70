//! Who is in a channel.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{
    Path, Problem, Query, Services,
    extract::Authenticated,
    page::{List, cut},
};

use super::{answer::MemberPage, store};
use crate::{answer::Seen, channels::answer::ChannelPath, search::SearchQuery};

const PAGES: List = List("members");

/// Lists the members of a channel that the caller may see, in the order of their ids; with `q`, those whose names have
/// it.
#[utoipa::path(
    get, path = "/w/{handle}/v1/channels/{channelId}/members", operation_id = "listMembers", tag = "directory",
    params(ChannelPath, SearchQuery),
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
    Query(query): Query<SearchQuery>,
) -> Result<Json<MemberPage>, Problem> {
    let (page, search) = query.parts()?;
    let (limit, after) = (page.limit()?, page.after(PAGES)?);
    services.access.authorise(&caller, path.channel_id, Action::SeeChannel).await?;

    let (pool, seen) = (services.pool(&caller.workspace).await?, Seen::now(&services, &caller.workspace));
    let members = store::members(&pool, &seen, path.channel_id, search.as_deref(), after, limit + 1).await?;
    let (items, next_cursor) = cut(PAGES, members, limit, |member| member.user_id);
    Ok(Json(MemberPage { items, next_cursor }))
}
