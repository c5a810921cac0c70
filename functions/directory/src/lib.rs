//! The directory: people, channels, conversations and teams, who is in them, and who was asked in. Postgres decides, the
//! outbox tells the log.

mod answer;
mod avatars;
mod channels;
mod conversations;
mod error;
mod invitations;
mod members;
mod paging;
mod people;
#[cfg(test)]
mod plan_tests;
mod search;
mod teams;
#[cfg(test)]
mod test_database;
#[cfg(test)]
mod transaction_tests;

use std::sync::Arc;

use axum::extract::FromRef;
use buckets::S3Args;
use function_host::{Errands, Function, Services};
use tenancy::credentials::LoginRole;
use utoipa_axum::{router::OpenApiRouter, routes};

use avatars::{Avatars, leftovers::Leftovers};

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

    fn errands(services: &Services, config: &S3Args) -> anyhow::Result<Errands> {
        Ok(vec![Arc::new(Leftovers::new(services.clone(), Avatars::connect(config)?))])
    }
}

fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(people::get_me::get_me, people::patch_me::patch_me))
        .routes(routes!(people::put_status::put_status, people::delete_status::delete_status))
        .routes(routes!(people::list_people::list_people))
        .routes(routes!(people::get_person::get_person))
        .routes(routes!(avatars::get_avatar::get_avatar))
        .routes(routes!(avatars::begin_avatar::begin_avatar, avatars::delete_avatar::delete_avatar))
        .routes(routes!(avatars::complete_avatar::complete_avatar))
        .routes(routes!(channels::list_channels::list_channels))
        .routes(routes!(channels::put_channel::put_channel, channels::get_channel::get_channel))
        .routes(routes!(channels::archive_channel::archive_channel, channels::restore_channel::restore_channel))
        .routes(routes!(members::list_members::list_members))
        .routes(routes!(members::put_member::put_member, members::delete_member::delete_member))
        .routes(routes!(
            conversations::open_conversation::open_conversation,
            conversations::list_conversations::list_conversations
        ))
        .routes(routes!(teams::list_teams::list_teams))
        .routes(routes!(teams::put_team::put_team, teams::get_team::get_team, teams::delete_team::delete_team))
        .routes(routes!(teams::list_team_members::list_team_members))
        .routes(routes!(teams::put_team_member::put_team_member, teams::delete_team_member::delete_team_member))
        .routes(routes!(invitations::list_invitations::list_invitations))
        .routes(routes!(
            invitations::put_invitation::put_invitation,
            invitations::get_invitation::get_invitation,
            invitations::delete_invitation::delete_invitation
        ))
}

/// The OpenAPI document of these endpoints.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().to_openapi()
}
