//! What an issuer answers, and what it answers where it is spoilt.

use std::{collections::HashMap, convert::Infallible, sync::PoisonError, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Fault, House, Place, State as Issuing, keys::merged};

/// A slow answer's pause between two bytes.
const DRIP: Duration = Duration::from_millis(100);
/// Bytes of an endless-looking answer.
const LARGE: usize = 10 * 1024 * 1024;

/// What was begun at the authorization endpoint.
pub(super) struct Code {
    client: String,
    challenge: String,
    nonce: Option<String>,
    redirect_uri: String,
}

pub(super) fn router(house: House) -> Router {
    Router::new()
        .route(Place::Discovery.path(), get(discovery))
        .route(Place::Keys.path(), get(keys))
        .route("/authorize", get(authorize))
        .route(Place::Token.path(), post(token))
        .route("/loop", get(async || redirect("/loop")))
        .with_state(house)
}

async fn discovery(State(house): State<House>) -> Response {
    let url = house.url.clone();
    let honest = json!({
        "issuer": url,
        "jwks_uri": format!("{url}{}", Place::Keys.path()),
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}{}", Place::Token.path()),
        "response_types_supported": ["code"],
        "authorization_response_iss_parameter_supported": true,
    });
    answer(&house, Place::Discovery, |_| honest).await
}

async fn keys(State(house): State<House>) -> Response {
    answer(&house, Place::Keys, |issuing| json!({"keys": issuing.published})).await
}

/// As the place does today.
async fn answer(house: &House, place: Place, honest: impl FnOnce(&mut Issuing) -> Value) -> Response {
    let (fault, cache_control, honest) = {
        let mut issuing = house.state.lock().unwrap_or_else(PoisonError::into_inner);
        *issuing.asked.entry(place).or_default() += 1;
        let honest = honest(&mut issuing);
        (issuing.faults.get(&place).cloned(), issuing.cache_control.clone(), honest)
    };
    match fault {
        None => json_answer(&honest, cache_control.as_deref()),
        Some(Fault::Slow(by)) => {
            tokio::time::sleep(by).await;
            json_answer(&honest, cache_control.as_deref())
        }
        Some(Fault::Hangs) => std::future::pending().await,
        Some(Fault::Drips) => {
            let drops = stream::repeat(Bytes::from_static(b" "))
                .then(async |drop| {
                    tokio::time::sleep(DRIP).await;
                    Ok::<_, Infallible>(drop)
                })
                .boxed();
            Body::from_stream(drops).into_response()
        }
        Some(Fault::Large) => vec![b' '; LARGE].into_response(),
        Some(Fault::LargeByChunks) => {
            let chunk = Bytes::from(vec![b' '; 16 * 1024]);
            let chunks = LARGE / chunk.len();
            Body::from_stream(stream::iter((0..chunks).map(move |_| Ok::<_, Infallible>(chunk.clone()))))
                .into_response()
        }
        Some(Fault::Redirects(location)) => redirect(&location),
        Some(Fault::Says(changes)) => json_answer(&merged(&honest, &changes), cache_control.as_deref()),
        Some(Fault::Text(text)) => ([(header::CONTENT_TYPE, "text/html")], text).into_response(),
        Some(Fault::Status(status)) => {
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
        Some(Fault::Encoded) => ([(header::CONTENT_ENCODING, "gzip")], honest.to_string()).into_response(),
    }
}

fn json_answer(value: &Value, cache_control: Option<&str>) -> Response {
    let mut response = axum::Json(value).into_response();
    if let Some(said) = cache_control.and_then(|said| HeaderValue::from_str(said).ok()) {
        response.headers_mut().insert(header::CACHE_CONTROL, said);
    }
    response
}

fn redirect(location: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

fn refusal(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, axum::Json(json!({"error": error}))).into_response()
}

async fn authorize(State(house): State<House>, Query(query): Query<HashMap<String, String>>) -> Response {
    match sign_in(&house, &query) {
        Ok(back) => redirect(&back),
        Err(error) => refusal(error),
    }
}

/// Whoever comes is signed in at once, and sent back with a code.
pub(super) fn sign_in(house: &House, query: &HashMap<String, String>) -> Result<String, &'static str> {
    let asked = |name: &str| query.get(name).cloned().unwrap_or_default();
    let mut issuing = house.state.lock().unwrap_or_else(PoisonError::into_inner);
    let ours = asked("client_id") == issuing.client.0;
    let right = asked("response_type") == "code" && asked("code_challenge_method") == "S256";
    let redirect_uri = asked("redirect_uri");
    let mut back = url::Url::parse(&redirect_uri).map_err(|_| "invalid_request")?;
    if !ours || !right || !asked("scope").split(' ').any(|scope| scope == "openid") {
        return Err("invalid_request");
    }
    let code = format!("{:032x}", rand::random::<u128>());
    let (client, challenge, nonce) = (asked("client_id"), asked("code_challenge"), query.get("nonce").cloned());
    issuing.codes.insert(code.clone(), Code { client, challenge, nonce, redirect_uri });
    let pairs = [("code", &code), ("state", &asked("state")), ("iss", &house.url)];
    back.query_pairs_mut().extend_pairs(pairs);
    Ok(back.into())
}

async fn token(State(house): State<House>, headers: HeaderMap, body: String) -> Response {
    let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let tokens = {
        let mut issuing = house.state.lock().unwrap_or_else(PoisonError::into_inner);
        tokens(&house.url, &mut issuing, &headers, &form)
    };
    match tokens {
        Ok(tokens) => answer(&house, Place::Token, |_| tokens).await,
        Err(error) => refusal(error),
    }
}

fn tokens(
    url: &str,
    issuing: &mut Issuing,
    headers: &HeaderMap,
    form: &HashMap<String, String>,
) -> Result<Value, &'static str> {
    let asked = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let (id, secret) = &issuing.client;
    let authorized = secret.as_ref().is_none_or(|secret| {
        let basic = format!("Basic {}", BASE64.encode(format!("{id}:{secret}").as_bytes()));
        headers.get(header::AUTHORIZATION).is_some_and(|said| *said == *basic) || asked("client_secret") == secret
    });
    if !authorized {
        return Err("invalid_client");
    }
    // Good for one exchange, also for one that fails.
    let code = issuing.codes.remove(asked("code")).ok_or("invalid_grant")?;
    let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(asked("code_verifier")));
    let same = challenge == code.challenge && asked("redirect_uri") == code.redirect_uri;
    if !same || asked("client_id") != code.client || asked("grant_type") != "authorization_code" {
        return Err("invalid_grant");
    }
    let claims = issuing.id_claims(url, &code.client, code.nonce.as_deref());
    let token = issuing.key.sign(&claims).map_err(|_| "server_error")?;
    Ok(json!({"access_token": "opaque", "token_type": "Bearer", "expires_in": 600, "id_token": token}))
}
