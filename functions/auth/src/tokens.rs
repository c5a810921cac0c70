//! API tokens: of people for themselves, and of bots by admins. A secret is shown once, when it is made.

mod answer;
mod error;
mod list_tokens;
mod mint;
mod put_token;
mod remove_token;
pub(crate) mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::State;

pub(crate) use answer::{MintedToken, PutToken, TokenPage, TokenPath};
pub(crate) use error::TokenError;
pub(crate) use list_tokens::page;
pub(crate) use mint::{Holder, Minted, mint};
pub(crate) use remove_token::end;

/// The endpoints about one's own tokens.
pub(crate) fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_tokens::list_tokens))
        .routes(routes!(put_token::put_token, remove_token::remove_token))
}
