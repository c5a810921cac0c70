//! Whatever a request gets wrong, the answer is a problem document.

use axum::{
    Router,
    body::Body,
    http::{Request, header},
    routing::{get, put},
};
use function_host::{Json, Path, Query, http::around};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

#[derive(Deserialize)]
struct Place {
    #[serde(rename = "handle")]
    _handle: String,
    #[serde(rename = "channelId")]
    _channel: Uuid,
}

#[derive(Deserialize)]
struct Page {
    #[serde(rename = "limit")]
    _limit: Option<u32>,
    #[serde(rename = "before")]
    _before: Option<String>,
}

fn app() -> Router {
    let read = |_: Path<Place>, _: Query<Page>| async { "read" };
    let write = |_: Path<Place>, _: Json<Value>| async { "written" };
    around(Router::new().route("/w/{handle}/v1/channels/{channelId}", get(read).merge(put(write))))
}

/// Status, content type and `code` of the answer.
async fn answer(method: &str, uri: &str, body: Body) -> anyhow::Result<(u16, String, String)> {
    let request = Request::builder().method(method).uri(uri).header(header::CONTENT_TYPE, "application/json");
    let response = app().oneshot(request.body(body)?).await?;
    let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str().map(str::to_owned)).transpose()?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes();
    let code = serde_json::from_slice::<Value>(&body).ok().and_then(|body| Some(body["code"].as_str()?.to_owned()));
    Ok((status, kind.unwrap_or_default(), code.unwrap_or_default()))
}

async fn refused(method: &str, uri: &str, status: u16, code: &str) {
    let answer = answer(method, uri, Body::from("{")).await.ok();
    let expected = (status, "application/problem+json".to_owned(), code.to_owned());
    assert_eq!(answer, Some(expected), "{method} {uri}");
}

const CHANNEL: &str = "/w/acme/v1/channels/0198f0a0-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_path_that_is_no_text_or_no_id_is_a_problem() {
    refused("GET", "/w/%ff%fe/v1/channels/0198f0a0-0000-7000-8000-000000000000", 400, "invalid-path").await;
    refused("GET", "/w/acme/v1/channels/%ff", 400, "invalid-path").await;
    refused("GET", "/w/acme/v1/channels/%zz", 400, "invalid-path").await;
    refused("GET", "/w/acme/v1/channels/7", 400, "invalid-path").await;
}

#[tokio::test]
async fn a_query_that_is_no_text_or_no_number_is_a_problem() {
    for query in ["limit=many", "limit=%ff", "limit=%zz", "limit=1&limit=2", "limit=-1"] {
        refused("GET", &format!("{CHANNEL}?{query}"), 400, "invalid-query").await;
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_or_too_large_is_a_problem() {
    refused("PUT", CHANNEL, 400, "invalid-json").await;
    let (status, kind, code) = answer("PUT", CHANNEL, Body::from(vec![b'1'; 300 * 1024])).await.unwrap();
    assert_eq!((status, kind.as_str(), code.as_str()), (413, "application/problem+json", "body-too-large"));
}

#[tokio::test]
async fn paths_and_methods_that_nobody_takes_are_problems() {
    for method in ["POST", "OPTIONS", "TRACE", "BREW"] {
        refused(method, CHANNEL, 405, "method-not-allowed").await;
        refused(method, "/healthz", 405, "method-not-allowed").await;
        refused(method, "/nowhere", 404, "no-such-path").await;
    }
}

#[tokio::test]
async fn head_answers_as_get_does_without_the_body() {
    let (status, ..) = answer("HEAD", CHANNEL, Body::empty()).await.unwrap();
    assert_eq!(status, 200);
    let (status, kind, code) = answer("HEAD", "/w/acme/v1/channels/7", Body::empty()).await.unwrap();
    assert_eq!((status, kind.as_str(), code.as_str()), (400, "application/problem+json", ""));
}
