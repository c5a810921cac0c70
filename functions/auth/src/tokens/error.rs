//! Why there is no token.

use axum::http::StatusCode;
use function_host::Problem;

/// Live tokens of one person, or one bot.
pub(crate) const MAX_TOKENS: i64 = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("there is no such token")]
    NotFound,
    /// Also for one's own that was made with something else, or more than 10 minutes ago.
    #[error("this id names another token, or one whose secret was shown; make a new one")]
    IdTaken,
    #[error("there are {MAX_TOKENS} tokens already; end one of them first")]
    TooMany,
    #[error("a token needs a scope")]
    ScopesEmpty,
    #[error("the scope `admin` is for tokens of admins")]
    ScopeNotAllowed,
    #[error("a token ends in the future")]
    ExpiresInThePast,
    #[error("a token ends within a year")]
    ExpiresTooLate,
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let detail = error.to_string();
        match error {
            TokenError::NotFound => Self::not_found("token-not-found", detail),
            TokenError::IdTaken => Self::conflict("token-id-taken", detail).at("tokenId"),
            TokenError::TooMany => Self::conflict("too-many-tokens", detail),
            TokenError::ScopesEmpty => Self::unprocessable("scopes-empty", detail).at("scopes"),
            TokenError::ScopeNotAllowed => Self::new(StatusCode::FORBIDDEN, "scope-not-allowed", detail).at("scopes"),
            TokenError::ExpiresInThePast => Self::unprocessable("expires-in-the-past", detail).at("expiresAt"),
            TokenError::ExpiresTooLate => Self::unprocessable("expires-too-late", detail).at("expiresAt"),
        }
    }
}
