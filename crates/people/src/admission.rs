//! Somebody new.

use domain::{AccountKind, Name, Role, UserId};
use sqlx::PgConnection;
use tenancy::Limits;

use crate::{PeopleError, announce::person_changed, store};

/// Somebody to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson<'a> {
    /// Made by whoever asks.
    pub id: UserId,
    /// Nobody else's, whatever its case.
    pub email: Option<&'a str>,
    /// Whether a letter or a trusted issuer has shown that the address is theirs.
    pub email_proved: bool,
    /// As shown to others.
    pub name: &'a Name,
    /// In the workspace.
    pub role: Role,
    /// A person or a program.
    pub kind: AccountKind,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// They are in.
    Admitted,
    /// Somebody has this id or this address.
    Taken,
}

/// Makes a person and tells the log. Of two at once the second waits, so that the workspace never holds more than it may.
///
/// # Errors
/// [`PeopleError::WorkspaceFull`], or the database's.
pub async fn admit(
    connection: &mut PgConnection,
    limits: &Limits,
    person: NewPerson<'_>,
) -> Result<Admission, PeopleError> {
    if let (Some(most), AccountKind::Person) = (limits.members, person.kind) {
        store::lock_members(connection).await?;
        if store::members(connection).await? >= i64::from(most) {
            return Err(PeopleError::WorkspaceFull);
        }
    }
    if !store::insert(connection, person).await? {
        return Ok(Admission::Taken);
    }
    person_changed(connection, person.id).await?;
    Ok(Admission::Admitted)
}

/// Refuses a name that passes its holder off as somebody else. Two people may have one name; what only looks like
/// another's is nobody's. Of two at once with names that look alike the second waits until the first is there.
///
/// # Errors
/// [`PeopleError::NameLooksTaken`], or the database's.
pub async fn check_name(connection: &mut PgConnection, user: UserId, name: &Name) -> Result<(), PeopleError> {
    store::lock_name(connection, name).await?;
    if store::looks_taken(connection, user, name).await? { Err(PeopleError::NameLooksTaken) } else { Ok(()) }
}
