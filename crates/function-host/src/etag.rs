//! Entity tags (RFC 9110, section 8.8.3) of what Postgres keeps: a resource's version. A reader who has the current one is
//! told so, and a writer who names an older one is refused, so that nobody overwrites what they have not seen.

use std::convert::Infallible;

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::Problem;

/// What a request says of versions.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    matches: Option<String>,
    none_matches: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Conditions {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let matches = text(&parts.headers, header::IF_MATCH);
        Ok(Self { matches, none_matches: text(&parts.headers, header::IF_NONE_MATCH) })
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

impl Conditions {
    /// Whether a change may be made to what has this version now. Call it with the row's lock held.
    ///
    /// # Errors
    /// 412 `version-mismatch` if `If-Match` names another.
    pub fn check(&self, version: i64) -> Result<(), Problem> {
        match &self.matches {
            Some(asked) if !names(asked, version) => {
                let detail = "somebody has changed this meanwhile; read it again";
                Err(Problem::new(StatusCode::PRECONDITION_FAILED, "version-mismatch", detail))
            }
            _ => Ok(()),
        }
    }

    /// The answer to a reader: 304 if they have this version.
    pub fn answer<T: Serialize>(&self, version: i64, body: T) -> Response {
        if self.none_matches.as_deref().is_some_and(|asked| names(asked, version)) {
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag(version))]).into_response();
        }
        versioned(StatusCode::OK, version, body)
    }
}

/// An answer with its version.
pub fn versioned<T: Serialize>(status: StatusCode, version: i64, body: T) -> Response {
    (status, [(header::ETAG, tag(version))], Json(body)).into_response()
}

fn tag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// Whether a list of tags names a version; `*` names each. A gateway that compresses makes tags weak: they count.
fn names(list: &str, version: i64) -> bool {
    let tag = format!("\"{version}\"");
    list.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_who_names_an_older_version_is_refused() {
        let asked = |matches: Option<&str>| Conditions { matches: matches.map(str::to_owned), none_matches: None };
        assert!(asked(None).check(3).is_ok());
        assert!(asked(Some("\"3\"")).check(3).is_ok());
        assert!(asked(Some("W/\"3\"")).check(3).is_ok());
        assert!(asked(Some("\"2\", \"3\"")).check(3).is_ok());
        assert!(asked(Some("*")).check(3).is_ok());
        for other in ["\"2\"", "3", "", "\"33\"", "x"] {
            assert_eq!(asked(Some(other)).check(3).unwrap_err().code(), "version-mismatch", "{other}");
        }
    }

    #[test]
    fn a_reader_who_has_the_version_is_told_so() {
        let answer = |none_matches: Option<&str>| {
            let asked = Conditions { matches: None, none_matches: none_matches.map(str::to_owned) };
            let response = asked.answer(3, "body");
            (response.status().as_u16(), response.headers()[header::ETAG].to_str().unwrap().to_owned())
        };
        assert_eq!(answer(None), (200, "\"3\"".to_owned()));
        assert_eq!(answer(Some("\"3\"")), (304, "\"3\"".to_owned()));
        assert_eq!(answer(Some("\"2\"")), (200, "\"3\"".to_owned()));
    }
}
