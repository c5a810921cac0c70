//! Ending what lets somebody in.

use domain::UserId;
use function_host::Problem;
use sqlx::PgConnection;

use super::store;
use crate::session;

/// Ends every session of a person's, and with it its refresh tokens; sockets close.
pub(super) async fn sessions(connection: &mut PgConnection, user: UserId) -> Result<(), Problem> {
    session::revoke_all(connection, user, None).await
}

/// The same, and every API token and open invitation of theirs.
pub(crate) async fn everything(connection: &mut PgConnection, user: UserId) -> Result<(), Problem> {
    sessions(connection, user).await?;
    people::take_back_invitations(connection, user, None).await?;
    let ended = store::end_tokens(connection, user).await?;
    session::tell_ended(connection, user, &ended).await
}
