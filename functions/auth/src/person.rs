//! A person as `auth` knows them, and how the others are told.

use domain::{Event, Role, UserId, events::UserChanged, ids::TopicKind, policy::Refusal};
use event_log::outbox::{self, RelayError};
use sqlx::PgConnection;

use crate::store;

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) display_name: String,
    pub(crate) role: Role,
    pub(crate) active: bool,
    pub(crate) version: i64,
}

/// A person and what lets them in; who came by a ticket has no password.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) person: Person,
    pub(crate) password_hash: Option<String>,
}

impl Person {
    /// Somebody deactivated signs in by no way.
    pub(crate) fn check_active(&self) -> Result<(), Refusal> {
        if self.active { Ok(()) } else { Err(Refusal::Deactivated) }
    }

    /// Tells the others of this state, in the transaction that made it.
    pub(crate) async fn announce(&self, connection: &mut PgConnection) -> Result<(), RelayError> {
        let avatar = store::avatar(connection, self.id).await?;
        let event = Event::UserChanged(UserChanged {
            user_id: self.id,
            display_name: self.display_name.clone(),
            role: self.role,
            active: self.active,
            avatar,
            version: self.version,
        });
        outbox::enqueue(connection, TopicKind::Directory, self.id.0, &event).await
    }
}
