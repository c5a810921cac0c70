//! Ending what lets somebody in.

use domain::UserId;
use function_host::Problem;
use sqlx::PgConnection;

use super::store;
use crate::{session, store as sessions, tokens};

/// Ends every session of a person's, and with it its refresh tokens; sockets close.
pub(super) async fn sessions(connection: &mut PgConnection, user: UserId) -> Result<(), Problem> {
    for session in sessions::live_sessions(connection, user).await? {
        session::revoke(connection, session).await?;
    }
    Ok(())
}

/// The same, and every API token and open invitation of theirs.
pub(super) async fn everything(connection: &mut PgConnection, user: UserId) -> Result<(), Problem> {
    sessions(connection, user).await?;
    people::take_back_invitations(connection, user, None).await?;
    for token in store::end_tokens(connection, user).await? {
        tokens::tell_ended(connection, token, user).await?;
    }
    Ok(())
}
