//! The directory: people, channels and who is in them. Postgres decides, the outbox tells the log.

mod announce;
mod answer;
mod channels;
mod delete_member;
mod error;
mod get_channel;
mod get_me;
mod get_person;
mod list_channels;
mod list_members;
mod list_people;
mod members;
mod page;
mod properties;
mod put_channel;
mod put_member;
mod store;
#[cfg(test)]
mod transaction_tests;

use function_host::{Function, NoConfig, Services};
use tenancy::credentials::LoginRole;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The `directory` function.
#[derive(Clone, Copy, Debug)]
pub struct Directory;

impl Function for Directory {
    const NAME: &'static str = "directory";
    const LOGIN: LoginRole = LoginRole::Functions;
    type Config = NoConfig;

    fn routes(services: &Services, _: &NoConfig) -> anyhow::Result<OpenApiRouter> {
        Ok(router().with_state(services.clone()))
    }
}

fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(get_me::get_me))
        .routes(routes!(list_people::list_people))
        .routes(routes!(get_person::get_person))
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
