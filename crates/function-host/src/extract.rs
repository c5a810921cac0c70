//! Extractors: what a handler's arguments are made of. Each failure is a [`Problem`] with a code of its own.

use std::sync::Arc;

use access::{Caller, token::Unauthenticated};
use axum::{
    body::Bytes,
    extract::{
        FromRef, FromRequest, FromRequestParts, OptionalFromRequest, RawPathParams, Request, rejection::BytesRejection,
    },
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use domain::Handle;
use serde::de::DeserializeOwned;
use tenancy::Workspace;

use crate::{Problem, Services, client::Client, rates::Asker};

/// The workspace that the path names. Nobody has been authenticated, or counted, yet.
#[derive(Clone, Debug)]
pub struct Tenant(pub Arc<Workspace>);

impl<S: Send + Sync> FromRequestParts<S> for Tenant
where
    Services: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let missing = || Problem::not_found("workspace-not-found", "there is no such workspace");
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| missing())?;
        let handle = params.iter().find_map(|(name, value)| (name == "handle").then_some(value)).ok_or_else(missing)?;
        let handle: Handle = handle.parse().map_err(|_| missing())?;
        let services = Services::from_ref(state);
        let workspace = services.registry.by_handle(&handle).ok_or_else(missing)?;
        if workspace.suspended {
            let detail = "this workspace is suspended; ask its administrators";
            return Err(Problem::new(StatusCode::FORBIDDEN, "workspace-suspended", detail));
        }
        Ok(Self(workspace))
    }
}

/// Somebody with a valid token for the workspace that the path names. What they may do is `Access`'s to say.
#[derive(Clone, Debug)]
pub struct Authenticated(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for Authenticated
where
    Services: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Tenant(workspace) = Tenant::from_request_parts(parts, state).await?;
        let services = Services::from_ref(state);
        let caller = match bearer(parts) {
            Some(token) => services.authenticate(workspace, token).await,
            None => Err(Problem::from(Unauthenticated::Missing)),
        };
        let asker = match &caller {
            Ok(caller) => Asker::Person(caller.workspace.id.clone(), caller.user),
            Err(_) => Asker::Network(Client::of(parts, &services.proxies).network()),
        };
        services.rates.ask(&asker, parts.extensions.get())?;
        Ok(Self(caller?))
    }
}

/// The token of an `Authorization: Bearer` header, or of a WebSocket's subprotocol `bearer.{token}` (browsers can set
/// no header there, and a URL ends up in logs).
fn bearer(parts: &Parts) -> Option<&str> {
    bearer_of(&parts.headers)
}

pub(crate) fn bearer_of(headers: &HeaderMap) -> Option<&str> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(value) = header(header::AUTHORIZATION) {
        let (scheme, token) = value.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| token.trim());
    }
    header(header::SEC_WEBSOCKET_PROTOCOL)?.split(',').find_map(|protocol| protocol.trim().strip_prefix("bearer."))
}

/// The workspace that the path names, for whoever has no token yet: they are counted by where they come from.
#[derive(Clone, Debug)]
pub struct Stranger(pub Arc<Workspace>);

impl<S: Send + Sync> FromRequestParts<S> for Stranger
where
    Services: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let services = Services::from_ref(state);
        let asker = Asker::Network(Client::of(parts, &services.proxies).network());
        services.rates.ask(&asker, parts.extensions.get())?;
        Ok(Self(Tenant::from_request_parts(parts, state).await?.0))
    }
}

/// Path parameters by name.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::bad_request("invalid-path", rejection.body_text())),
        }
    }
}

/// Query parameters by name.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::bad_request("invalid-query", rejection.body_text())),
        }
    }
}

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        check_kind(request.headers())?;
        let body = Bytes::from_request(request, state).await.map_err(|rejection| unread(&rejection))?;
        parse(&body).map(Self)
    }
}

/// None without a body.
impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let kind = check_kind(request.headers());
        let body = Bytes::from_request(request, state).await.map_err(|rejection| unread(&rejection))?;
        if body.is_empty() {
            return Ok(None);
        }
        kind?;
        parse(&body).map(|value| Some(Self(value)))
    }
}

fn check_kind(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.split(';').next().unwrap_or_default().trim() == "application/json") {
        return Ok(());
    }
    let detail = "send the body as content-type: application/json";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", detail))
}

fn unread(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!("a body has at most {} bytes", crate::http::MAX_BODY_BYTES);
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail);
    }
    Problem::bad_request("body-unreadable", "the body did not arrive whole")
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (field, cause) = (error.path().to_string(), error.into_inner());
        let text = cause.to_string();
        if !cause.is_data() {
            return Problem::bad_request("invalid-json", text);
        }
        let code = if text.starts_with("unknown field") { "unknown-field" } else { "invalid-field" };
        Problem::bad_request(code, text).at(field)
    })?;
    json.end().map_err(|error| Problem::bad_request("invalid-json", error.to_string()))?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        text: String,
    }

    #[tokio::test]
    async fn a_body_that_may_be_absent_is_read_if_it_is_there() {
        let read = async |kind: Option<&str>, body: &str| {
            let mut request = Request::new(body.to_owned().into());
            if let Some(kind) = kind {
                request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
            }
            let read = <Json<Option<Body>> as OptionalFromRequest<()>>::from_request(request, &()).await;
            read.map(|body| body.map(|Json(body)| body.map(|body| body.text))).map_err(|problem| problem.code())
        };
        let json = Some("application/json");
        assert_eq!(read(None, "").await, Ok(None));
        assert_eq!(read(json, "").await, Ok(None));
        assert_eq!(read(json, "null").await, Ok(Some(None)));
        assert_eq!(read(json, "{\"text\":\"a\"}").await, Ok(Some(Some("a".to_owned()))));
        assert_eq!(read(None, "{\"text\":\"a\"}").await, Err("not-json"));
        assert_eq!(read(json, "{").await, Err("invalid-json"));
    }

    #[test]
    fn each_kind_of_bad_body_has_a_code_and_names_its_field() {
        let code = |body: &str| {
            let problem = parse::<Body>(body.as_bytes()).map(|body| body.text).unwrap_err();
            (problem.code(), problem.field().map(str::to_owned))
        };
        assert_eq!(code("{"), ("invalid-json", None));
        assert_eq!(code("{\"text\":\"a\"} x"), ("invalid-json", None));
        assert_eq!(code("{\"text\":1}"), ("invalid-field", Some("text".into())));
        assert_eq!(code("{\"text\":\"a\",\"colour\":1}"), ("unknown-field", Some("colour".into())));
        assert_eq!(code("{}").0, "invalid-field");
    }
}
