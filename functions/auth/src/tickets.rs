//! Tickets: one-time ways in, sent to an address. The first owner's comes from the operator.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Role;
use sqlx::PgPool;

use crate::{
    email::{Email, InvalidEmail},
    error::AuthError,
    store,
    token::Token,
};

/// Why no ticket was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// Nobody can have this address.
    #[error(transparent)]
    Email(#[from] InvalidEmail),
    /// The workspace's database.
    #[error("a ticket can't be stored: {0}")]
    Database(#[from] sqlx::Error),
}

/// Issues a ticket that lets whoever has the address in, once, within `lifetime`, with at least this role.
/// The token is known to the caller alone: send it only to the address, or to who may act for it.
///
/// # Errors
/// See [`IssueError`].
pub async fn issue(pool: &PgPool, email: &str, role: Role, lifetime: Duration) -> Result<Token, IssueError> {
    let email: Email = email.parse()?;
    let token = Token::random();
    store::insert_ticket(pool, token.digest(), email.as_str(), role, lifetime).await?;
    Ok(token)
}

/// A ticket that somebody presents, by the database's clock.
pub(crate) struct Ticket {
    pub(crate) email: String,
    pub(crate) role: Role,
    pub(crate) now: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) used: bool,
}

impl Ticket {
    pub(crate) fn check(&self) -> Result<(), AuthError> {
        if self.used {
            return Err(AuthError::TicketUsed);
        }
        if self.now >= self.expires_at { Err(AuthError::TicketExpired) } else { Ok(()) }
    }
}

/// The one of two roles that may more.
pub(crate) fn higher(one: Role, other: Role) -> Role {
    let rank = |role| match role {
        Role::Owner => 2,
        Role::Admin => 1,
        Role::Member => 0,
    };
    if rank(other) > rank(one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_ticket_is_good_once_and_until_its_end() {
        let check = |used, now| {
            let start = DateTime::UNIX_EPOCH;
            let ticket = Ticket {
                email: "ada@acme.example".to_owned(),
                role: Role::Owner,
                now: start + TimeDelta::seconds(now),
                expires_at: start + TimeDelta::seconds(10),
                used,
            };
            ticket.check()
        };
        assert_eq!(check(false, 9), Ok(()));
        assert_eq!(check(false, 10), Err(AuthError::TicketExpired));
        assert_eq!(check(true, 9), Err(AuthError::TicketUsed));
        assert_eq!(check(true, 10), Err(AuthError::TicketUsed));
    }

    #[test]
    fn a_ticket_never_lowers_a_role() {
        assert_eq!(higher(Role::Owner, Role::Member), Role::Owner);
        assert_eq!(higher(Role::Member, Role::Admin), Role::Admin);
        assert_eq!(higher(Role::Admin, Role::Owner), Role::Owner);
    }
}
