//! Opening a socket. Whoever may not have one is told so over HTTP, before the upgrade.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{FromRef, Request, State},
    http::StatusCode,
    response::Response,
};
use domain::{Cursor, policy::Action};
use function_host::{On, Problem, Query, Services, extract::Authenticated};
use serde::Deserialize;
use tenancy::Workspace;
use tokio::time::timeout;
use utoipa::IntoParams;

use crate::{
    handshake::Handshake,
    places::{Full, Places},
    rooms::Rooms,
    socket::{self, Visitor},
};

/// Longest wait for one's turn; below the host's limit on answers.
const OPENING_LIMIT: Duration = Duration::from_secs(4);

/// What the endpoint works with.
#[derive(Clone, Debug)]
pub(crate) struct EdgeState {
    pub rooms: Arc<Rooms>,
    pub places: Arc<Places>,
}

impl FromRef<EdgeState> for Services {
    fn from_ref(state: &EdgeState) -> Self {
        state.rooms.services.clone()
    }
}

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OpenSocketQuery {
    /// The last cursor that the client has merged: what it has missed comes first, or a `reset` frame.
    #[param(example = "c1.4711.320")]
    cursor: Option<String>,
}

/// Opens a WebSocket (RFC 6455, subprotocol `threadly.v1`) that brings every event of every channel of the caller.
///
/// The token comes in the Authorization header or as a second subprotocol `bearer.{token}`. Frames are JSON texts:
/// `{"type":"event","position","time","event","data"}`, `{"type":"ready","cursor"}` once what was missed has come,
/// `{"type":"ping","cursor"}`, and `{"type":"reset","reason","cursor"}` where it can't. The client merges positions into
/// its cursor; before its token expires it sends `{"type":"token","accessToken"}`. Close codes: 4401 token expired,
/// 4403 no longer allowed, 4408 slow reader, 4423 workspace suspended, 1012 going away: come again with the cursor.
#[utoipa::path(
    get, path = "/w/{handle}/v1/socket", operation_id = "openSocket", tag = "realtime",
    params(("handle" = String, Path, description = "The workspace"), OpenSocketQuery),
    responses(
        (status = 101, description = "Open"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn open_socket(
    State(state): State<EdgeState>,
    Authenticated(caller): Authenticated,
    Query(query): Query<OpenSocketQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let services = &state.rooms.services;
    // Before the database is asked: a crowd beyond the limit costs nothing more.
    let place = state.places.take(&caller.workspace.id, caller.user).map_err(full)?;
    let opening = timeout(OPENING_LIMIT, state.rooms.openings.acquire());
    let Ok(Ok(opening)) = opening.await else {
        return Err(Problem::unavailable("too-many-sockets", "too many sockets are being opened; try again"));
    };
    services.access.authorise(&caller, On::Workspace, Action::OpenSocket).await?;
    drop(opening);
    let cursor = query.cursor.map(|text| parse(&text, &caller.workspace)).transpose()?;
    let handshake = Handshake::of(request)?;
    if services.shutdown.is_cancelled() {
        return Err(Problem::unavailable("going-away", "this process is ending; try again"));
    }

    let lease = state.rooms.enter(&caller.workspace).await?;
    let tasks = services.tasks.clone();
    let visitor = Visitor { rooms: state.rooms, lease, caller, cursor, place };
    let (answer, opening) = handshake.accept();
    tasks.spawn(async move {
        if let Some((stream, early)) = opening.await {
            socket::serve(stream, &early, visitor).await;
        }
    });
    Ok(answer)
}

/// A cursor of another epoch has whatever length: its client is told to begin anew.
fn parse(text: &str, workspace: &Workspace) -> Result<Cursor, Problem> {
    let refused = |detail: String| Problem::bad_request("invalid-cursor", detail).at("cursor");
    let cursor: Cursor = text.parse().map_err(|error: domain::position::InvalidPosition| refused(error.to_string()))?;
    if cursor.epoch == workspace.epoch && cursor.next.len() != workspace.message_partitions as usize {
        return Err(refused("this cursor is of another workspace".to_owned()));
    }
    Ok(cursor)
}

fn full(full: Full) -> Problem {
    match full {
        Full::Process => Problem::unavailable("too-many-sockets", "this process has no room for one more; try again"),
        Full::Person => Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-sockets",
            "you have too many open sockets; close one first",
        ),
    }
}
