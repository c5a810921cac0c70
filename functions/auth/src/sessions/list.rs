//! One's sessions.

use axum::extract;
use chrono::{DateTime, Utc};
use domain::{SessionId, policy::Action};
use function_host::{
    On, Problem, Query,
    extract::Authenticated,
    page::{List, PageQuery, cut},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::State;

const SESSIONS: List = List("sessions");

/// A device that one is signed in on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnSession {
    /// Its id.
    pub(super) session_id: SessionId,
    /// What the device says that it is; may be empty.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")]
    pub(super) device: String,
    /// Where it was used from last; empty if that is not known.
    #[schema(example = "192.0.2.7")]
    pub(super) address: String,
    /// When it began.
    pub(super) created_at: DateTime<Utc>,
    /// When its tokens were renewed last. Unused for 30 days, a session ends.
    pub(super) last_used_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub(super) current: bool,
}

/// A page of sessions.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnSessionsPage {
    items: Vec<OwnSession>,
    /// For the next page; none after the last.
    next_cursor: Option<String>,
}

/// Lists the devices that one is signed in on, those first that signed in last.
#[utoipa::path(
    get, path = "/w/{handle}/v1/me/sessions", operation_id = "listOwnSessions", tag = "auth",
    params(("handle" = String, Path, description = "The workspace"), PageQuery),
    responses(
        (status = 200, body = OwnSessionsPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_own_sessions(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<OwnSessionsPage>, Problem> {
    let (limit, after) = (query.limit()?, query.after(SESSIONS)?);
    auth.services.access.authorise(&caller, On::Workspace, Action::ManageOwnAccount).await?;

    let pool = auth.services.pool(&caller.workspace).await?;
    let sessions = store::list(&pool, caller.user, caller.session, after, limit + 1).await?;
    let (items, next_cursor) = cut(SESSIONS, sessions, limit, |session| session.session_id);
    Ok(axum::Json(OwnSessionsPage { items, next_cursor }))
}
