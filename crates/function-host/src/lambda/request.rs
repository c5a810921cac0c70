//! HTTP requests: from a function's URL, API Gateway's REST and HTTP APIs, and application load balancers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Router;
use lambda_http::{Adapter, Service, request::LambdaRequest};
use lambda_runtime::{Context, Error, LambdaEvent};
use serde::Serialize;
use serde_json::Value;
use tower_http::add_extension::AddExtension;

use crate::client::Peer;

/// In the form that the request's origin expects.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct LambdaAnswer(Value);

/// Has the app answer a request.
///
/// # Errors
/// The event is no such request.
pub(super) async fn answer(app: Router, event: &str, context: Context) -> Result<LambdaAnswer, Error> {
    let mut request: LambdaRequest = serde_json::from_str(event)?;
    without_stage(&mut request);
    let app = AddExtension::new(app, Peer(SocketAddr::new(source(&request), 0)));
    let answer = Adapter::from(app).call(LambdaEvent::new(request, context)).await?;
    Ok(LambdaAnswer(serde_json::to_value(answer)?))
}

/// Who called the gateway. A load balancer says it in a header only, as any proxy; it is believed as one on this machine.
fn source(request: &LambdaRequest) -> IpAddr {
    let said = match request {
        LambdaRequest::ApiGatewayV1(request) => request.request_context.identity.source_ip.as_deref(),
        LambdaRequest::ApiGatewayV2(request) => request.request_context.http.source_ip.as_deref(),
        _ => None,
    };
    said.and_then(|address| address.parse().ok()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// A gateway's stage (`/prod`) stands before its paths for whoever calls it from outside, and is none of ours.
fn without_stage(request: &mut LambdaRequest) {
    match request {
        LambdaRequest::ApiGatewayV1(request) => request.request_context.stage = None,
        LambdaRequest::ApiGatewayV2(request) => {
            let Some(stage) = request.request_context.stage.take() else { return };
            let path = request.raw_path.as_deref().and_then(|path| path.strip_prefix('/')?.strip_prefix(&*stage));
            if let Some(path) = path.filter(|path| path.is_empty() || path.starts_with('/')) {
                request.raw_path = Some(if path.is_empty() { "/".to_owned() } else { path.to_owned() });
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Bytes, http::Uri};
    use serde_json::json;

    use super::*;

    /// The path and the body that a handler sees, and the answer's status and body.
    async fn echo(event: Value) -> (i64, String) {
        let app = Router::new().fallback(async |uri: Uri, body: Bytes| format!("{uri} {body:?}"));
        let answer = answer(app, &event.to_string(), Context::default()).await.unwrap().0;
        (answer["statusCode"].as_i64().unwrap(), answer["body"].as_str().unwrap().to_owned())
    }

    fn http_api(stage: &str, path: &str) -> Value {
        json!({"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "limit=2&cursor=s%2B1",
               "headers": {"host": "h.example"}, "isBase64Encoded": true, "body": "AP8=",
               "requestContext": {"stage": stage, "timeEpoch": 0, "http": {"method": "PUT", "path": path}}})
    }

    fn rest_api(path: &str) -> Value {
        json!({"resource": "/{proxy+}", "path": path, "httpMethod": "GET", "headers": {"host": "h.example"},
               "multiValueHeaders": {"host": ["h.example"]}, "queryStringParameters": {"limit": "2"},
               "multiValueQueryStringParameters": {"limit": ["2"]}, "pathParameters": null, "stageVariables": null,
               "requestContext": {"stage": "prod", "path": format!("/prod{path}"), "httpMethod": "GET",
                                  "resourcePath": "/{proxy+}", "requestTimeEpoch": 0, "identity": {}},
               "body": null, "isBase64Encoded": false})
    }

    #[tokio::test]
    async fn every_origin_shows_the_same_path_with_its_query_and_no_stage() {
        let expected = (200, "https://h.example/w/acme?limit=2&cursor=s%2B1 b\"\\0\\xff\"".to_owned());
        assert_eq!(echo(http_api("$default", "/w/acme")).await, expected);
        assert_eq!(echo(http_api("prod", "/prod/w/acme")).await, expected);
        assert!(echo(http_api("prod", "/product")).await.1.starts_with("https://h.example/product?"));
        assert!(echo(http_api("prod", "/prod")).await.1.starts_with("https://h.example/?"));
        assert_eq!(echo(rest_api("/w/acme")).await, (200, "https://h.example/w/acme?limit=2 b\"\"".to_owned()));
    }

    #[tokio::test]
    async fn what_is_no_request_is_refused() {
        let refused = answer(Router::new(), "{\"Records\": []}", Context::default()).await;
        assert!(refused.is_err());
    }
}
