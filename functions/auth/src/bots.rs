//! Bots: members without an address and a password, who come in by API tokens that admins make.

mod error;
mod list_bot_tokens;
mod list_bots;
mod paths;
mod put_bot;
mod put_bot_token;
mod remove_bot_token;
mod store;

use domain::AccountKind;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{State, accounts::Facts};
use error::BotError;

/// The endpoints.
pub(crate) fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_bots::list_bots))
        .routes(routes!(put_bot::put_bot))
        .routes(routes!(list_bot_tokens::list_bot_tokens))
        .routes(routes!(put_bot_token::put_bot_token, remove_bot_token::remove_bot_token))
}

/// Refuses people, and bots that are no more.
fn check_bot(facts: &Facts) -> Result<(), BotError> {
    if facts.kind == AccountKind::Bot && !facts.erased { Ok(()) } else { Err(BotError::NotFound) }
}
