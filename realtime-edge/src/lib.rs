//! The realtime edge: from the message log to the sockets of those who may see it.
//!
//! A room per workspace follows the log and routes each event by membership, as the log itself tells
//! it; sockets write what their queues hold. Who comes back with a cursor gets what it has missed from
//! the room's memory, else from the log, else has to begin anew.

mod config;
pub mod contract;
mod feed;
mod frame;
mod handshake;
mod hearing;
mod line;
mod open_socket;
mod past;
mod places;
mod recent;
mod replay;
mod ring;
mod room;
mod rooms;
mod router;
mod seating;
mod socket;
mod store;
mod waiting;

use std::sync::Arc;

use function_host::{Function, Services};
use tenancy::credentials::LoginRole;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use config::EdgeConfig;

use feed::Feed;
use open_socket::EdgeState;
use places::Places;
use rooms::Rooms;

/// The realtime edge, hosted like a function.
#[derive(Clone, Copy, Debug)]
pub struct Edge;

impl Function for Edge {
    const NAME: &'static str = "realtime-edge";
    const LOGIN: LoginRole = LoginRole::Functions;
    type Config = EdgeConfig;

    fn routes(services: &Services, config: &EdgeConfig) -> anyhow::Result<OpenApiRouter> {
        let feed = Feed::start(services)?;
        let places = Places::new(config.sockets, config.sockets_per_person);
        let rooms = Rooms::new(services.clone(), config.clone(), feed);
        Ok(router().with_state(EdgeState { rooms: Arc::new(rooms), places: Arc::new(places) }))
    }
}

fn router() -> OpenApiRouter<EdgeState> {
    OpenApiRouter::new().routes(routes!(open_socket::open_socket))
}

/// The OpenAPI document of this endpoint.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().to_openapi()
}
