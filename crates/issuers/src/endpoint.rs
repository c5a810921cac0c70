//! A place that may be asked over the network.

use std::fmt;

use url::{Host, Url};

/// No URL that is asked is longer.
const MAX_URL_BYTES: usize = 2_048;

/// An https URL with a host, without user-info and fragment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint(Url);

/// It is no such URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an https URL is needed, without user-info and fragment, of at most {MAX_URL_BYTES} bytes")]
pub struct NotAnEndpoint;

impl Endpoint {
    /// Reads one.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, NotAnEndpoint> {
        if text.len() > MAX_URL_BYTES {
            return Err(NotAnEndpoint);
        }
        Url::parse(text).map_err(|_| NotAnEndpoint).and_then(Self::of)
    }

    /// Where a `Location` leads from here.
    pub(crate) fn join(&self, location: &str) -> Result<Self, NotAnEndpoint> {
        if location.len() > MAX_URL_BYTES {
            return Err(NotAnEndpoint);
        }
        self.0.join(location).map_err(|_| NotAnEndpoint).and_then(Self::of)
    }

    fn of(url: Url) -> Result<Self, NotAnEndpoint> {
        let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if url.scheme() == "https" && url.has_host() && bare { Ok(Self(url)) } else { Err(NotAnEndpoint) }
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The host's name or address.
    pub(crate) fn host(&self) -> Result<Host<&str>, NotAnEndpoint> {
        self.0.host().ok_or(NotAnEndpoint)
    }

    /// 443 where none is written.
    pub(crate) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// `host:port`, an IPv6 address in brackets.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.0.host_str().unwrap_or_default(), self.port())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_https_urls_are_asked() {
        for bad in [
            "",
            "accounts.example",
            "http://accounts.example",
            "file:///etc/passwd",
            "https://",
            "https://ana@accounts.example",
            "https://ana:hush@accounts.example",
            "https://:hush@accounts.example",
            "https://accounts.example/#part",
            &format!("https://accounts.example/{}", "a".repeat(2_048)),
        ] {
            assert_eq!(Endpoint::parse(bad), Err(NotAnEndpoint), "{bad}");
        }
        let good = Endpoint::parse("https://accounts.example:8443/keys?v=1").unwrap();
        assert_eq!(good.authority(), "accounts.example:8443");
        assert_eq!(Endpoint::parse("https://[2606:4700::1]/").unwrap().authority(), "[2606:4700::1]:443");
    }

    #[test]
    fn numbers_in_other_spellings_are_the_addresses_that_they_are() {
        for spelt in ["https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/"] {
            let host = Endpoint::parse(spelt).unwrap();
            assert_eq!(host.authority(), "127.0.0.1:443", "{spelt}");
        }
    }

    #[test]
    fn a_location_is_held_to_the_same_rules() {
        let from = Endpoint::parse("https://accounts.example/a/b").unwrap();
        assert_eq!(from.join("c").unwrap().to_string(), "https://accounts.example/a/c");
        assert_eq!(from.join("//other.example/k").unwrap().to_string(), "https://other.example/k");
        for bad in ["http://accounts.example/", "https://ana@accounts.example/", "javascript:0"] {
            assert!(from.join(bad).is_err(), "{bad}");
        }
    }
}
