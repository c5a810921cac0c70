//! How tokens are asked for, named in paths, and shown.

use chrono::{DateTime, Months, SubsecRound, Utc};
use domain::{Name, Scope, Scopes, TokenId};
use function_host::Problem;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::TokenError;

/// A token's longest life, in months.
const MAX_MONTHS: u32 = 12;

/// One of the caller's tokens in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(crate) struct TokenPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The token; made by the client, a UUIDv7.
    pub(crate) token_id: TokenId,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "Nightly report", "scopes": ["channels:read", "messages:read"], "expiresAt": "2027-06-30T00:00:00Z"
}))]
pub(crate) struct PutToken {
    /// What it is for: 1 to 80 characters in one line.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// What it may be used for; never more than whose it is may.
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
    /// In whole seconds: in the future, and within a year.
    expires_at: DateTime<Utc>,
}

/// A token that may be made.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) name: Name,
    pub(crate) scopes: Scopes,
    pub(crate) expires_at: DateTime<Utc>,
}

impl PutToken {
    /// `now` is in seconds since 1970.
    pub(crate) fn read(&self, now: u64) -> Result<Wanted, Problem> {
        let name = self.name.parse().map_err(|error| Problem::invalid_name(error, "name"))?;
        let scopes: Scopes = self.scopes.iter().copied().collect();
        if self.scopes.is_empty() {
            return Err(TokenError::ScopesEmpty.into());
        }
        let expires_at = self.expires_at.trunc_subsecs(0);
        let now = DateTime::from_timestamp(i64::try_from(now).unwrap_or_default(), 0).unwrap_or_default();
        if expires_at <= now {
            return Err(TokenError::ExpiresInThePast.into());
        }
        if now.checked_add_months(Months::new(MAX_MONTHS)).is_some_and(|last| expires_at > last) {
            return Err(TokenError::ExpiresTooLate.into());
        }
        Ok(Wanted { name, scopes, expires_at })
    }
}

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenView {
    /// The token's id.
    pub(crate) token_id: TokenId,
    /// What it is for.
    pub(crate) name: String,
    /// What it may be used for.
    pub(crate) scopes: Vec<Scope>,
    /// When it was made.
    pub(crate) created_at: DateTime<Utc>,
    /// When it ends.
    pub(crate) expires_at: DateTime<Utc>,
    /// When it was used last, to the minute or so; null before the first time.
    pub(crate) last_used_at: Option<DateTime<Utc>>,
}

/// A token that was made just now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MintedToken {
    /// For `Authorization: Bearer`. It is shown in this answer and never again.
    pub(crate) secret: String,
    /// The token.
    pub(crate) token: TokenView,
}

/// A page of tokens, in the order of their ids.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenPage {
    /// The tokens, without those that were ended.
    pub(crate) items: Vec<TokenView>,
    /// For the next page; null at the end.
    pub(crate) next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_in_the_future_and_within_a_year() {
        const NOW: u64 = 1_767_225_600; // 2026-01-01
        let code = |expires_at: &str| {
            let expires_at = expires_at.parse().unwrap();
            let body = PutToken { name: "a".to_owned(), scopes: vec![Scope::Admin], expires_at };
            body.read(NOW).map(|wanted| wanted.expires_at.timestamp()).map_err(|problem| problem.code())
        };
        assert_eq!(code("2026-01-01T00:00:00.9Z"), Err("expires-in-the-past"));
        assert_eq!(code("2026-01-01T00:00:01.9Z"), Ok(1_767_225_601));
        assert_eq!(code("2027-01-01T00:00:00Z"), Ok(1_798_761_600));
        assert_eq!(code("2027-01-01T00:00:01Z"), Err("expires-too-late"));
        assert_eq!(code("1969-01-01T00:00:00Z"), Err("expires-in-the-past"));
    }
}
