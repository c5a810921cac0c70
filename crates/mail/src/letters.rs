//! The letters, one kind per file: each says what it needs to know, and what it tells.

mod account_deactivated;
mod approach_of_taken_address;
mod email_changed;
mod invitation;
mod new_device;
mod password_changed;
mod reset_password;
mod sign_in_link;
mod verify_email;

use chrono::{DateTime, Utc};

use crate::{content::Content, line::Line};

pub use account_deactivated::AccountDeactivated;
pub use approach_of_taken_address::ApproachOfTakenAddress;
pub use email_changed::EmailChanged;
pub use invitation::Invitation;
pub use new_device::NewDevice;
pub use password_changed::PasswordChanged;
pub use reset_password::ResetPassword;
pub use sign_in_link::SignInLink;
pub use verify_email::VerifyEmail;

/// What is told to whom it may concern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Letter {
    /// Asks a reader to prove that an address is theirs.
    VerifyEmail(VerifyEmail),
    /// Lets a reader choose a new password.
    ResetPassword(ResetPassword),
    /// Says that a password was changed.
    PasswordChanged(PasswordChanged),
    /// Invites somebody.
    Invitation(Invitation),
    /// Signs somebody in, an owner for the first time.
    SignInLink(SignInLink),
    /// Says that an account was signed in to from a new device.
    NewDevice(NewDevice),
    /// Says that an account has another address.
    EmailChanged(EmailChanged),
    /// Says that an account was deactivated.
    AccountDeactivated(AccountDeactivated),
    /// Says that somebody tried to sign up with the reader's address.
    ApproachOfTakenAddress(ApproachOfTakenAddress),
}

impl Letter {
    /// One word for its kind: for logs, metrics and names of files.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::VerifyEmail(_) => "verify-email",
            Self::ResetPassword(_) => "reset-password",
            Self::PasswordChanged(_) => "password-changed",
            Self::Invitation(_) => "invitation",
            Self::SignInLink(_) => "sign-in-link",
            Self::NewDevice(_) => "new-device",
            Self::EmailChanged(_) => "email-changed",
            Self::AccountDeactivated(_) => "account-deactivated",
            Self::ApproachOfTakenAddress(_) => "approach-of-taken-address",
        }
    }

    pub(crate) fn content(&self, workspace: &Line) -> Content {
        match self {
            Self::VerifyEmail(letter) => letter.content(workspace),
            Self::ResetPassword(letter) => letter.content(workspace),
            Self::PasswordChanged(letter) => letter.content(workspace),
            Self::Invitation(letter) => letter.content(workspace),
            Self::SignInLink(letter) => letter.content(workspace),
            Self::NewDevice(letter) => letter.content(workspace),
            Self::EmailChanged(letter) => letter.content(workspace),
            Self::AccountDeactivated(letter) => letter.content(workspace),
            Self::ApproachOfTakenAddress(letter) => letter.content(workspace),
        }
    }
}

/// A time as readers of any zone understand it.
fn time(at: DateTime<Utc>) -> Line {
    Line::name(&at.format("%-d %B %Y, %H:%M UTC").to_string())
}
