//! Where the object store is, and with which key.

use std::{convert::Infallible, fmt, str::FromStr};

use clap::Args;

use crate::BucketsError;

/// The object store of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Config {
    /// `http://host:port` or `https://…`, without a path.
    pub url: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The key's id.
    pub access_key: String,
    /// The key.
    pub secret_key: SecretText,
    /// What presigned links name instead of `url`, where browsers reach the store by another address.
    pub public_url: Option<String>,
}

/// The settings of a program that works with objects.
#[derive(Clone, Debug, Args)]
pub struct S3Args {
    /// The object store: `http://host:port` or `https://…`. Without it `threadly` runs one of its own, and `directory`
    /// answers 503 `buckets-unavailable` where it needs one.
    #[arg(long, env = "THREADLY_S3_URL")]
    pub s3_url: Option<String>,
    /// The region that requests to the object store are signed for.
    #[arg(long, env = "THREADLY_S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,
    /// The id of the object store's key. In buckets called `threadly-*`, `directory` needs GetObject, PutObject and
    /// DeleteObject; who makes buckets needs CreateBucket, ListBucket, and to get and put the bucket's policy, CORS and
    /// lifecycle. `threadly` does both.
    #[arg(long, env = "THREADLY_S3_ACCESS_KEY")]
    pub s3_access_key: Option<String>,
    /// The object store's key.
    #[arg(long, env = "THREADLY_S3_SECRET_KEY", hide_env_values = true)]
    pub s3_secret_key: Option<SecretText>,
    /// What presigned links name, where browsers reach the object store by another address.
    #[arg(long, env = "THREADLY_S3_PUBLIC_URL")]
    pub s3_public_url: Option<String>,
}

impl S3Args {
    /// The store, if one is named.
    ///
    /// # Errors
    /// It is named without its key.
    pub fn config(&self) -> Result<Option<S3Config>, BucketsError> {
        let Some(url) = self.s3_url.clone().filter(|url| !url.is_empty()) else { return Ok(None) };
        let (Some(access_key), Some(secret_key)) = (self.s3_access_key.clone(), self.s3_secret_key.clone()) else {
            return Err(BucketsError::Setting(
                "THREADLY_S3_URL needs THREADLY_S3_ACCESS_KEY and THREADLY_S3_SECRET_KEY",
            ));
        };
        let (region, public_url) = (self.s3_region.clone(), self.s3_public_url.clone());
        Ok(Some(S3Config { url, region, access_key, secret_key, public_url }))
    }
}

impl From<S3Config> for S3Args {
    fn from(config: S3Config) -> Self {
        Self {
            s3_url: Some(config.url),
            s3_region: config.region,
            s3_access_key: Some(config.access_key),
            s3_secret_key: Some(config.secret_key),
            s3_public_url: config.public_url,
        }
    }
}

impl S3Config {
    /// The origin (scheme, host, port) of the links that clients get.
    ///
    /// # Errors
    /// A URL that is no plain `http://host:port` or `https://host[:port]`.
    pub fn public_origin(&self) -> Result<&str, BucketsError> {
        origin(&self.url)?;
        origin(self.public_url.as_deref().unwrap_or(&self.url))
    }

    /// Whether requests that come without TLS can be refused.
    #[must_use]
    pub fn tls_only(&self) -> bool {
        let https = |url: &str| url.starts_with("https://");
        https(&self.url) && self.public_url.as_deref().is_none_or(https)
    }
}

/// The URL without a trailing slash. It stands in a page's policy, so nothing else may be in it.
fn origin(url: &str) -> Result<&str, BucketsError> {
    const FORM: BucketsError =
        BucketsError::Setting("THREADLY_S3_URL and THREADLY_S3_PUBLIC_URL are http://host:port or https://host[:port]");
    let trimmed = url.trim_end_matches('/');
    let host = trimmed.strip_prefix("http://").or_else(|| trimmed.strip_prefix("https://")).ok_or(FORM)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    if host.is_empty() || !host.bytes().all(plain) { Err(FORM) } else { Ok(trimmed) }
}

/// A secret that does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretText {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port_and_nothing_that_could_widen_a_policy() {
        for good in ["http://127.0.0.1:8081", "https://s3.eu.example.com", "http://[::1]:8081", "http://a:1/"] {
            assert_eq!(origin(good).unwrap(), good.trim_end_matches('/'), "{good}");
        }
        for bad in [
            "",
            "127.0.0.1:8081",
            "ftp://a",
            "http://",
            "http://a/b",
            "http://a b",
            "http://a;script-src *",
            "http://u:p@a",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_store_without_its_key_is_refused_and_no_store_is_none() {
        let none = S3Args {
            s3_url: None,
            s3_region: String::new(),
            s3_access_key: None,
            s3_secret_key: None,
            s3_public_url: None,
        };
        assert_eq!(none.config().unwrap(), None);
        let keyless = S3Args { s3_url: Some("http://a:1".to_owned()), ..none.clone() };
        assert!(keyless.config().is_err());
        let whole =
            S3Args { s3_access_key: Some("id".to_owned()), s3_secret_key: Some(SecretText::new("key")), ..keyless };
        let config = whole.config().unwrap().unwrap();
        assert!(!format!("{config:?}").contains("key\""), "{config:?}");
        assert!(!config.tls_only());
    }
}
