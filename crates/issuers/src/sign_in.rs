//! Signing in at an outside issuer: OpenID Connect, authorization code with PKCE (RFC 6749, RFC 7636).
//!
//! The `id_token` is all that is used. The access token that comes with it is thrown away, and so its hash (`at_hash`) has
//! nothing to protect.

use std::fmt;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hyper::{StatusCode, header::HeaderValue};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::{
    Client, Identity, Issuer, Issuers, Refused, Unavailable,
    discovery::Discovery,
    token::{Claims, Token},
    verify::check_time,
};

/// Bytes of an authorization code.
const MAX_CODE_BYTES: usize = 4_096;

/// A sign-in that has begun. All but the URL is to be kept with the browser that began it, and for minutes only.
#[derive(Clone, PartialEq, Eq)]
pub struct Begun {
    /// Where the browser goes.
    pub url: String,
    /// What it must come back with: whoever comes with another was sent by somebody else.
    pub state: String,
    /// What the token must carry.
    pub nonce: String,
    /// What proves to the issuer that the code is ours; secret.
    pub verifier: String,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").finish_non_exhaustive()
    }
}

/// What a browser has come back with, and what was kept with it. The caller has compared the `state`.
#[derive(Clone, Copy)]
pub struct Returned<'a> {
    /// The query's `code`.
    pub code: &'a str,
    /// The query's `iss` (RFC 9207), if there is one.
    pub issuer: Option<&'a str>,
    /// [`Begun::verifier`].
    pub verifier: &'a str,
    /// [`Begun::nonce`].
    pub nonce: &'a str,
    /// As it was when the sign-in began.
    pub redirect_uri: &'a str,
}

impl fmt::Debug for Returned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Returned").field("redirect_uri", &self.redirect_uri).finish_non_exhaustive()
    }
}

/// Why nobody has signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The workspace has no client there.
    #[error("nobody signs in by this issuer")]
    NoClient,
    /// It doesn't say where.
    #[error("the issuer offers no sign-in by authorization code")]
    NotOffered,
    /// Another issuer has sent the browser back (RFC 9207).
    #[error("another issuer has sent the browser back")]
    OtherIssuer,
    /// The issuer refuses the code, with this word of RFC 6749, 5.2.
    #[error("the issuer refuses the code: {0}")]
    CodeRefused(String),
    /// The token was made for another sign-in.
    #[error("the token was made for another sign-in")]
    WrongNonce,
    /// The issuer is away, or answers what can't be used.
    #[error("the issuer can't be asked at the moment")]
    Unavailable(#[from] Unavailable),
    /// The token that it has sent is not accepted.
    #[error("the issuer's token is not accepted: {0}")]
    Refused(#[from] Refused),
}

impl SignInError {
    /// A stable word for it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoClient | Self::NotOffered => "sign-in-not-offered",
            Self::OtherIssuer | Self::CodeRefused(_) | Self::WrongNonce => "sign-in-refused",
            Self::Unavailable(_) => "issuer-unavailable",
            Self::Refused(refused) => refused.code(),
        }
    }
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

#[derive(Deserialize)]
struct CodeRefused {
    error: String,
}

impl Issuers {
    /// Where to send a browser that is to sign in, and what to keep for when it comes back to the redirect URI.
    ///
    /// # Errors
    /// The issuer has no client of ours, offers no such sign-in, or is away.
    pub async fn begin(&self, issuer: &Issuer, redirect_uri: &str) -> Result<Begun, SignInError> {
        let client = issuer.client().ok_or(SignInError::NoClient)?;
        let discovery = self.discovery(issuer).await?;
        let mut url = discovery.authorization.as_ref().ok_or(SignInError::NotOffered)?.url().clone();
        let [state, nonce, verifier] = std::array::from_fn(|_| secret());
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &client.scopes.join(" "))
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &challenge(&verifier))
            .append_pair("code_challenge_method", "S256");
        Ok(Begun { url: url.into(), state, nonce, verifier })
    }

    /// Who has signed in: the code exchanged for a token, and the token verified as of now (seconds since 1970).
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn finish(&self, issuer: &Issuer, returned: Returned<'_>, now: u64) -> Result<Identity, SignInError> {
        let client = issuer.client().ok_or(SignInError::NoClient)?;
        let discovery = self.discovery(issuer).await?;
        let named = returned.issuer.map_or(!discovery.names_itself, |named| named == issuer.url());
        if !named {
            return Err(SignInError::OtherIssuer);
        }
        if returned.code.len() > MAX_CODE_BYTES {
            return Err(SignInError::CodeRefused("invalid_grant".to_owned()));
        }
        let token = self.exchange(client, &discovery, returned).await?;
        let token = Token::parse(&token)?;
        if token.claims.iss != issuer.url() {
            return Err(Refused::UnknownIssuer.into());
        }
        self.check_signature(issuer, &token).await?;
        check_client(client, &token.claims)?;
        check_time(&token.claims, now)?;
        if token.claims.nonce.as_deref() != Some(returned.nonce) {
            return Err(SignInError::WrongNonce);
        }
        Ok(Identity::of(token.claims))
    }

    async fn exchange(
        &self,
        client: &Client,
        discovery: &Discovery,
        returned: Returned<'_>,
    ) -> Result<String, SignInError> {
        let place = discovery.token.as_ref().ok_or(SignInError::NotOffered)?;
        let (secret_in_form, authorization) = match client.client_secret.as_deref() {
            Some(secret) if discovery.secret_in_form => (Some(secret), None),
            Some(secret) => (None, Some(basic(&client.client_id, secret)?)),
            None => (None, None),
        };
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", returned.code)
            .append_pair("redirect_uri", returned.redirect_uri)
            .append_pair("client_id", &client.client_id)
            .append_pair("code_verifier", returned.verifier)
            .extend_pairs(secret_in_form.map(|secret| ("client_secret", secret)))
            .finish();
        let answer = self.fetcher().post(place, authorization, form).await.map_err(Unavailable::from)?;
        if answer.status == StatusCode::OK {
            let tokens = serde_json::from_slice::<Tokens>(&answer.body);
            return Ok(tokens.map_err(|_| Unavailable::Document("has no id_token"))?.id_token);
        }
        match serde_json::from_slice::<CodeRefused>(&answer.body) {
            Ok(refused) if answer.status.is_client_error() => Err(SignInError::CodeRefused(word(&refused.error))),
            _ => Err(Unavailable::Asked(crate::FetchError::Status(answer.status.as_u16())).into()),
        }
    }
}

/// OpenID Connect Core 1.0, 3.1.3.7: the token is for our client, and for others only if ours has asked for it.
fn check_client(client: &Client, claims: &Claims) -> Result<(), Refused> {
    let audience = claims.aud.as_ref().map_or(&[][..], crate::token::Audience::names);
    let party = match &claims.azp {
        Some(party) => *party == client.client_id,
        None => audience.len() == 1,
    };
    if party && audience.contains(&client.client_id) { Ok(()) } else { Err(Refused::WrongAudience) }
}

/// 256 bits, as 43 letters.
fn secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// RFC 7636, 4.2.
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// RFC 6749, 2.3.1.
fn basic(id: &str, secret: &str) -> Result<HeaderValue, SignInError> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let both = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
    let mut value = HeaderValue::from_str(&format!("Basic {both}")).map_err(|_| SignInError::NoClient)?;
    value.set_sensitive(true);
    Ok(value)
}

/// A stranger's word, as far as it is one.
fn word(error: &str) -> String {
    let letters = error.chars().filter(|letter| letter.is_ascii_lowercase() || *letter == '_');
    letters.take(64).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_token_is_for_our_client_and_asked_for_by_it() {
        let client: Client = serde_json::from_value(json!({"clientId": "threadly"})).unwrap();
        for (aud, azp, ours) in [
            (json!("threadly"), json!(null), true),
            (json!(["threadly"]), json!(null), true),
            (json!(["threadly"]), json!("threadly"), true),
            (json!(["threadly", "other"]), json!("threadly"), true),
            (json!(["threadly", "other"]), json!(null), false),
            (json!(["threadly", "other"]), json!("other"), false),
            (json!("threadly"), json!("other"), false),
            (json!("other"), json!("threadly"), false),
            (json!([]), json!("threadly"), false),
            (json!(null), json!("threadly"), false),
            (json!(null), json!(null), false),
        ] {
            let claims = json!({"iss": "i", "sub": "s", "exp": 1, "aud": aud, "azp": azp});
            let claims = serde_json::from_value(claims).unwrap();
            assert_eq!(check_client(&client, &claims).is_ok(), ours, "{aud} {azp}");
        }
    }

    #[test]
    fn a_secret_is_encoded_before_it_is_joined_to_the_id() {
        let value = basic("a:b", "c d&").unwrap();
        assert_eq!(value.to_str().unwrap(), format!("Basic {}", STANDARD.encode("a%3Ab:c+d%26")));
        assert!(value.is_sensitive());
    }

    #[test]
    fn a_strangers_word_is_a_word() {
        assert_eq!(word("invalid_grant"), "invalid_grant");
        assert_eq!(word("<script>\r\nA-1"), "script");
        assert_eq!(word(&"a".repeat(99)).len(), 64);
    }
}
