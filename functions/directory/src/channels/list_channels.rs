//! The channels that the caller may see.

use axum::{Json, extract::State};
use domain::{Role, policy::Action};
use function_host::{
    On, Problem, Query, Services,
    extract::Authenticated,
    page::{List, PageQuery, cut},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    answer::ChannelPage,
    store::{self, Which},
};
use crate::{answer::WorkspacePath, search::tsquery};

const PAGES: List = List("channels");

/// What a reader may ask for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChannelQuery {
    /// `nextCursor` of the page before.
    cursor: Option<String>,
    /// Items at most, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Each of its words begins a word of the name; without letters and digits it finds nothing.
    #[param(max_length = 80, example = "gen")]
    q: Option<String>,
    /// Only archived channels, or only others; both if absent.
    archived: Option<bool>,
}

/// Lists the caller's channels and, unless the caller is a guest, all public ones, in the order of their names.
/// Conversations are listed by themselves.
#[utoipa::path(
    get, path = "/w/{handle}/v1/channels", operation_id = "listChannels", tag = "directory",
    params(WorkspacePath, ChannelQuery),
    responses(
        (status = 200, body = ChannelPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_channels(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Query(query): Query<ChannelQuery>,
) -> Result<Json<ChannelPage>, Problem> {
    let page = PageQuery::of(query.cursor, query.limit);
    let (limit, after) = (page.limit()?, page.after::<String>(PAGES)?);
    let search = tsquery(query.q.as_deref())?;
    let reader = services.access.authorise(&caller, On::Workspace, Action::SeeChannels).await?;

    let pool = services.pool(&caller.workspace).await?;
    let which = Which { search, archived: query.archived, own_only: reader.role == Role::Guest };
    let channels = store::visible_channels(&pool, caller.user, &which, after.as_deref(), limit + 1).await?;
    let (page, next_cursor) = cut(PAGES, channels, limit, |(key, _)| key.clone());
    Ok(Json(ChannelPage { items: page.into_iter().map(|(_, channel)| channel).collect(), next_cursor }))
}
