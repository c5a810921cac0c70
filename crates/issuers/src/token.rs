//! A token's parts (RFC 7515, RFC 7519), read strictly and not yet believed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error};
use serde_json::{Number, Value};

use crate::{Algorithm, Refused};

/// A longer token is not looked at.
pub(crate) const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Bytes of a subject.
const MAX_SUBJECT_BYTES: usize = 255;

pub(crate) struct Token<'a> {
    pub key_id: String,
    /// None: one that is never allowed.
    pub algorithm: Option<Algorithm>,
    pub claims: Claims,
    /// What is signed.
    pub message: &'a str,
    pub signature: &'a str,
}

/// What `jku`, `x5u`, `jwk` and `x5c` say is not even read: keys are the issuer's, by its settings.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

/// A claim that stands twice is an error of the reader's, so it can't mean two things to two readers.
#[derive(Deserialize)]
pub(crate) struct Claims {
    pub iss: String,
    pub sub: String,
    pub aud: Option<Audience>,
    pub azp: Option<String>,
    pub exp: Date,
    pub nbf: Option<Date>,
    pub iat: Option<Date>,
    pub nonce: Option<String>,
    pub sid: Option<Value>,
    /// Clerk's: whether the session is complete.
    pub sts: Option<Value>,
    pub email: Option<Value>,
    pub email_verified: Option<Value>,
    pub name: Option<Value>,
    pub picture: Option<Value>,
}

/// One or many.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

/// Seconds since 1970. A token may write them with a fraction.
pub(crate) struct Date(pub u64);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(from)?;
        let whole = number.as_f64().filter(|seconds| (0.0..=9e15).contains(seconds));
        // In range by the line above.
        whole.map(|seconds| Self(seconds as u64)).ok_or_else(|| D::Error::custom("no date"))
    }
}

impl<'a> Token<'a> {
    /// # Errors
    /// It is malformed.
    pub(crate) fn parse(token: &'a str) -> Result<Self, Refused> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Refused::Malformed("it is longer than 8 KiB"));
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Refused::Malformed("it has not three parts"))?;
        let (header, claims) = message.split_once('.').ok_or(Refused::Malformed("it has not three parts"))?;
        if claims.contains('.') {
            return Err(Refused::Malformed("it has not three parts"));
        }
        let header: Header = part(header).ok_or(Refused::Malformed("its header can't be read"))?;
        if header.crit.is_some() {
            return Err(Refused::Malformed("it demands what is not understood here"));
        }
        if !header.typ.as_deref().is_none_or(is_token) {
            return Err(Refused::Malformed("it is a token of another kind"));
        }
        let key_id = header.kid.ok_or(Refused::Malformed("it names no key"))?;
        let claims: Claims = part(claims).ok_or(Refused::Malformed("its claims can't be read"))?;
        let subject = 1..=MAX_SUBJECT_BYTES;
        if !subject.contains(&claims.sub.len()) || claims.sub.chars().any(char::is_control) {
            return Err(Refused::Malformed("its subject is none"));
        }
        Ok(Self { key_id, algorithm: Algorithm::named(&header.alg), claims, message, signature })
    }
}

/// Who the token says that signed it, without any proof: to tell tokens of one's own from others'.
#[must_use]
pub fn unverified_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        iss: String,
    }
    let (_, rest) = token.split_once('.').filter(|_| token.len() <= MAX_TOKEN_BYTES)?;
    let (claims, _) = rest.split_once('.')?;
    part::<Named>(claims).map(|named| named.iss)
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// RFC 8725, 3.11: other kinds say so. What says nothing, or only that it is a JWT, may be one.
fn is_token(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    matches!(kind.strip_prefix("application/").unwrap_or(&kind), "jwt" | "at+jwt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"a"}"#);
        format!("{header}.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn the_issuer_can_be_asked_for_without_proof() {
        assert_eq!(unverified_issuer(&token(r#"{"iss":"https://id.example"}"#)).as_deref(), Some("https://id.example"));
        let long = token(&format!(r#"{{"iss":"{}"}}"#, "a".repeat(MAX_TOKEN_BYTES)));
        for none in ["", ".", "..", "a.b.c", "opaque", &token("{}"), &token(r#"{"iss":7}"#), &token("[]"), &long] {
            assert_eq!(unverified_issuer(none), None, "{none}");
        }
    }

    #[test]
    fn dates_are_seconds() {
        for (written, seconds) in [
            ("0", Some(0)),
            ("1700000000", Some(1_700_000_000)),
            ("1700000000.9", Some(1_700_000_000)),
            ("1.7e9", Some(1_700_000_000)),
            ("-1", None),
            ("1e99", None),
            ("\"1700000000\"", None),
            ("null", None),
        ] {
            assert_eq!(serde_json::from_str::<Date>(written).ok().map(|date| date.0), seconds, "{written}");
        }
    }
}
