//! What a workspace says of an identity provider that it trusts.

use std::fmt;

use serde::{Deserialize, Serialize};
use tenancy::TrustedIssuer;

use crate::{Algorithm, Endpoint};

/// Entries of a list.
const MAX_ENTRIES: usize = 8;
/// Bytes of an audience, a party, a client's id.
const MAX_NAME_BYTES: usize = 256;
/// Bytes of an issuer.
const MAX_ISSUER_BYTES: usize = 512;

/// One trusted issuer. Read from JSON in `camelCase`; what can't be used is refused there.
///
/// ```
/// let clerk: issuers::Issuer = serde_json::from_str(
///     r#"{"issuer": "https://acme.clerk.accounts.dev", "authorizedParties": ["https://talk.acme.example"]}"#,
/// )?;
/// assert_eq!(clerk.url(), "https://acme.clerk.accounts.dev");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Issuer {
    written: Written,
    jwks: Option<Endpoint>,
}

/// As it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    /// The `iss` of its tokens, letter by letter.
    issuer: String,
    /// The `aud` that a token must carry one of.
    #[serde(default)]
    audiences: Vec<String>,
    /// The `azp` that a token without `aud` must carry.
    #[serde(default)]
    authorized_parties: Vec<String>,
    #[serde(default = "usual")]
    algorithms: Vec<Algorithm>,
    /// Where its keys are, instead of what discovery says.
    #[serde(default)]
    jwks_uri: Option<String>,
    #[serde(default)]
    client: Option<Client>,
    #[serde(default)]
    admits: Admits,
}

fn usual() -> Vec<Algorithm> {
    Algorithm::USUAL.into()
}

/// Whom an issuer's token admits; for the caller to act on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Admits {
    /// Who is a member already.
    #[default]
    Members,
    /// Everybody with a token.
    Anyone,
}

/// What Threadly is to an issuer by which people sign in.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Client {
    /// Its `client_id` there.
    pub client_id: String,
    /// Its `client_secret`, if the issuer has given it one; a public client has none.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// What is asked for; `openid email profile` if nothing is written.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
}

fn scopes() -> Vec<String> {
    ["openid", "email", "profile"].map(str::to_owned).into()
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// Settings that can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The issuer's URL.
    #[error("`issuer` must be an https URL without user-info, query and fragment, of at most {MAX_ISSUER_BYTES} bytes")]
    Issuer,
    /// The keys' URL.
    #[error("`jwksUri` must be an https URL without user-info and fragment")]
    JwksUri,
    /// Any token of the issuer's would do, whomever it was made for.
    #[error("one of `audiences` and `authorizedParties` must have an entry")]
    Unbounded,
    /// Nothing could be verified.
    #[error("`algorithms` must have an entry")]
    NoAlgorithm,
    /// A list or a name in it.
    #[error("`{0}` must have at most {MAX_ENTRIES} entries, each of 1 to {MAX_NAME_BYTES} bytes")]
    Names(&'static str),
    /// The client.
    #[error("`client` must have a `clientId` of 1 to {MAX_NAME_BYTES} bytes, and `scopes` with `openid`")]
    Client,
}

impl TryFrom<Written> for Issuer {
    type Error = SettingsError;

    fn try_from(written: Written) -> Result<Self, SettingsError> {
        let url = Endpoint::parse(&written.issuer).map_err(|_| SettingsError::Issuer)?;
        if written.issuer.len() > MAX_ISSUER_BYTES || url.url().query().is_some() {
            return Err(SettingsError::Issuer);
        }
        check_names("audiences", &written.audiences)?;
        check_names("authorizedParties", &written.authorized_parties)?;
        if written.audiences.is_empty() && written.authorized_parties.is_empty() {
            return Err(SettingsError::Unbounded);
        }
        if written.algorithms.is_empty() {
            return Err(SettingsError::NoAlgorithm);
        }
        if let Some(client) = &written.client {
            check_names("scopes", &client.scopes)?;
            let named = (1..=MAX_NAME_BYTES).contains(&client.client_id.len());
            if !named || !client.scopes.iter().any(|scope| scope == "openid") {
                return Err(SettingsError::Client);
            }
        }
        let jwks = written.jwks_uri.as_deref().map(Endpoint::parse).transpose();
        let jwks = jwks.map_err(|_| SettingsError::JwksUri)?;
        Ok(Self { written, jwks })
    }
}

impl TryFrom<&TrustedIssuer> for Issuer {
    type Error = SettingsError;

    fn try_from(trusted: &TrustedIssuer) -> Result<Self, SettingsError> {
        let client = trusted.client_id.clone();
        Self::try_from(Written {
            issuer: trusted.issuer.clone(),
            audiences: trusted.audiences.clone(),
            authorized_parties: trusted.authorized_parties.clone(),
            algorithms: usual(),
            jwks_uri: None,
            client: client.map(|client_id| Client { client_id, client_secret: None, scopes: scopes() }),
            admits: match trusted.admits {
                tenancy::settings::Admits::Members => Admits::Members,
                tenancy::settings::Admits::Anyone => Admits::Anyone,
            },
        })
    }
}

fn check_names(list: &'static str, names: &[String]) -> Result<(), SettingsError> {
    let good = names.len() <= MAX_ENTRIES && names.iter().all(|name| (1..=MAX_NAME_BYTES).contains(&name.len()));
    if good { Ok(()) } else { Err(SettingsError::Names(list)) }
}

impl Issuer {
    /// The `iss` of its tokens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.written.issuer
    }

    /// Whom its tokens admit.
    #[must_use]
    pub fn admits(&self) -> Admits {
        self.written.admits
    }

    /// By which client people sign in, if they may.
    #[must_use]
    pub fn client(&self) -> Option<&Client> {
        self.written.client.as_ref()
    }

    /// Where its keys are, unless discovery is to say it.
    #[must_use]
    pub fn jwks_uri(&self) -> Option<&Endpoint> {
        self.jwks.as_ref()
    }

    pub(crate) fn audiences(&self) -> &[String] {
        &self.written.audiences
    }

    pub(crate) fn authorized_parties(&self) -> &[String] {
        &self.written.authorized_parties
    }

    pub(crate) fn allows(&self, algorithm: Algorithm) -> bool {
        self.written.algorithms.contains(&algorithm)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn little_needs_to_be_written() {
        let issuer: Issuer =
            serde_json::from_value(json!({"issuer": "https://id.example/", "audiences": ["threadly"]})).unwrap();
        assert_eq!(issuer.url(), "https://id.example/");
        assert_eq!((issuer.admits(), issuer.client(), issuer.jwks_uri()), (Admits::Members, None, None));
        for algorithm in Algorithm::ALL {
            assert_eq!(issuer.allows(algorithm), Algorithm::USUAL.contains(&algorithm), "{algorithm:?}");
        }
    }

    #[test]
    fn what_would_let_too_much_in_is_refused() {
        let base = json!({"issuer": "https://id.example", "audiences": ["threadly"]});
        for (change, why) in [
            (json!({"algorithms": ["HS256"]}), "HS256"),
            (json!({"algorithms": ["RS256", "HS512"]}), "HS512"),
            (json!({"algorithms": ["none"]}), "none"),
            (json!({"algorithms": []}), "algorithms"),
            (json!({"audiences": []}), "audiences"),
            (json!({"audiences": [""]}), "audiences"),
            (json!({"audiences": ["a".repeat(257)]}), "audiences"),
            (json!({"authorizedParties": vec!["https://a.example"; 9]}), "authorizedParties"),
            (json!({"issuer": "http://id.example"}), "https"),
            (json!({"issuer": "https://ana@id.example"}), "https"),
            (json!({"issuer": "https://id.example/?a=b"}), "https"),
            (json!({"issuer": format!("https://id.example/{}", "a".repeat(512))}), "https"),
            (json!({"jwksUri": "http://id.example/keys"}), "jwksUri"),
            (json!({"client": {"clientId": ""}}), "clientId"),
            (json!({"client": {"clientId": "threadly", "scopes": ["email"]}}), "openid"),
            (json!({"audience": "threadly"}), "unknown field"),
        ] {
            let mut written = base.clone();
            written.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let refused = serde_json::from_value::<Issuer>(written).unwrap_err().to_string();
            assert!(refused.contains(why), "{change}: {refused}");
        }
    }

    #[test]
    fn a_client_s_secret_is_not_printed() {
        let client = json!({"clientId": "threadly", "clientSecret": "hush"});
        let issuer = json!({"issuer": "https://id.example", "audiences": ["threadly"], "client": client});
        let printed = format!("{:?}", serde_json::from_value::<Issuer>(issuer).unwrap());
        assert!(printed.contains("threadly") && !printed.contains("hush"), "{printed}");
    }
}
