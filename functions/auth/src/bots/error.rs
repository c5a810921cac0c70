//! Why a bot stays as it is.

use function_host::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BotError {
    #[error("there is no bot with this id")]
    NotFound,
    #[error("this bot is deactivated; activate it first")]
    Deactivated,
}

impl From<BotError> for Problem {
    fn from(error: BotError) -> Self {
        match error {
            BotError::NotFound => Self::not_found("bot-not-found", error.to_string()),
            BotError::Deactivated => Self::conflict("bot-deactivated", error.to_string()),
        }
    }
}
