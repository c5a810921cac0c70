//! API tokens: of people for themselves, and of bots by admins. A secret is shown once, when it is made.

mod answer;
mod error;
mod list_tokens;
mod mint;
mod put_token;
mod remove_token;
pub(crate) mod store;

use domain::{Event, SessionId, UserId, events::SessionRevoked, ids::TopicKind};
use event_log::outbox;
use function_host::Problem;
use sqlx::PgConnection;
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

/// Tells the edges that a token has ended, so that its sockets close: to them it is a session.
pub(crate) async fn tell_ended(connection: &mut PgConnection, token: SessionId, user: UserId) -> Result<(), Problem> {
    let event = Event::SessionRevoked(SessionRevoked { session_id: token, user_id: user });
    outbox::enqueue(connection, TopicKind::Directory, user.0, &event).await?;
    Ok(())
}
