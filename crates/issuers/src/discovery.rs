//! What an issuer says of itself (OpenID Connect Discovery 1.0).

use serde::Deserialize;

use crate::{Endpoint, Unavailable};

/// Where an issuer does what.
#[derive(Debug)]
pub(crate) struct Discovery {
    pub jwks: Endpoint,
    pub authorization: Option<Endpoint>,
    pub token: Option<Endpoint>,
    /// It takes a client's secret in the form only.
    pub secret_in_form: bool,
    /// It names itself when it sends somebody back (RFC 9207).
    pub names_itself: bool,
}

#[derive(Deserialize)]
struct Written {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Discovery {
    /// Where it stands for this issuer.
    ///
    /// # Errors
    /// The issuer is no URL that is asked.
    pub(crate) fn place(issuer: &str) -> Result<Endpoint, Unavailable> {
        let base = issuer.strip_suffix('/').unwrap_or(issuer);
        Endpoint::parse(&format!("{base}/.well-known/openid-configuration"))
            .map_err(|_| Unavailable::Document("is at no URL that is asked"))
    }

    /// Reads what this issuer says.
    ///
    /// # Errors
    /// It is another's, or can't be used.
    pub(crate) fn parse(issuer: &str, body: &[u8]) -> Result<Self, Unavailable> {
        let written: Written =
            serde_json::from_slice(body).map_err(|_| Unavailable::Document("is no OpenID configuration"))?;
        if written.issuer != issuer {
            return Err(Unavailable::Document("names another issuer"));
        }
        let endpoint =
            |text: &str| Endpoint::parse(text).map_err(|_| Unavailable::Document("names a URL that is not asked"));
        let methods = written.token_endpoint_auth_methods_supported.unwrap_or_default();
        let has = |name: &str| methods.iter().any(|method| method == name);
        Ok(Self {
            jwks: endpoint(&written.jwks_uri)?,
            authorization: written.authorization_endpoint.as_deref().map(endpoint).transpose()?,
            token: written.token_endpoint.as_deref().map(endpoint).transpose()?,
            secret_in_form: has("client_secret_post") && !has("client_secret_basic"),
            names_itself: written.authorization_response_iss_parameter_supported,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(change: &Value) -> Result<Discovery, Unavailable> {
        let mut written = json!({"issuer": "https://id.example", "jwks_uri": "https://keys.example/k"});
        written.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        Discovery::parse("https://id.example", written.to_string().as_bytes())
    }

    #[test]
    fn it_stands_below_the_issuer_with_one_slash() {
        for (issuer, place) in [
            ("https://id.example", "https://id.example/.well-known/openid-configuration"),
            ("https://id.example/", "https://id.example/.well-known/openid-configuration"),
            ("https://id.example/realms/a", "https://id.example/realms/a/.well-known/openid-configuration"),
        ] {
            assert_eq!(Discovery::place(issuer).unwrap().to_string(), place);
        }
    }

    #[test]
    fn an_issuer_speaks_for_itself_only() {
        assert_eq!(parse(&json!({})).unwrap().jwks.to_string(), "https://keys.example/k");
        for change in [
            json!({"issuer": "https://id.example/"}),
            json!({"issuer": "https://evil.example"}),
            json!({"issuer": null}),
            json!({"jwks_uri": "http://keys.example/k"}),
            json!({"jwks_uri": null}),
            json!({"token_endpoint": "http://id.example/token"}),
            json!({"authorization_endpoint": "javascript:alert(1)"}),
        ] {
            assert!(parse(&change).is_err(), "{change}");
        }
    }

    #[test]
    fn a_secret_goes_where_the_issuer_takes_it() {
        for (methods, in_form) in [
            (json!(null), false),
            (json!(["client_secret_basic"]), false),
            (json!(["client_secret_post"]), true),
            (json!(["client_secret_post", "client_secret_basic"]), false),
        ] {
            let read = parse(&json!({"token_endpoint_auth_methods_supported": methods})).unwrap();
            assert_eq!(read.secret_in_form, in_form, "{methods}");
        }
    }
}
