//! Why an account stays as it is.

use axum::http::StatusCode;
use function_host::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AccountError {
    #[error("there is nobody with this id")]
    PersonNotFound,
    #[error("this is the workspace's last active owner; make somebody else an owner first")]
    LastOwner,
    #[error("this person was erased, for good")]
    Erased,
    #[error("a bot is a member, always")]
    BotRole,
    #[error("to erase your own account send `confirm` with your e-mail address or your display name")]
    ConfirmationNeeded,
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let detail = error.to_string();
        match error {
            AccountError::PersonNotFound => Self::not_found("person-not-found", detail),
            AccountError::LastOwner => Self::conflict("last-owner", detail),
            AccountError::Erased => Self::new(StatusCode::CONFLICT, "person-erased", detail),
            AccountError::BotRole => Self::conflict("bot-role-fixed", detail),
            AccountError::ConfirmationNeeded => Self::unprocessable("confirmation-needed", detail).at("confirm"),
        }
    }
}
