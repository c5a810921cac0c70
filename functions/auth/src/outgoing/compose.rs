//! From the reason for a letter to the letter. What it lets its reader do is minted here, as it goes out.

use std::time::Duration;

use domain::{Role, UserId};
use mail::{
    AccountDeactivated, ApproachOfTakenAddress, EmailChanged, Invitation, Link, Links, MailError, Mailer, NewDevice,
    PasswordChanged, ResetPassword, SignInLink, VerifyEmail,
};
use people::Letter as Reason;
use sqlx::PgPool;
use tenancy::Workspace;

use super::store;
use crate::{
    first_owner::{self, Progress},
    tickets::{self, IssueError, Purpose},
    token::Token,
};

/// How long links work. Who asked for a new password waits for it; a new address may be read at home.
const RESET: Duration = Duration::from_hours(1);
const SIGN_UP: Duration = Duration::from_hours(24);
const CHANGE: Duration = Duration::from_hours(24);
const VERIFY: Duration = Duration::from_hours(7 * 24);

/// A letter, ready but for its envelope.
pub(super) struct Composed {
    pub(super) to_name: Option<String>,
    pub(super) letter: mail::Letter,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum ComposeError {
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Ticket(#[from] IssueError),
}

/// Makes the letter to an address; nothing if its reason is gone.
pub(super) async fn compose(
    pool: &PgPool,
    workspace: &Workspace,
    mailer: &Mailer,
    to: &str,
    reason: Reason,
) -> Result<Option<Composed>, ComposeError> {
    let desk = Desk { pool, workspace, links: mailer.links()?, to };
    Ok(match reason {
        Reason::SignUp => {
            let link = desk.ticket(Purpose::SignUp, None, SIGN_UP).await?;
            Some(Composed { to_name: None, letter: mail::Letter::SignInLink(SignInLink { link }) })
        }
        // Unless the manifest names somebody else by now.
        Reason::FirstOwner if workspace.owner_email.eq_ignore_ascii_case(to) => {
            match first_owner::progress(pool, workspace).await? {
                Progress::In => None,
                Progress::Open | Progress::Emailed => {
                    let token = tickets::issue(pool, to, Role::Owner, first_owner::LIFETIME).await?;
                    let link = desk.links.sign_in(&workspace.handle, token.expose());
                    Some(Composed { to_name: None, letter: mail::Letter::SignInLink(SignInLink { link }) })
                }
            }
        }
        Reason::FirstOwner => None,
        Reason::VerifyEmail { user } => match desk.reader(user).await? {
            Some(reader) if desk.is_theirs(&reader) && !reader.proved => {
                let link = desk.ticket(Purpose::VerifyEmail, Some(user), VERIFY).await?;
                named(reader, mail::Letter::VerifyEmail(VerifyEmail { link }))
            }
            _ => None,
        },
        Reason::ResetPassword { user } => match desk.reader(user).await? {
            Some(reader) if desk.is_theirs(&reader) => {
                let link = desk.ticket(Purpose::ResetPassword, Some(user), RESET).await?;
                named(reader, mail::Letter::ResetPassword(ResetPassword { link }))
            }
            _ => None,
        },
        Reason::ChangeEmail { user } => match desk.reader(user).await? {
            Some(reader) => {
                let link = desk.ticket(Purpose::ChangeEmail, Some(user), CHANGE).await?;
                named(reader, mail::Letter::VerifyEmail(VerifyEmail { link }))
            }
            None => None,
        },
        Reason::Invitation { invitation } => match store::invitation(pool, invitation).await? {
            Some(invited) => {
                let token = Token::random();
                store::insert_invitation_token(pool, token.digest(), invitation).await?;
                let link = desk.links.invitation(&workspace.handle, token.expose());
                let letter = Invitation { inviter: invited.inviter, link, expires: invited.expires_at };
                Some(Composed { to_name: None, letter: mail::Letter::Invitation(letter) })
            }
            None => None,
        },
        Reason::AccountExists { user } => {
            desk.news(user, mail::Letter::ApproachOfTakenAddress(ApproachOfTakenAddress)).await?
        }
        Reason::EmailChanged { user, to: new } => {
            desk.news(user, mail::Letter::EmailChanged(EmailChanged { old: to.to_owned(), new })).await?
        }
        Reason::PasswordChanged { user } => desk.news(user, mail::Letter::PasswordChanged(PasswordChanged)).await?,
        Reason::NewDevice { user, device, address, at } => {
            let letter = NewDevice { device, place: Some(address), when: at };
            desk.news(user, mail::Letter::NewDevice(letter)).await?
        }
        // Of whoever is not active any more.
        Reason::Deactivated { user } => {
            let to_name = store::reader(pool, user).await?.map(|reader| reader.name);
            Some(Composed { to_name, letter: mail::Letter::AccountDeactivated(AccountDeactivated) })
        }
    })
}

fn named(reader: store::Reader, letter: mail::Letter) -> Option<Composed> {
    Some(Composed { to_name: Some(reader.name), letter })
}

/// What a letter is written with.
struct Desk<'a> {
    pool: &'a PgPool,
    workspace: &'a Workspace,
    links: &'a Links,
    to: &'a str,
}

impl Desk<'_> {
    /// Whose letter it is, if their account is active.
    async fn reader(&self, user: UserId) -> sqlx::Result<Option<store::Reader>> {
        Ok(store::reader(self.pool, user).await?.filter(|reader| reader.active))
    }

    /// Whether the letter goes to the address that the account has.
    fn is_theirs(&self, reader: &store::Reader) -> bool {
        reader.email.as_deref() == Some(self.to)
    }

    /// A letter that lets its reader do nothing.
    async fn news(&self, user: UserId, letter: mail::Letter) -> sqlx::Result<Option<Composed>> {
        Ok(self.reader(user).await?.and_then(|reader| named(reader, letter)))
    }

    /// A link with a fresh ticket.
    async fn ticket(&self, purpose: Purpose, user: Option<UserId>, lifetime: Duration) -> sqlx::Result<Link> {
        let token = Token::random();
        store::insert_ticket(self.pool, token.digest(), purpose, user, self.to, lifetime).await?;
        let handle = &self.workspace.handle;
        Ok(match purpose {
            Purpose::SignIn | Purpose::SignUp => self.links.sign_in(handle, token.expose()),
            Purpose::VerifyEmail | Purpose::ChangeEmail => self.links.verify_email(handle, token.expose()),
            Purpose::ResetPassword => self.links.reset_password(handle, token.expose()),
        })
    }
}
