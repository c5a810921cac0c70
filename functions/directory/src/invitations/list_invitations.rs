//! The workspace's invitations.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{
    On, Problem, Query, Services,
    extract::Authenticated,
    page::{List, PageQuery, cut},
};

use super::{
    answer::{Invitation, InvitationPage},
    store,
};
use crate::{answer::WorkspacePath, paging::Newest};

const PAGES: List = List("invitations");

/// Lists the workspace's invitations, whoever made them and whatever became of them, the newest first.
#[utoipa::path(
    get, path = "/w/{handle}/v1/invitations", operation_id = "listInvitations", tag = "directory",
    params(WorkspacePath, PageQuery),
    responses(
        (status = 200, body = InvitationPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_invitations(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Query(query): Query<PageQuery>,
) -> Result<Json<InvitationPage>, Problem> {
    let (limit, before) = (query.limit()?, query.after::<Newest>(PAGES)?);
    services.access.authorise(&caller, On::Workspace, Action::ManageInvitations).await?;

    let pool = services.pool(&caller.workspace).await?;
    let invitations = store::invitations(&pool, before, limit + 1).await?;
    let key = |last: &Invitation| Newest { at: last.created_at, id: last.invitation_id.0 };
    let (items, next_cursor) = cut(PAGES, invitations, limit, key);
    Ok(Json(InvitationPage { items, next_cursor }))
}
