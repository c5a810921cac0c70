//! The opening handshake of RFC 6455: judged by tungstenite, answered over HTTP, and then the stream is ours.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use function_host::{Problem, into_tcp};
use hyper::upgrade::{OnUpgrade, on};
use tokio::{net::TcpStream, time::timeout};
use tungstenite::handshake::server::create_response_with_body;

/// For the answer to reach the client.
const UPGRADE_LIMIT: Duration = Duration::from_secs(10);
/// The subprotocol; a browser offers it beside `bearer.{token}`.
const PROTOCOL: &str = "threadly.v1";

/// A request that may become a socket.
pub(crate) struct Handshake {
    answer: Response,
    upgrade: OnUpgrade,
}

impl Handshake {
    /// Judges a request.
    pub(crate) fn of(mut request: Request) -> Result<Self, Problem> {
        let refused = |detail: String| Problem::new(StatusCode::UPGRADE_REQUIRED, "websocket-required", detail);
        if request.extensions().get::<OnUpgrade>().is_none() {
            return Err(refused("this connection can't be upgraded".to_owned()));
        }
        let mut answer =
            create_response_with_body(&request, Body::empty).map_err(|error| refused(error.to_string()))?;
        if offers(&request) {
            answer.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        }
        Ok(Self { answer, upgrade: on(&mut request) })
    }

    /// The answer, and the stream with what has come behind the request; nothing if the client went.
    pub(crate) fn accept(self) -> (Response, impl Future<Output = Option<(TcpStream, Bytes)>>) {
        let upgrade = self.upgrade;
        let opening = async move {
            match timeout(UPGRADE_LIMIT, upgrade).await {
                Ok(Ok(upgraded)) => into_tcp(upgraded),
                Ok(Err(_)) | Err(_) => None,
            }
        };
        (self.answer, opening)
    }
}

/// Whether the client speaks our subprotocol.
fn offers(request: &Request) -> bool {
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).into_iter();
    offered
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .any(|name| name.trim_ascii() == PROTOCOL.as_bytes())
}
