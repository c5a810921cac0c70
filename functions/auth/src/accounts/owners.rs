//! A workspace always has an active owner.

use domain::Role;
use function_host::Problem;
use sqlx::PgConnection;

use super::{AccountError, Facts, store};

/// Refuses to let the last active owner go. Of two who go at once the second waits here until the first is gone, and then
/// is the last.
pub(super) async fn may_go(connection: &mut PgConnection, person: &Facts) -> Result<(), Problem> {
    if person.role != Role::Owner || !person.active {
        return Ok(());
    }
    store::lock_owners(connection).await?;
    if store::has_other_owner(connection, person.id).await? { Ok(()) } else { Err(AccountError::LastOwner.into()) }
}
