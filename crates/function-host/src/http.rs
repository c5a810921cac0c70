//! What stands around every function's endpoints: request ids, traces, metrics, limits, and answers for what no
//! endpoint takes.

use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};
use tracing::Instrument;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{Problem, rates::Told, telemetry};

/// The largest request body.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// The longest time for an answer; above the log's own limit, so that `outcome-unknown` is answered by the handler.
const MAX_ANSWER: Duration = Duration::from_secs(10);
/// In every answer and log line of a request; a client's own is taken over.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A function's endpoints, and those that are not for clients, with everything around them.
pub fn app(api: OpenApiRouter, internal: Router) -> Router {
    let (router, _) = api.split_for_parts();
    around(router.merge(internal))
}

/// The same for a router without a document of its own.
pub fn around(router: Router) -> Router {
    let no_cache = SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let no_sniff =
        SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    router
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/metrics", get(|| async { telemetry::render() }))
        .fallback(|| async { Problem::not_found("no-such-path", "there is nothing at this path") })
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(observe))
        .layer(
            ServiceBuilder::new()
                .layer(no_cache)
                .layer(no_sniff)
                .layer(CatchPanicLayer::custom(|_| Problem::internal(&"a handler panicked").into_response())),
        )
}

/// The answer for methods that a path does not take.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "this path does not take this method")
}

/// Gives a request its id, span, time limit and metrics.
async fn observe(mut request: Request, next: Next) -> Response {
    let id = request_id(&request);
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = method_label(request.method());
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default(), method, route);
    let started = Instant::now();
    let is_safe = request.method().is_safe();
    let told = Told::default();
    request.extensions_mut().insert(told.clone());
    let answer = tokio::time::timeout(MAX_ANSWER, next.run(request)).instrument(span).await;
    let too_late = if is_safe {
        Problem::unavailable("too-slow", "the answer took too long; try again")
    } else {
        Problem::unavailable("outcome-unknown", "the answer took too long; retry with the same id")
    };
    let mut response = answer.unwrap_or_else(|_| too_late.into_response());
    let labels = [("method", method.to_owned()), ("route", route), ("status", response.status().as_u16().to_string())];
    metrics::histogram!("threadly_http_request_duration_seconds", &labels).record(started.elapsed());
    response.headers_mut().insert(REQUEST_ID, id);
    let allowance = *told.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(allowance) = allowance {
        allowance.tell(response.headers_mut());
    }
    response
}

/// A method is the client's text: only what is known becomes a label.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => "other",
    }
}

fn request_id(request: &Request) -> HeaderValue {
    let sane = |value: &&HeaderValue| {
        value.len() <= 64 && value.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let given = request.headers().get(REQUEST_ID).filter(sane).cloned();
    given.unwrap_or_else(|| {
        HeaderValue::from_str(&Uuid::now_v7().to_string()).unwrap_or_else(|_| HeaderValue::from_static("-"))
    })
}
