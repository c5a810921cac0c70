//! Messages: posted to the log first, projected into the workspace's database, read from there.

mod answer;
mod delete_message;
mod edit_message;
mod find;
mod list_messages;
mod list_thread;
mod projection;
mod put_message;
mod read;
mod store;

use std::sync::Arc;

use event_log::Projection;
use function_host::{Function, NoConfig, Services};
use tenancy::credentials::LoginRole;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use projection::MessageProjection;

/// The `messages` function.
#[derive(Clone, Copy, Debug)]
pub struct Messages;

impl Function for Messages {
    const NAME: &'static str = "messages";
    const LOGIN: LoginRole = LoginRole::Functions;
    type Config = NoConfig;

    fn routes(services: &Services, _: &NoConfig) -> anyhow::Result<OpenApiRouter> {
        Ok(router().with_state(services.clone()))
    }

    fn projections() -> Vec<Arc<dyn Projection>> {
        vec![Arc::new(MessageProjection)]
    }
}

fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(put_message::put_message, edit_message::edit_message, delete_message::delete_message))
        .routes(routes!(list_messages::list_messages))
        .routes(routes!(list_thread::list_thread))
}

/// The OpenAPI document of these endpoints.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().to_openapi()
}
