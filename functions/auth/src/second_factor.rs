//! The second factor: a one-time code of an app, or a recovery code.

pub(crate) mod begin;
pub(crate) mod confirm;
pub(crate) mod new_recovery_codes;
mod recovery;
pub(crate) mod remove;
pub(crate) mod show;
mod store;
mod totp;

use domain::UserId;
use sqlx::{PgConnection, PgPool};

use crate::error::AuthError;

use store::Factor;

/// Checks the code of somebody who signs in, and uses it up; does nothing if they have no second factor. `retry`: their
/// first try opened the session that they name, and its answer was lost; it names the same code.
///
/// # Errors
/// [`AuthError::SecondFactorNeeded`], [`AuthError::WrongCode`]; the database's.
pub(crate) async fn check(
    connection: &mut PgConnection,
    user: UserId,
    code: Option<&str>,
    now: u64,
    retry: bool,
) -> Result<(), CheckError> {
    let Some(factor) = store::lock(connection, user).await? else { return Ok(()) };
    if factor.confirmed_at.is_none() {
        return Ok(());
    }
    let code = code.ok_or(AuthError::SecondFactorNeeded)?;
    if take(connection, user, &factor, code, now, retry).await? { Ok(()) } else { Err(AuthError::WrongCode.into()) }
}

/// Uses a code up, of the app or for recovery; false if it is none, or was used.
async fn take(
    connection: &mut PgConnection,
    user: UserId,
    factor: &Factor,
    code: &str,
    now: u64,
    retry: bool,
) -> sqlx::Result<bool> {
    if let Some(digits) = totp::digits(code.trim()) {
        let last = if retry { factor.last_step.saturating_sub(1) } else { factor.last_step };
        let Some(step) = totp::matching_step(&factor.secret, digits, now, last) else { return Ok(false) };
        store::use_step(connection, user, step).await?;
        return Ok(true);
    }
    let Some(digest) = recovery::digest(user, code) else { return Ok(false) };
    store::use_recovery_code(connection, user, &digest, retry).await
}

/// Whether somebody's sign-ins need a code.
pub(crate) async fn is_on(pool: &PgPool, user: UserId) -> sqlx::Result<bool> {
    store::is_on(pool, user).await
}

/// Takes a second factor away, with its recovery codes.
pub(crate) async fn forget(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    store::remove(connection, user).await
}

/// Fresh recovery codes in place of all others; the factor is locked.
async fn renew_recovery_codes(connection: &mut PgConnection, user: UserId) -> sqlx::Result<Vec<String>> {
    let codes = recovery::make();
    let digests: Vec<Vec<u8>> = codes.iter().filter_map(|code| recovery::digest(user, code)).collect();
    store::replace_recovery_codes(connection, user, &digests).await?;
    Ok(codes)
}

/// Why a code was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error(transparent)]
    Refused(#[from] AuthError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<CheckError> for function_host::Problem {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Refused(error) => error.into(),
            CheckError::Database(error) => error.into(),
        }
    }
}
