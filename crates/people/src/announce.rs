//! Telling the log of people.

use domain::{Event, UserId, ids::TopicKind};
use event_log::outbox::enqueue;
use sqlx::PgConnection;

use crate::{PeopleError, store};

/// Tells what a person's row says now, in the transaction that changed it and raised its version.
///
/// # Errors
/// The database's.
pub async fn person_changed(connection: &mut PgConnection, user: UserId) -> Result<(), PeopleError> {
    let Some(changed) = store::changed(connection, user).await? else { return Ok(()) };
    enqueue(connection, TopicKind::Directory, user.0, &Event::UserChanged(changed)).await?;
    Ok(())
}
