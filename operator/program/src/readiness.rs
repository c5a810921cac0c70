//! `/readyz`: whether this process could lead, whether or not it does.

use axum::{Router, http::StatusCode, routing::get};
use operator::kubernetes::Readiness;
use tokio::sync::watch;

/// Says why not, if not.
pub fn routes(readiness: watch::Receiver<Readiness>) -> Router {
    let answer = move || {
        let readiness = readiness.borrow().clone();
        async move {
            match readiness {
                Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
                Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{}: {}\n", why.reason, why.message)),
            }
        }
    };
    Router::new().route("/readyz", get(answer))
}
