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
use utoipa::IntoParams;

use crate::Problem;

/// How a change says which version it is about, for an operation's document.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatch {
    /// The `ETag` that was read; the change is refused with 412 `version-mismatch` if there is another version now.
    #[param(rename = "If-Match", example = "\"3\"")]
    pub if_match: Option<String>,
}

/// How a reader says which version they have, for an operation's document.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfNoneMatch {
    /// The `ETag` that was read; the answer is 304 if it is still this one.
    #[param(rename = "If-None-Match", example = "\"3\"")]
    pub if_none_match: Option<String>,
}

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

    /// Whether something may be made where nothing is: not by who has read a version of it.
    ///
    /// # Errors
    /// 412 `version-mismatch` with any `If-Match`.
    pub fn check_new(&self) -> Result<(), Problem> {
        if self.matches.is_none() {
            return Ok(());
        }
        Err(Problem::new(StatusCode::PRECONDITION_FAILED, "version-mismatch", "there is nothing of this id"))
    }

    /// The answer to a reader: 304 if they have this version.
    pub fn answer<T: Serialize>(&self, version: i64, body: T) -> Response {
        self.answer_as(version, "", body)
    }

    /// The same where what is shown depends on more than the version: `shade`, one word of lower case, is part of the tag.
    /// Writers need not name it.
    pub fn answer_as<T: Serialize>(&self, version: i64, shade: &str, body: T) -> Response {
        let tag = tag(version, shade);
        let known = self.none_matches.as_deref().zip(tag.to_str().ok());
        if known.is_some_and(|(asked, tag)| tags(asked).any(|one| one == "*" || one == tag)) {
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
        }
        (StatusCode::OK, [(header::ETAG, tag)], Json(body)).into_response()
    }
}

/// An answer with its version and what else is part of its tag.
pub fn versioned_as<T: Serialize>(status: StatusCode, version: i64, shade: &str, body: T) -> Response {
    (status, [(header::ETAG, tag(version, shade))], Json(body)).into_response()
}

/// An answer with its version.
pub fn versioned<T: Serialize>(status: StatusCode, version: i64, body: T) -> Response {
    versioned_as(status, version, "", body)
}

fn tag(version: i64, shade: &str) -> HeaderValue {
    let dot = if shade.is_empty() { "" } else { "." };
    HeaderValue::from_str(&format!("\"{version}{dot}{shade}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// Whether a list of tags names a version, in whatever shade; `*` names each.
fn names(list: &str, version: i64) -> bool {
    let opening = format!("\"{version}");
    let rest = |one: &str| one.strip_prefix(&opening).is_some_and(|rest| rest == "\"" || rest.starts_with('.'));
    tags(list).any(|one| one == "*" || rest(one))
}

/// The tags of a list. A gateway that compresses makes them weak: they count.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(|one| one.trim().trim_start_matches("W/"))
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

    #[test]
    fn a_shade_counts_for_readers_and_not_for_writers() {
        let status = |asked: &str| {
            let asked = Conditions { matches: None, none_matches: Some(asked.to_owned()) };
            asked.answer_as(3, "admin", "body").status().as_u16()
        };
        assert_eq!([status("\"3.admin\""), status("W/\"3.admin\""), status("*")], [304; 3]);
        assert_eq!([status("\"3\""), status("\"3.member\""), status("\"2.admin\"")], [200; 3]);
        let check = |asked: &str| Conditions { matches: Some(asked.to_owned()), none_matches: None }.check(3).is_ok();
        assert!(check("\"3.admin\"") && check("\"3.member\"") && check("\"3\""));
        assert!(!check("\"33.admin\"") && !check("\"2.admin\""));
    }

    #[test]
    fn who_has_read_a_version_makes_nothing_new() {
        let asked = |matches: Option<&str>| Conditions { matches: matches.map(str::to_owned), none_matches: None };
        assert!(asked(None).check_new().is_ok());
        assert!(asked(Some("*")).check_new().is_err() && asked(Some("\"1\"")).check_new().is_err());
    }
}
