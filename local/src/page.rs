//! The static page: embedded, served under each workspace's path with a policy that lets nothing else in.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use function_host::{Problem, Services, extract::Tenant};
use include_dir::{Dir, include_dir};

use crate::{asyncapi, openapi};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../web/static");

/// What the page may do: talk to this program and to the buckets, and show what it got from there.
fn policy(buckets: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {buckets}; \
         img-src 'self' data: blob: {buckets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// `/`, `/w/{handle}/` and the page's files beside it. `buckets` is the origin of links to pictures and files.
pub fn routes(services: Services, buckets: &str) -> anyhow::Result<Router> {
    let policy = HeaderValue::from_str(&policy(buckets))?;
    let index = policy.clone();
    let router = Router::new()
        .route("/", get(front))
        .route("/openapi.json", get(|| async { axum::Json(openapi::document()) }))
        .route("/asyncapi.json", get(|| async { axum::Json(asyncapi::document()) }))
        .route(
            "/w/{handle}",
            get(|Tenant(here): Tenant| async move { Redirect::permanent(&format!("/w/{}/", here.handle)) }),
        )
        .route("/w/{handle}/", get(|_: Tenant| async move { file("index.html", &index) }))
        .route(
            "/w/{handle}/{file}",
            get(|_: Tenant, Path((_, name)): Path<(String, String)>| async move { file(&name, &policy) }),
        )
        .with_state(services);
    Ok(router)
}

/// The workspaces of this laptop; straight into the only one.
async fn front(State(services): State<Services>) -> Response {
    let snapshot = services.registry.subscribe().borrow().clone();
    let mut handles: Vec<&str> = snapshot.workspaces().map(|workspace| workspace.handle.as_str()).collect();
    handles.sort_unstable();
    if let [only] = handles[..] {
        return Redirect::temporary(&format!("/w/{only}/")).into_response();
    }
    // Handles are DNS labels: nothing in them needs escaping.
    let items: String =
        handles.iter().map(|handle| format!("<li><a href=\"/w/{handle}/\">{handle}</a></li>")).collect();
    let title = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Threadly</title><h1>Workspaces</h1>";
    ([(header::CONTENT_SECURITY_POLICY, "default-src 'none'")], Html(format!("{title}<ul>{items}</ul></html>")))
        .into_response()
}

fn file(name: &str, policy: &HeaderValue) -> Response {
    let Some(file) = FILES.get_file(name) else {
        return Problem::not_found("no-such-path", "there is nothing at this path").into_response();
    };
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, policy.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, file.contents()).into_response()
}
