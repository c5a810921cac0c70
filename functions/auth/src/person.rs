//! A person as `auth` knows them.

use domain::{Role, UserId, policy::Refusal};

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) email: Option<String>,
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
}
