//! Passwords forgotten, changed, and asked for once more.

pub(crate) mod change;
pub(crate) mod change_email;
pub(crate) mod forgot;
pub(crate) mod reset;
mod store;

use access::Caller;
use domain::UserId;
use function_host::Problem;
use people::{Letter, letters};
use sqlx::PgConnection;

use crate::{
    State,
    attempts::{Attempt, Proof},
    error::AuthError,
    sign_up,
    token::TokenDigest,
};

impl State {
    /// Whether letters can be sent.
    ///
    /// # Errors
    /// 409 `mail-off`.
    pub(crate) fn mail_is_on(&self) -> Result<(), AuthError> {
        if self.mailer.is_on() { Ok(()) } else { Err(AuthError::MailOff) }
    }

    /// Has somebody who has signed in prove once more who they are. An account without a password has nothing to ask for.
    ///
    /// # Errors
    /// 422 `password-needed`, 403 `wrong-password`, 429 `too-many-attempts`.
    pub(crate) async fn confirm_password(&self, caller: &Caller, password: Option<String>) -> Result<(), Problem> {
        let pool = self.services.pool(&caller.workspace).await?;
        let Some(stored) = store::password(&pool, caller.user).await? else { return Ok(()) };
        let password = password.ok_or(AuthError::PasswordNeeded)?;
        let attempt = Attempt::by_session(&pool, caller.session, Proof::Password).await?;
        let right = self.hasher.verify(&caller.workspace.id, password, Some(stored)).await;
        let right = right.and_then(|right| if right { Ok(()) } else { Err(AuthError::WrongPassword) });
        attempt.settle(right.map_err(Into::into)).await
    }
}

/// Sets somebody's password, ends what letters sent before could do, and tells the address.
async fn set(
    connection: &mut PgConnection,
    user: UserId,
    hash: &str,
    email: Option<&str>,
    by: Option<TokenDigest>,
) -> Result<(), Problem> {
    store::set_password(connection, user, hash).await?;
    sign_up::store::void_tickets(connection, user, by).await?;
    if let Some(email) = email {
        letters::write(connection, email, &Letter::PasswordChanged { user }).await?;
    }
    Ok(())
}
