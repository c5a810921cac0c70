//! Why `auth` says no, beyond what is wrong with a field.

use axum::http::StatusCode;
use function_host::Problem;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AuthError {
    #[error("this workspace does not admit this address without an invitation")]
    SignUpNotAllowed,
    #[error(
        "this workspace admits only addresses that are proved, and typing one in does not; ask for an invitation link"
    )]
    EmailProofNeeded,
    #[error("somebody has registered with this e-mail address")]
    EmailTaken,
    #[error("this id names somebody else; make a new one")]
    UserIdTaken,
    /// Also for one's own session that has ended.
    #[error("this id names another session; make a new one")]
    SessionIdTaken,
    /// The same for an unknown address and a wrong password.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    #[error("this refresh token is not valid here")]
    RefreshTokenInvalid,
    #[error("this refresh token has expired; sign in again")]
    RefreshTokenExpired,
    #[error("this refresh token was used before, so its session has ended; sign in again")]
    RefreshTokenReused,
    #[error("there is no such ticket")]
    TicketNotFound,
    #[error("this ticket was used")]
    TicketUsed,
    #[error("this ticket has expired")]
    TicketExpired,
    #[error("this ticket is for an address that the account does not have any more")]
    TicketOutdated,
    /// Whoever presents it has read the letter, and is in another account.
    #[error("this link is about another account; sign in to that one first")]
    TicketForAnother,
    /// With seconds to wait.
    #[error("that failed too often; wait a moment, or ask for a new password by e-mail")]
    TooManyAttempts(u32),
    /// Only who knows the password, or has the mailbox, learns that much.
    #[error("the password is right; this account needs a one-time code too")]
    SecondFactorNeeded,
    #[error("this code is wrong, or was used")]
    WrongCode,
    #[error("the second factor is on already")]
    SecondFactorOn,
    #[error("there is no second factor; begin one first")]
    SecondFactorNotBegun,
    #[error("this account has a password, which is needed here")]
    PasswordNeeded,
    #[error("this is not the account's password")]
    WrongPassword,
    #[error("this installation sends no e-mail; ask an administrator of the workspace")]
    MailOff,
    #[error("there is no such session of yours")]
    SessionNotFound,
    #[error("too many people sign in now; try again")]
    Busy,
    #[error("a password can't be hashed or compared: {0}")]
    Hashing(String),
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        let (status, code) = match error {
            AuthError::SignUpNotAllowed => (StatusCode::FORBIDDEN, "sign-up-not-allowed"),
            AuthError::EmailProofNeeded => (StatusCode::FORBIDDEN, "email-proof-needed"),
            AuthError::EmailTaken => return Self::conflict("email-taken", error.to_string()).at("email"),
            AuthError::UserIdTaken => return Self::conflict("user-id-taken", error.to_string()).at("userId"),
            AuthError::SessionIdTaken => {
                return Self::conflict("session-id-taken", error.to_string()).at("sessionId");
            }
            AuthError::WrongCredentials => (StatusCode::UNAUTHORIZED, "wrong-credentials"),
            AuthError::RefreshTokenInvalid => (StatusCode::UNAUTHORIZED, "refresh-token-invalid"),
            AuthError::RefreshTokenExpired => (StatusCode::UNAUTHORIZED, "refresh-token-expired"),
            AuthError::RefreshTokenReused => (StatusCode::UNAUTHORIZED, "refresh-token-reused"),
            AuthError::TicketNotFound => (StatusCode::NOT_FOUND, "ticket-not-found"),
            AuthError::TicketUsed => (StatusCode::GONE, "ticket-used"),
            AuthError::TicketExpired => (StatusCode::GONE, "ticket-expired"),
            AuthError::TicketOutdated => (StatusCode::GONE, "ticket-outdated"),
            AuthError::TicketForAnother => (StatusCode::FORBIDDEN, "ticket-for-another"),
            AuthError::TooManyAttempts(wait) => {
                return Self::too_many("too-many-attempts", error.to_string(), wait);
            }
            AuthError::SecondFactorNeeded => {
                return Self::new(StatusCode::UNAUTHORIZED, "second-factor-needed", error.to_string()).at("code");
            }
            AuthError::WrongCode => {
                return Self::new(StatusCode::UNAUTHORIZED, "wrong-code", error.to_string()).at("code");
            }
            AuthError::SecondFactorOn => (StatusCode::CONFLICT, "second-factor-on"),
            AuthError::SecondFactorNotBegun => (StatusCode::CONFLICT, "second-factor-not-begun"),
            AuthError::PasswordNeeded => {
                return Self::unprocessable("password-needed", error.to_string()).at("password");
            }
            AuthError::WrongPassword => (StatusCode::FORBIDDEN, "wrong-password"),
            AuthError::MailOff => (StatusCode::CONFLICT, "mail-off"),
            AuthError::SessionNotFound => (StatusCode::NOT_FOUND, "session-not-found"),
            AuthError::Busy => return Self::unavailable("busy", error.to_string()),
            AuthError::Hashing(_) => return Self::internal(&error),
        };
        Self::new(status, code, error.to_string())
    }
}
