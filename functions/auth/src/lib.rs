//! Signing in: people, passwords, tickets, sessions, and the tokens that all others verify for themselves.

mod accounts;
mod bots;
mod capabilities;
mod email;
mod error;
mod get_meta;
mod invited;
mod jwks;
mod passwords;
mod person;
mod redeem;
mod refresh;
mod register;
mod session;
mod sign_in;
mod sign_out;
mod store;
pub mod tickets;
mod token;
mod tokens;

use std::sync::Arc;

use access::token::Signer;
use axum::extract::FromRef;
use clap::Args;
use function_host::{Function, Services, config::Secret};
use tenancy::credentials::LoginRole;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use email::InvalidEmail;
pub use token::Token;

use passwords::Hasher;

/// The `auth` function.
#[derive(Clone, Copy, Debug)]
pub struct Auth;

/// What `auth` is told.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// The seed of the Ed25519 key that signs access tokens: 64 hexadecimal digits. Its public key is in the registry.
    #[arg(long, env = "THREADLY_SIGNING_KEY", hide_env_values = true)]
    pub signing_key: Secret,
}

/// What the endpoints work with.
#[derive(Clone)]
struct State {
    services: Services,
    signer: Arc<Signer>,
    hasher: Hasher,
}

impl FromRef<State> for Services {
    fn from_ref(state: &State) -> Self {
        state.services.clone()
    }
}

impl Function for Auth {
    const NAME: &'static str = "auth";
    const LOGIN: LoginRole = LoginRole::Auth;
    type Config = Config;

    fn routes(services: &Services, config: &Config) -> anyhow::Result<OpenApiRouter> {
        let signer = Signer::from_seed(config.signing_key.expose())?;
        if services.registry.signing_key(signer.kid()).is_none() {
            tracing::warn!(kid = signer.kid(), "the registry lacks this key: tokens are refused until it is there");
        }
        let state = State { services: services.clone(), signer: Arc::new(signer), hasher: Hasher::new()? };
        Ok(router().with_state(state))
    }
}

fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(redeem::redeem_ticket))
        .routes(routes!(refresh::refresh_session))
        .routes(routes!(sign_out::sign_out))
        .routes(routes!(jwks::get_jwks))
        .routes(routes!(get_meta::get_meta))
        .merge(invited::router())
        .merge(accounts::router())
        .merge(tokens::router())
        .merge(bots::router())
}

/// The OpenAPI document of these endpoints.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().to_openapi()
}
