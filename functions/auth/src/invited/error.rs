//! Why nobody comes in by an invitation, beyond what is wrong with it.

use function_host::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvitedError {
    #[error("this invitation is a link for everybody: send your e-mail address with it")]
    EmailNeeded,
}

impl From<InvitedError> for Problem {
    fn from(error: InvitedError) -> Self {
        match error {
            InvitedError::EmailNeeded => Self::unprocessable("email-needed", error.to_string()).at("email"),
        }
    }
}
