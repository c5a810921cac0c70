//! Who a token is about.

use serde_json::Value;

use crate::{Endpoint, token::Claims};

/// Bytes of an address (RFC 5321).
const MAX_EMAIL_BYTES: usize = 254;
/// Bytes of a name, a session.
const MAX_NAME_BYTES: usize = 256;

/// Who somebody is: issuer and subject. All else may change, and belongs to whom the issuer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who says it.
    pub issuer: String,
    /// Whom it means; unique at the issuer, and never another's.
    pub subject: String,
    /// The session there (`sid`).
    pub session: Option<String>,
    /// The address, if the issuer has verified it.
    pub email: Option<String>,
    /// What the person is called, as the issuer has it.
    pub name: Option<String>,
    /// Where a picture is: an https URL.
    pub picture: Option<String>,
    /// Seconds since 1970.
    pub expires_at: u64,
    /// When the token was issued, if it says so, in seconds since 1970.
    pub issued_at: Option<u64>,
}

impl Identity {
    pub(crate) fn of(claims: Claims) -> Self {
        // Some issuers write it as text.
        let verified = match &claims.email_verified {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(verified)) => verified == "true",
            _ => false,
        };
        let picture = text(claims.picture, usize::MAX).filter(|url| Endpoint::parse(url).is_ok());
        Self {
            issuer: claims.iss,
            subject: claims.sub,
            session: text(claims.sid, MAX_NAME_BYTES),
            email: text(claims.email, MAX_EMAIL_BYTES).filter(|_| verified),
            name: text(claims.name, MAX_NAME_BYTES),
            picture,
            expires_at: claims.exp.0,
            issued_at: claims.iat.map(|date| date.0),
        }
    }
}

/// A claim that is about the person only: what is no text, or too much of it, is as good as none.
fn text(claim: Option<Value>, most: usize) -> Option<String> {
    match claim {
        Some(Value::String(text)) if (1..=most).contains(&text.len()) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn identity(more: &Value) -> Identity {
        let mut claims = json!({"iss": "https://id.example", "sub": "u1", "exp": 7});
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Identity::of(serde_json::from_value(claims).unwrap())
    }

    #[test]
    fn an_address_counts_only_if_the_issuer_has_verified_it() {
        let email = "ana@acme.example";
        for (verified, counts) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!("TRUE"), false),
            (json!("yes"), false),
            (json!(1), false),
            (json!(null), false),
            (json!([true]), false),
        ] {
            let read = identity(&json!({"email": email, "email_verified": verified})).email;
            assert_eq!(read.as_deref(), counts.then_some(email), "{verified}");
        }
        assert_eq!(identity(&json!({"email": email})).email, None);
    }

    #[test]
    fn what_is_said_beside_is_taken_only_if_it_makes_sense() {
        let odd =
            json!({"name": 7, "picture": "javascript:alert(1)", "sid": {"a": 1}, "email": [], "email_verified": true});
        let bare = identity(&json!({}));
        assert_eq!(identity(&odd), bare);
        assert_eq!(identity(&json!({"name": "a".repeat(257)})), bare);
        assert_eq!(identity(&json!({"name": ""})), bare);
        let full = identity(&json!({"name": "Ana", "picture": "https://cdn.example/a.png", "sid": "sess_1"}));
        assert_eq!(full.name.as_deref(), Some("Ana"));
        assert_eq!(full.picture.as_deref(), Some("https://cdn.example/a.png"));
        assert_eq!(full.session.as_deref(), Some("sess_1"));
    }
}
