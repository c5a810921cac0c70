//! The clock's way in: a function is asked for work that no request brings.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use tenancy::due::Purpose;

use crate::{Problem, Services, extract::bearer_of};

/// The path at which `function` takes ticks.
#[must_use]
pub fn path(function: &str) -> String {
    format!("/internal/v1/functions/{function}/tick")
}

/// The endpoint of one function. What is to be done stands in the signed token, so there is no body.
pub fn routes(function: &'static str, services: Services) -> Router {
    Router::new().route(&path(function), post(tick)).with_state(Ticked { function, services })
}

#[derive(Clone)]
struct Ticked {
    function: &'static str,
    services: Services,
}

/// 204 once the work is done; anything else is asked for again.
async fn tick(State(ticked): State<Ticked>, headers: HeaderMap) -> Result<StatusCode, Problem> {
    let claims = bearer_of(&headers)
        .and_then(|token| ticked.services.tick_key.verify(ticked.function, token))
        .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "token-invalid", "only the clock may ask this"))?;
    match Purpose::of(&claims.purpose) {
        Some(Purpose::Outbox) => ticked.services.relay.relay_now(&claims.workspace).await.map_err(|error| {
            tracing::warn!(workspace = %claims.workspace, error = format!("{error:#}"), "a tick was in vain");
            Problem::unavailable("not-done-yet", "the outbox could not be relayed; ask again")
        })?,
        None => return Err(Problem::not_found("no-such-purpose", "this version knows no such work")),
    }
    Ok(StatusCode::NO_CONTENT)
}
