//! Somebody new.

use domain::{AccountKind, Name, Role, UserId};
use sqlx::PgConnection;
use tenancy::Limits;

use crate::{PeopleError, announce::person_changed, store};

/// Bots of a workspace, deactivated ones included.
pub(crate) const MAX_BOTS: i64 = 100;

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
/// [`PeopleError::WorkspaceFull`], [`PeopleError::TooManyBots`], or the database's.
pub async fn admit(
    connection: &mut PgConnection,
    limits: &Limits,
    person: NewPerson<'_>,
) -> Result<Admission, PeopleError> {
    // Names before members, whoever asks: so nobody who has the one waits for who has the other.
    store::lock_name(connection, person.name).await?;
    find_room(connection, limits, person.kind).await?;
    if person.kind == AccountKind::Bot {
        store::lock_bots(connection).await?;
        if store::other_bots(connection, person.id).await? >= MAX_BOTS {
            return Err(PeopleError::TooManyBots);
        }
    }
    if !store::insert(connection, person).await? {
        return Ok(Admission::Taken);
    }
    person_changed(connection, person.id).await?;
    Ok(Admission::Admitted)
}

/// Brings somebody deactivated back and tells the log, within the same limit. Call it with their row locked. Does nothing
/// to whoever is active, or erased.
///
/// # Errors
/// [`PeopleError::WorkspaceFull`], or the database's.
pub async fn readmit(
    connection: &mut PgConnection,
    limits: &Limits,
    user: UserId,
    kind: AccountKind,
) -> Result<(), PeopleError> {
    find_room(connection, limits, kind).await?;
    if store::activate(connection, user).await? {
        person_changed(connection, user).await?;
    }
    Ok(())
}

/// Nobody else comes in until the transaction ends.
async fn find_room(connection: &mut PgConnection, limits: &Limits, kind: AccountKind) -> Result<(), PeopleError> {
    if let (Some(most), AccountKind::Person) = (limits.members, kind) {
        store::lock_members(connection).await?;
        if store::members(connection).await? >= i64::from(most) {
            return Err(PeopleError::WorkspaceFull);
        }
    }
    Ok(())
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
