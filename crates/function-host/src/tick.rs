//! The clock's way in: a function is asked for work that no request brings.

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use tenancy::{Workspace, due::Purpose};

use crate::{Problem, Services, extract::bearer_of};

/// The path at which `function` takes ticks.
#[must_use]
pub fn path(function: &str) -> String {
    format!("/internal/v1/functions/{function}/tick")
}

/// The endpoint of one function. What is to be done stands in the signed token, so there is no body.
pub fn routes(function: &'static str, services: Services, errands: Errands) -> Router {
    Router::new().route(&path(function), post(tick)).with_state(Ticked { function, services, errands })
}

/// Work of a function's own, which the clock asks for when it is due.
#[async_trait]
pub trait Errand: Send + Sync + 'static {
    /// Under which purpose it is due.
    fn purpose(&self) -> Purpose;

    /// Does what is due of a workspace; a failure is asked for again.
    async fn run(&self, workspace: Arc<Workspace>) -> Result<(), Problem>;
}

/// All of a function's.
pub type Errands = Vec<Arc<dyn Errand>>;

#[derive(Clone)]
struct Ticked {
    function: &'static str,
    services: Services,
    errands: Errands,
}

/// 204 once the work is done; anything else is asked for again.
async fn tick(State(ticked): State<Ticked>, headers: HeaderMap) -> Result<StatusCode, Problem> {
    let claims = bearer_of(&headers)
        .and_then(|token| ticked.services.tick_key.verify(ticked.function, token))
        .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "token-invalid", "only the clock may ask this"))?;
    let no_such = || Problem::not_found("no-such-purpose", "this version knows no such work");
    let purpose = Purpose::of(&claims.purpose).ok_or_else(no_such)?;
    if purpose == Purpose::Outbox {
        ticked.services.relay.relay_now(&claims.workspace).await.map_err(|error| {
            tracing::warn!(workspace = %claims.workspace, error = format!("{error:#}"), "a tick was in vain");
            Problem::unavailable("not-done-yet", "the outbox could not be relayed; ask again")
        })?;
        return Ok(StatusCode::NO_CONTENT);
    }
    let errand = ticked.errands.iter().find(|errand| errand.purpose() == purpose).ok_or_else(no_such)?;
    let workspace = ticked.services.registry.by_id(&claims.workspace);
    let gone = || Problem::not_found("workspace-not-found", "there is no such workspace");
    errand.run(workspace.ok_or_else(gone)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
