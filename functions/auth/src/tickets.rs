//! Tickets: one-time ways in, sent to an address. The first owner's comes from the operator.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Role, SessionId, UserId};
use sqlx::PgPool;

use crate::{
    email::{Email, InvalidEmail},
    error::AuthError,
    store,
    token::Token,
};

/// After its use a ticket still answers who names the session that it opened: the answer may have been lost.
const RETRY: TimeDelta = TimeDelta::minutes(10);

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

/// What a ticket is for. Each was sent to an address, and proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Lets in with the ticket's role.
    SignIn,
    /// Lets in by invitation, or by the workspace's rule.
    SignUp,
    /// Proves the address that an account has.
    VerifyEmail,
    /// Sets an account's password.
    ResetPassword,
    /// Gives an account the ticket's address.
    ChangeEmail,
}

impl Purpose {
    const ALL: [Self; 5] = [Self::SignIn, Self::SignUp, Self::VerifyEmail, Self::ResetPassword, Self::ChangeEmail];

    /// As stored.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignUp => "sign-up",
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
            Self::ChangeEmail => "change-email",
        }
    }

    /// The purpose of a stored word.
    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// A ticket that somebody presents, by the database's clock.
pub(crate) struct Ticket {
    pub(crate) purpose: Purpose,
    /// Whose account it is about, where it is about one.
    pub(crate) user: Option<UserId>,
    pub(crate) email: String,
    pub(crate) role: Role,
    pub(crate) now: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) used: Option<TicketUse>,
}

/// When a ticket was redeemed, and the session that this opened.
#[derive(Clone, Copy)]
pub(crate) struct TicketUse {
    pub(crate) at: DateTime<Utc>,
    pub(crate) session: Option<SessionId>,
}

/// What a ticket is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A session.
    First,
    /// New tokens for the session that it opened.
    Retry(SessionId),
}

impl Ticket {
    /// `asked` is the session that its holder names: whoever used the ticket alone knows it.
    pub(crate) fn check(&self, asked: Option<SessionId>) -> Result<Entry, AuthError> {
        match (self.used, asked) {
            (None, _) if self.now >= self.expires_at => Err(AuthError::TicketExpired),
            (None, _) => Ok(Entry::First),
            (Some(used), Some(asked)) if used.session == Some(asked) && self.now - used.at <= RETRY => {
                Ok(Entry::Retry(asked))
            }
            (Some(_), _) => Err(AuthError::TicketUsed),
        }
    }
}

impl Ticket {
    /// The same for a ticket that opens no session: what was done is done for 10 minutes, and answered again.
    pub(crate) fn check_done(&self) -> Result<Done, AuthError> {
        match self.used {
            None if self.now >= self.expires_at => Err(AuthError::TicketExpired),
            None => Ok(Done::NotYet),
            Some(used) if self.now - used.at <= RETRY => Ok(Done::Before),
            Some(_) => Err(AuthError::TicketUsed),
        }
    }
}

/// Whether what a ticket is for was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    NotYet,
    /// A moment ago: this is a retry.
    Before,
}

/// The one of two roles that may more.
pub(crate) fn higher(one: Role, other: Role) -> Role {
    if other.includes(one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn check(used: Option<(i64, SessionId)>, now: i64, asked: Option<SessionId>) -> Result<Entry, AuthError> {
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let ticket = Ticket {
            purpose: Purpose::SignIn,
            user: None,
            email: "ada@acme.example".to_owned(),
            role: Role::Owner,
            now: at(now),
            expires_at: at(1_000),
            used: used.map(|(seconds, session)| TicketUse { at: at(seconds), session: Some(session) }),
        };
        ticket.check(asked)
    }

    #[test]
    fn a_ticket_is_good_once_and_until_its_end() {
        let (opened, asked) = (SessionId::random(), Some(SessionId::random()));
        assert_eq!(check(None, 999, asked), Ok(Entry::First));
        assert_eq!(check(None, 999, None), Ok(Entry::First));
        assert_eq!(check(None, 1_000, asked), Err(AuthError::TicketExpired));
        assert_eq!(check(Some((990, opened)), 990, asked), Err(AuthError::TicketUsed));
        assert_eq!(check(Some((990, opened)), 990, None), Err(AuthError::TicketUsed));
    }

    #[test]
    fn who_names_its_session_may_retry_for_10_minutes_even_past_the_end() {
        let opened = SessionId::random();
        assert_eq!(check(Some((990, opened)), 1_590, Some(opened)), Ok(Entry::Retry(opened)));
        assert_eq!(check(Some((990, opened)), 1_591, Some(opened)), Err(AuthError::TicketUsed));
        // A transaction that began before the first use, and waited for it.
        assert_eq!(check(Some((990, opened)), 989, Some(opened)), Ok(Entry::Retry(opened)));
    }

    #[test]
    fn every_purpose_is_read_back() {
        assert!(Purpose::ALL.into_iter().all(|purpose| Purpose::of(purpose.as_str()) == Some(purpose)));
        assert_eq!(Purpose::of("sign"), None);
    }

    #[test]
    fn a_ticket_never_lowers_a_role() {
        assert_eq!(higher(Role::Owner, Role::Member), Role::Owner);
        assert_eq!(higher(Role::Member, Role::Admin), Role::Admin);
        assert_eq!(higher(Role::Admin, Role::Owner), Role::Owner);
    }
}
