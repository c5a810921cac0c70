//! The store's HTTP: limits, cross-origin answers by the bucket's rules, and headers that keep content from acting as a page.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use function_host::{ServeLimits, serve as serve_http};
use futures::StreamExt as _;
use s3s::{
    auth::SimpleAuth,
    config::{S3Config, StaticConfigProvider},
    dto::CORSRule,
    service::{S3Service, S3ServiceBuilder},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tracing::{instrument::WithSubscriber as _, subscriber::NoSubscriber};

use crate::{
    StoreKey,
    cors::{Asked, matching},
    layout::Layout,
    operations::{MAX_OBJECT_BYTES, Operations},
    settings::Cors,
};

const LIMITS: ServeLimits = ServeLimits {
    connections: 512,
    head: Duration::from_secs(10),
    write: Duration::from_secs(30),
    drain: Duration::from_secs(5),
};
/// For one request with its body, however it trickles in, and again for its answer, however slowly it is read.
const REQUEST: Duration = Duration::from_secs(300);
/// Settings and forms.
const MAX_XML_BYTES: usize = 256 * 1024;
/// What may be shown in place; everything else is saved.
const SHOWN: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/// Even a document that is opened by its link runs nothing.
const SANDBOX: &str = "default-src 'none'; sandbox";

#[derive(Clone)]
struct Shared {
    layout: Arc<Layout>,
    service: S3Service,
}

pub(crate) async fn serve(layout: Arc<Layout>, key: StoreKey, listener: TcpListener, shutdown: CancellationToken) {
    let mut limits = S3Config::default();
    limits.xml_max_body_size = MAX_XML_BYTES;
    limits.post_object_max_file_size = 0;
    limits.form_max_field_size = MAX_XML_BYTES;
    limits.form_max_fields_size = MAX_XML_BYTES;
    let mut builder = S3ServiceBuilder::new(Operations(layout.clone()));
    builder.set_auth(SimpleAuth::from_single(key.access_key, key.secret_key));
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(limits))));
    let shared = Shared { layout, service: builder.build() };
    serve_http(listener, Router::new().fallback(answer).with_state(shared), LIMITS, shutdown).await;
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let head = request.headers();
    if length(head).is_some_and(|length| length > MAX_OBJECT_BYTES) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let origin = text(head, header::ORIGIN).map(str::to_owned);
    let bucket = request.uri().path().split('/').nth(1).unwrap_or_default().to_owned();
    let rules = if origin.is_some() { rules(&shared.layout, bucket).await } else { Vec::new() };
    if request.method() == Method::OPTIONS {
        return preflight(&rules, origin.as_deref(), head);
    }
    let method = request.method().clone();
    // What it calls errors are answers to us: a key that is not there, a signature that is wrong.
    let answered = tokio::time::timeout(REQUEST, shared.service.oneshot(request).with_subscriber(NoSubscriber::new()));
    let mut response = match answered.await {
        Ok(Ok(response)) => response.map(|body| within(REQUEST, Body::new(body))),
        Ok(Err(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    harmless(response.headers_mut());
    if let Some(origin) = &origin {
        let asked = Asked { origin, method: method.as_str(), headers: "" };
        allow(response.headers_mut(), matching(&rules, asked), origin);
    }
    response
}

/// A body that is cut off, and its connection with it, when its time is over.
fn within(limit: Duration, body: Body) -> Body {
    Body::from_stream(body.into_data_stream().take_until(tokio::time::sleep(limit)))
}

async fn rules(layout: &Arc<Layout>, bucket: String) -> Vec<CORSRule> {
    // Only what may be a bucket's name is looked for on the disk.
    if bucket.is_empty() || !bucket.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')) {
        return Vec::new();
    }
    let layout = layout.clone();
    let read = tokio::task::spawn_blocking(move || layout.read_setting::<Cors>(&bucket));
    match read.await {
        Ok(Ok(cors)) => cors.map(|cors| cors.0).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn preflight(rules: &[CORSRule], origin: Option<&str>, head: &HeaderMap) -> Response {
    let method = text(head, header::ACCESS_CONTROL_REQUEST_METHOD);
    let headers = text(head, header::ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let (Some(origin), Some(method)) = (origin, method) else { return StatusCode::BAD_REQUEST.into_response() };
    let Some(rule) = matching(rules, Asked { origin, method, headers }) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let mut response = StatusCode::OK.into_response();
    let answer = response.headers_mut();
    allow(answer, Some(rule), origin);
    set(answer, header::ACCESS_CONTROL_ALLOW_METHODS, &rule.allowed_methods.join(", "));
    set(answer, header::ACCESS_CONTROL_ALLOW_HEADERS, headers);
    set(answer, header::ACCESS_CONTROL_MAX_AGE, &rule.max_age_seconds.unwrap_or_default().to_string());
    response
}

fn allow(answer: &mut HeaderMap, rule: Option<&CORSRule>, origin: &str) {
    answer.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(rule) = rule else { return };
    set(answer, header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let exposed = rule.expose_headers.as_deref().unwrap_or_default().join(", ");
    if !exposed.is_empty() {
        set(answer, header::ACCESS_CONTROL_EXPOSE_HEADERS, &exposed);
    }
}

/// Nothing that somebody uploaded is taken for anything but what it is served as.
fn harmless(answer: &mut HeaderMap) {
    set(answer, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(answer, header::CONTENT_SECURITY_POLICY, SANDBOX);
    let is_shown = text(answer, header::CONTENT_TYPE).is_some_and(|kind| SHOWN.contains(&kind));
    if !is_shown && !text(answer, header::CONTENT_DISPOSITION).is_some_and(|word| word.starts_with("attachment")) {
        set(answer, header::CONTENT_DISPOSITION, "attachment");
    }
}

fn set(answer: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.insert(name, value);
    }
}

fn text(head: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    head.get(name)?.to_str().ok()
}

fn length(head: &HeaderMap) -> Option<u64> {
    text(head, header::CONTENT_LENGTH)?.parse().ok()
}
