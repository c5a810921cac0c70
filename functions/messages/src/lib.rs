//! Messages: posted to the log first, projected into the workspace's database, read from there.

mod answer;
mod delete_message;
mod edit_message;
mod find;
mod list_messages;
mod list_thread;
#[cfg(test)]
mod plan_tests;
mod projection;
mod put_message;
mod read;
mod recent_posts;
mod store;

use std::sync::Arc;

use axum::extract::FromRef;
use event_log::Projection;
use function_host::{Function, NoConfig, Services};
use tenancy::credentials::LoginRole;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use projection::MessageProjection;
use recent_posts::RecentPosts;

/// The `messages` function.
#[derive(Clone, Copy, Debug)]
pub struct Messages;

impl Function for Messages {
    const NAME: &'static str = "messages";
    const LOGIN: LoginRole = LoginRole::Functions;
    type Config = NoConfig;

    fn routes(services: &Services, _: &NoConfig) -> anyhow::Result<OpenApiRouter> {
        Ok(router().with_state(State { services: services.clone(), recent: RecentPosts::default() }))
    }

    fn projections() -> Vec<Arc<dyn Projection>> {
        vec![Arc::new(MessageProjection)]
    }
}

/// What the handlers share.
#[derive(Clone, Debug)]
struct State {
    services: Services,
    recent: RecentPosts,
}

impl FromRef<State> for Services {
    fn from_ref(state: &State) -> Self {
        state.services.clone()
    }
}

impl FromRef<State> for RecentPosts {
    fn from_ref(state: &State) -> Self {
        state.recent.clone()
    }
}

fn router() -> OpenApiRouter<State> {
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
