//! Letters to be sent: written in the transaction that gives the reason, sent by `auth` when the clock asks it. What a
//! letter lets its reader do is minted when it is sent.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{InvitationId, UserId};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use tenancy::{
    Registry, Workspace,
    due::{DueKey, Purpose},
};

use crate::{PeopleError, store};

/// The function that sends letters.
const SENDER: &str = "auth";

/// Why somebody is written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Letter {
    /// The address was typed in to join; its reader may.
    SignUp,
    /// The address was typed in to join, and has an account.
    AccountExists {
        /// Whose.
        user: UserId,
    },
    /// Its reader has the address of this account.
    VerifyEmail {
        /// Whose.
        user: UserId,
    },
    /// Its reader may set the account's password.
    ResetPassword {
        /// Whose.
        user: UserId,
    },
    /// Its reader has the address that this account is to have.
    ChangeEmail {
        /// Whose.
        user: UserId,
    },
    /// To the address that the account had.
    EmailChanged {
        /// Whose.
        user: UserId,
        /// What it has now.
        to: String,
    },
    /// The account has a new password.
    PasswordChanged {
        /// Whose.
        user: UserId,
    },
    /// Somebody has signed in from where nobody did before.
    NewDevice {
        /// Whose.
        user: UserId,
        /// What the device says that it is.
        device: String,
        /// Where it came from.
        address: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// Its reader is invited.
    Invitation {
        /// By which.
        invitation: InvitationId,
    },
    /// The workspace is there for its reader, who may come in as its owner.
    FirstOwner,
    /// The account is deactivated.
    Deactivated {
        /// Whose.
        user: UserId,
    },
}

/// Says that a letter may come, before the transaction that writes it is committed.
///
/// # Errors
/// The control database is away.
pub async fn expect(registry: &Registry, workspace: &Workspace) -> sqlx::Result<()> {
    let key = DueKey {
        workspace: workspace.id.clone(),
        function: SENDER.to_owned(),
        purpose: Purpose::Mail.as_str().to_owned(),
        holder: String::new(),
    };
    registry.due().set(&key, Duration::ZERO).await.map(drop)
}

/// Writes a letter to an address, in the transaction that gives the reason.
///
/// # Errors
/// The database's.
pub async fn write(connection: &mut PgConnection, recipient: &str, letter: &Letter) -> Result<(), PeopleError> {
    store::insert_letter(connection, recipient, &serde_json::to_value(letter)?).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_stored_by_its_kind() {
        let letter = Letter::ResetPassword { user: UserId::random() };
        let stored = serde_json::to_value(&letter).unwrap();
        assert_eq!(stored["kind"], "reset-password");
        assert_eq!(serde_json::from_value::<Letter>(stored).unwrap(), letter);
        assert_eq!(serde_json::to_value(Letter::SignUp).unwrap(), serde_json::json!({"kind": "sign-up"}));
    }
}
