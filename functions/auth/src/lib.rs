//! Signing in: people, passwords, tickets, sessions, and the tokens that all others verify for themselves.

mod accounts;
mod attempts;
mod bots;
mod capabilities;
mod email;
mod error;
mod expiries;
pub mod first_owner;
mod get_meta;
mod invited;
mod jwks;
mod oidc;
mod outgoing;
mod password;
mod passwords;
mod person;
mod redeem;
mod refresh;
mod register;
mod second_factor;
mod session;
mod sessions;
mod sign_in;
mod sign_out;
mod sign_up;
mod store;
pub mod tickets;
mod token;
mod tokens;

use std::sync::Arc;

use access::token::Signer;
use axum::extract::FromRef;
use clap::Args;
use function_host::{Errands, Function, Services, config::Secret};
use mail::{MailArgs, Mailer};
use tenancy::credentials::LoginRole;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use email::InvalidEmail;
pub use token::Token;

use expiries::{Asked, Expiries};
use outgoing::Post;
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
    /// How letters are sent.
    #[command(flatten)]
    pub mail: MailArgs,
}

/// What the endpoints work with.
#[derive(Clone)]
struct State {
    services: Services,
    signer: Arc<Signer>,
    hasher: Hasher,
    mailer: Mailer,
    expiries: Asked,
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
        let mailer = Mailer::new(&config.mail)?;
        let (services, signer, expiries) = (services.clone(), Arc::new(signer), Asked::default());
        let state = State { services, signer, hasher: Hasher::new()?, mailer, expiries };
        Ok(router().with_state(state))
    }

    fn errands(services: &Services, config: &Config) -> anyhow::Result<Errands> {
        let mailer = Mailer::new(&config.mail)?;
        if !mailer.is_on() {
            tracing::warn!("THREADLY_SMTP is not set: no e-mail is sent, and what needs one is refused");
        }
        Ok(vec![Arc::new(Post::new(services.clone(), mailer)), Arc::new(Expiries::new(services.clone()))])
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
        .merge(oidc::router())
        .merge(accounts::router())
        .merge(tokens::router())
        .merge(bots::router())
        .routes(routes!(sign_up::request::sign_up))
        .routes(routes!(sign_up::verify_email::verify_email))
        .routes(routes!(sign_up::ask_again::send_verification))
        .routes(routes!(password::forgot::forgot_password))
        .routes(routes!(password::reset::reset_password))
        .routes(routes!(password::change::change_password))
        .routes(routes!(password::change_email::change_email))
        .routes(routes!(sessions::list::list_own_sessions, sessions::end_others::end_other_sessions))
        .routes(routes!(sessions::end_one::end_own_session))
        .routes(routes!(
            second_factor::begin::begin_second_factor,
            second_factor::confirm::confirm_second_factor,
            second_factor::show::get_second_factor
        ))
        .routes(routes!(second_factor::remove::remove_second_factor))
        .routes(routes!(second_factor::new_recovery_codes::make_recovery_codes))
}

/// The OpenAPI document of these endpoints.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().to_openapi()
}
