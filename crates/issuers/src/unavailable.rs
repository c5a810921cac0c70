//! Why an issuer is of no use at the moment.

use crate::FetchError;

/// Why what an issuer publishes is not to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// It was asked in vain.
    #[error("the issuer was asked in vain: {0}")]
    Asked(#[from] FetchError),
    /// What it answers can't be used.
    #[error("what the issuer answers {0}")]
    Document(&'static str),
    /// It was not waited for.
    #[error("asking the issuer was given up")]
    Abandoned,
}
