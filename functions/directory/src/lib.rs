//! The directory: people, channels and who is in them. Postgres decides, the outbox tells the log.

mod announce;
mod answer;
mod avatars;
mod begin_avatar;
mod channels;
mod complete_avatar;
mod delete_avatar;
mod delete_member;
mod error;
mod get_avatar;
mod get_channel;
mod get_me;
mod get_person;
mod list_channels;
mod list_members;
mod list_people;
mod members;
mod picture;
mod properties;
mod put_channel;
mod put_member;
mod store;
#[cfg(test)]
mod transaction_tests;

use axum::extract::FromRef;
use buckets::S3Args;
use function_host::{Function, Services};
use tenancy::credentials::LoginRole;
use utoipa_axum::{router::OpenApiRouter, routes};

use avatars::Avatars;

/// The `directory` function.
#[derive(Clone, Copy, Debug)]
pub struct Directory;

/// What the endpoints work with.
#[derive(Clone)]
struct State {
    services: Services,
    avatars: Avatars,
}

impl FromRef<State> for Services {
    fn from_ref(state: &State) -> Self {
        state.services.clone()
    }
}

impl FromRef<State> for Avatars {
    fn from_ref(state: &State) -> Self {
        state.avatars.clone()
    }
}

impl Function for Directory {
    const NAME: &'static str = "directory";
    const LOGIN: LoginRole = LoginRole::Functions;
    type Config = S3Args;

    fn routes(services: &Services, config: &S3Args) -> anyhow::Result<OpenApiRouter> {
        Ok(router().with_state(State { services: services.clone(), avatars: Avatars::connect(config)? }))
    }
}

fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(get_me::get_me))
        .routes(routes!(list_people::list_people))
        .routes(routes!(get_person::get_person))
        .routes(routes!(get_avatar::get_avatar))
        .routes(routes!(begin_avatar::begin_avatar, delete_avatar::delete_avatar))
        .routes(routes!(complete_avatar::complete_avatar))
        .routes(routes!(list_channels::list_channels))
        .routes(routes!(put_channel::put_channel, get_channel::get_channel))
        .routes(routes!(list_members::list_members))
        .routes(routes!(put_member::put_member, delete_member::delete_member))
}

/// The OpenAPI document of these endpoints.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().to_openapi()
}
