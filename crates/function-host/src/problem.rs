//! Errors as RFC 9457 problem details with a stable `code`.

use access::{Denied, token::Unauthenticated};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{InvalidEmail, names::InvalidName, policy::Refusal, text::InvalidText};
use event_log::{AppendError, ProjectError, outbox::RelayError};
use people::PeopleError;
use serde::Serialize;
use tenancy::DatabaseError;
use utoipa::ToSchema;

use crate::codes;

/// An error answer. `detail` is for people and may change; `code` is for programs and does not.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `https://threadly.dev/problems/{code}`.
    #[serde(rename = "type")]
    kind: String,
    /// The status's name.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// One of [`codes::CODES`].
    #[schema(schema_with = codes::schema)]
    code: &'static str,
    /// What was wrong with this request.
    detail: String,
    /// The field that was wrong, as a path such as `text` or `members[0]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// Seconds to wait before trying again.
    #[serde(skip)]
    retry_after: Option<u32>,
}

impl Problem {
    /// A problem with a code of the list. Tests fail where a function gives one that is not on it, or with another status.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        debug_assert!(
            codes::may_say(code, status.as_u16()),
            "{code} with {status} is not in the list of problem codes"
        );
        Self {
            kind: format!("https://threadly.dev/problems/{code}"),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            field: None,
            retry_after: None,
        }
    }

    /// 400.
    #[must_use]
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 422: well-formed, but a rule of the domain says no.
    #[must_use]
    pub fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// 404.
    #[must_use]
    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// 409.
    #[must_use]
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 503; the same request may succeed after a second.
    #[must_use]
    pub fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        Self { retry_after: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail) }
    }

    /// 429; the same request may succeed after these seconds.
    #[must_use]
    pub fn too_many(code: &'static str, detail: impl Into<String>, retry_after: u32) -> Self {
        let retry_after = Some(retry_after.max(1));
        Self { retry_after, ..Self::new(StatusCode::TOO_MANY_REQUESTS, code, detail) }
    }

    /// 500, with the cause in the log only.
    #[must_use]
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong here; it has been logged")
    }

    /// Names the field that was wrong.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The field that was wrong, if one was.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Unauthenticated> for Problem {
    fn from(error: Unauthenticated) -> Self {
        let code = match error {
            Unauthenticated::Missing => "token-missing",
            Unauthenticated::Invalid => "token-invalid",
            Unauthenticated::Expired => "token-expired",
        };
        Self::new(StatusCode::UNAUTHORIZED, code, error.to_string())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match refusal {
            Refusal::SessionRevoked => (StatusCode::UNAUTHORIZED, "session-revoked"),
            Refusal::Deactivated => (StatusCode::FORBIDDEN, "account-deactivated"),
            Refusal::ScopeMissing => (StatusCode::FORBIDDEN, "scope-missing"),
            Refusal::SessionNeeded => (StatusCode::FORBIDDEN, "session-needed"),
            Refusal::ChannelNotFound => (StatusCode::NOT_FOUND, "channel-not-found"),
            Refusal::TeamNotFound => (StatusCode::NOT_FOUND, "team-not-found"),
            Refusal::NotAMember => (StatusCode::FORBIDDEN, "not-a-member"),
            Refusal::NotForGuests => (StatusCode::FORBIDDEN, "not-for-guests"),
            Refusal::ChannelArchived => (StatusCode::FORBIDDEN, "channel-archived"),
            Refusal::ConversationFixed => (StatusCode::FORBIDDEN, "conversation-fixed"),
            Refusal::PostingRestricted => (StatusCode::FORBIDDEN, "posting-restricted"),
            Refusal::NotTheAuthor => (StatusCode::FORBIDDEN, "not-the-author"),
            Refusal::NotAnAdmin => (StatusCode::FORBIDDEN, "not-an-admin"),
            Refusal::NotAnOwner => (StatusCode::FORBIDDEN, "not-an-owner"),
            Refusal::NotALead => (StatusCode::FORBIDDEN, "not-a-lead"),
        };
        Self::new(status, code, refusal.to_string())
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated(error) => error.into(),
            Denied::Stranger(_) => Self::new(StatusCode::FORBIDDEN, "not-admitted", denied.to_string()),
            Denied::IssuerUnavailable => Self::unavailable("issuer-unavailable", denied.to_string()),
            Denied::Refused(refusal) => refusal.into(),
            Denied::Unavailable(error) => error.into(),
            Denied::Database(error) => error.into(),
            Denied::Unreadable(error) => Self::internal(&error),
        }
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        let code = match error {
            DatabaseError::SchemaVersion { .. } => "workspace-upgrading",
            DatabaseError::Busy => "database-busy",
        };
        Self::unavailable(code, error.to_string())
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        if !is_away(&error) {
            return Self::internal(&error);
        }
        tracing::warn!(%error, "the workspace's database is away");
        Self::unavailable("database-unavailable", "the workspace's database does not answer; try again")
    }
}

/// Whether the database is to blame, and not what was asked of it: the same may succeed later.
pub(crate) fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Configuration(_)
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| passes(&code)),
        _ => false,
    }
}

/// Whether an SQLSTATE (PostgreSQL's appendix A) tells of the server's trouble and not of the statement: the same
/// request may succeed later.
fn passes(state: &str) -> bool {
    // 08: connection; 53: out of resources; 57: operator's doing, among them a cancelled statement; 58: its disk.
    let class = ["08", "53", "57", "58"].iter().any(|class| state.starts_with(class));
    // Serialisation, deadlock, lock not had, object not ready, read-only after a failover, idle too long in a
    // transaction, database not there (yet).
    class || matches!(state, "40001" | "40P01" | "55P03" | "55000" | "25006" | "25P03" | "3D000")
}

impl From<AppendError> for Problem {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::OutcomeUnknown => Self::unavailable(
                "outcome-unknown",
                "the log did not confirm in time; retry with the same id, it is written at most once",
            ),
            AppendError::Unavailable(_) => {
                Self::unavailable("log-unavailable", "the log takes no writes now; try again")
            }
            AppendError::TooLarge => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "event-too-large", "the event is larger than the log takes")
            }
            AppendError::Encode(error) => Self::internal(&error),
        }
    }
}

impl From<RelayError> for Problem {
    fn from(error: RelayError) -> Self {
        match error {
            RelayError::Database(error) => error.into(),
            RelayError::Log(error) => error.into(),
            error => Self::internal(&error),
        }
    }
}

impl From<ProjectError> for Problem {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::Apply(event_log::ApplyError::Database(error)) => error.into(),
            ProjectError::Database(error) => error.into(),
            // An epoch that was raised a moment ago is known here soon.
            ProjectError::Log(_) | ProjectError::Moved { .. } | ProjectError::Epoch { .. } => {
                Self::unavailable("log-unavailable", "the log does not answer; try again")
            }
            error => Self::internal(&error),
        }
    }
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        let (status, code) = match error {
            PeopleError::Database(error) => return error.into(),
            PeopleError::Outbox(error) => return error.into(),
            PeopleError::Letter(error) => return Self::internal(&error),
            PeopleError::WorkspaceFull => (StatusCode::FORBIDDEN, "workspace-full"),
            PeopleError::TooManyBots => (StatusCode::CONFLICT, "too-many-bots"),
            PeopleError::NameLooksTaken => {
                return Self::conflict("name-looks-taken", error.to_string()).at("displayName");
            }
            PeopleError::NotAdmitted => (StatusCode::FORBIDDEN, "not-admitted"),
            PeopleError::AddressUnproved => (StatusCode::FORBIDDEN, "address-unproved"),
            PeopleError::SecondFactorSet => (StatusCode::FORBIDDEN, "second-factor-set"),
            PeopleError::InvitationNotFound => (StatusCode::NOT_FOUND, "invitation-not-found"),
            PeopleError::InvitationForAnother => (StatusCode::FORBIDDEN, "invitation-for-another"),
            PeopleError::InvitationRevoked => (StatusCode::GONE, "invitation-revoked"),
            PeopleError::InvitationUsed => (StatusCode::GONE, "invitation-used"),
            PeopleError::InvitationExpired => (StatusCode::GONE, "invitation-expired"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl Problem {
    /// A text that is no name, in this field.
    #[must_use]
    pub fn invalid_name(error: InvalidName, field: &str) -> Self {
        let code = match error {
            InvalidName::Empty => "name-empty",
            InvalidName::TooLong => "name-too-long",
            InvalidName::ControlCharacter => "name-control-character",
        };
        Self::unprocessable(code, error.to_string()).at(field)
    }

    /// A line of text that is too long or holds what no line does, in this field.
    #[must_use]
    pub fn invalid_line(error: InvalidName, field: &str) -> Self {
        match error {
            InvalidName::TooLong => Self::unprocessable("too-long", "this text is too long").at(field),
            _ => Self::unprocessable("control-character", "this text has characters that are not seen").at(field),
        }
    }
}

impl From<InvalidEmail> for Problem {
    fn from(error: InvalidEmail) -> Self {
        Self::unprocessable("email-invalid", error.to_string()).at("email")
    }
}

impl From<InvalidText> for Problem {
    fn from(error: InvalidText) -> Self {
        let code = match error {
            InvalidText::Empty => "text-empty",
            InvalidText::TooLong => "text-too-long",
            InvalidText::ControlCharacter => "text-control-character",
        };
        Self::unprocessable(code, error.to_string()).at("text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trouble_that_passes_is_a_database_that_is_away() {
        for state in ["08006", "53300", "58030", "57014", "57P01", "40001", "40P01", "55P03", "55000", "25006", "3D000"]
        {
            assert!(passes(state), "{state}");
        }
        for state in ["23505", "42501", "42P01", "22P02", "40002", "XX000"] {
            assert!(!passes(state), "{state}");
        }
        assert_eq!(Problem::from(sqlx::Error::Tls("no".into())).code(), "database-unavailable");
        assert_eq!(Problem::from(sqlx::Error::RowNotFound).code(), "internal");
    }
}
