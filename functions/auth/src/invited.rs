//! Using invitations: looking at one, coming in by one, joining by one what somebody is not in yet.

mod accept_invitation;
mod error;
mod join_by_invitation;
mod peek_invitation;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::State;
use error::InvitedError;

/// The endpoints.
pub(crate) fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(peek_invitation::peek_invitation))
        .routes(routes!(accept_invitation::accept_invitation))
        .routes(routes!(join_by_invitation::join_by_invitation))
}
