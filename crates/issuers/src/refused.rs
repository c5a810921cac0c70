//! Why a token is not accepted.

use crate::Unavailable;

/// Why a token says nothing here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no token, or one that breaks a rule of tokens.
    #[error("this is not a token that can be read: {0}")]
    Malformed(&'static str),
    /// Nobody here trusts who it says that signed it.
    #[error("the token's issuer is not trusted here")]
    UnknownIssuer,
    /// It is signed in a way that is not the issuer's, or not its key's.
    #[error("the token is signed with an algorithm that is not its issuer's or its key's")]
    AlgorithmNotAllowed,
    /// The issuer has no such key.
    #[error("the token is signed with a key that its issuer doesn't name")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("the token's signature is wrong")]
    BadSignature,
    /// It was made for somebody else.
    #[error("the token was made for somebody else")]
    WrongAudience,
    /// It has ended.
    #[error("the token has expired")]
    Expired,
    /// It begins later.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The person has not finished signing in there.
    #[error("the session at the issuer is not complete")]
    SessionPending,
    /// It can't be told, since the issuer's keys are not to be had.
    #[error("the token's issuer can't be asked at the moment")]
    IssuerUnavailable(#[source] Unavailable),
}

impl Refused {
    /// A stable word for it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "token-malformed",
            Self::UnknownIssuer => "issuer-unknown",
            Self::AlgorithmNotAllowed => "token-algorithm-not-allowed",
            Self::UnknownKey => "token-key-unknown",
            Self::BadSignature => "token-signature-wrong",
            Self::WrongAudience => "token-audience-wrong",
            Self::Expired => "token-expired",
            Self::NotYetValid => "token-not-yet-valid",
            Self::SessionPending => "token-session-pending",
            Self::IssuerUnavailable(_) => "issuer-unavailable",
        }
    }
}
