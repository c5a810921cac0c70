//! Everybody in the workspace, and who has a name.

use axum::{Json, extract::State};
use domain::{AccountKind, policy::Action};
use function_host::{
    On, Problem, Query, Services,
    extract::Authenticated,
    page::{List, PageQuery, cut},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    answer::PeoplePage,
    guest,
    store::{self, Which},
};
use crate::{
    answer::{Seen, WorkspacePath},
    paging::ByName,
    search::tsquery,
};

const PAGES: List = List("people");

/// What a reader may ask for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeopleQuery {
    /// `nextCursor` of the page before.
    cursor: Option<String>,
    /// Items at most, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Each of its words begins a word of the name; without letters and digits it finds nobody.
    #[param(max_length = 80, example = "ada")]
    q: Option<String>,
    /// Only who is active, or only who is deactivated; both if absent.
    active: Option<bool>,
    /// Only people, or only programs; both if absent.
    #[param(inline)]
    kind: Option<AccountKind>,
}

/// Lists people, in the order of their names; active and deactivated ones stand among each other. Whoever was erased is
/// left out. A guest is shown only people with whom they share a channel or a team, and themselves.
#[utoipa::path(
    get, path = "/w/{handle}/v1/people", operation_id = "listPeople", tag = "directory",
    params(WorkspacePath, PeopleQuery),
    responses(
        (status = 200, body = PeoplePage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_people(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Query(query): Query<PeopleQuery>,
) -> Result<Json<PeoplePage>, Problem> {
    let page = PageQuery::of(query.cursor, query.limit);
    let (limit, after) = (page.limit()?, page.after::<ByName>(PAGES)?);
    let search = tsquery(query.q.as_deref())?;
    let reader = services.access.authorise(&caller, On::Workspace, Action::SeePeople).await?;

    let pool = services.pool(&caller.workspace).await?;
    let which = Which { search, active: query.active, kind: query.kind, guest: guest(&reader) };
    let seen = Seen::now(&services, &caller.workspace);
    let people = store::people(&pool, &seen, &which, after.as_ref(), limit + 1).await?;
    let (page, next_cursor) = cut(PAGES, people, limit, |(key, _)| key.clone());
    Ok(Json(PeoplePage { items: page.into_iter().map(|(_, person)| person).collect(), next_cursor }))
}
