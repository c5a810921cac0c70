//! A program's settings about outside issuers.

use std::{fs, path::PathBuf};

use clap::Args;

use crate::{Fetcher, FetcherError};

/// How a program asks outside issuers.
#[derive(Clone, Debug, Default, Args)]
pub struct IssuersArgs {
    /// A file with certificates (PEM) of authorities that outside issuers are trusted by too, beside the public ones.
    #[arg(long, env = "THREADLY_ISSUERS_CA")]
    pub issuers_ca: Option<PathBuf>,
    /// `host:port,…` of issuers that may have an address of a private network, as an identity provider of the
    /// platform's own in the cluster. Every workspace can have these places asked, so name no others: nothing else of the
    /// network is ever asked, whatever a workspace names.
    #[arg(long, env = "THREADLY_ISSUERS_ALLOW_PRIVATE", value_delimiter = ',')]
    pub issuers_allow_private: Vec<String>,
}

impl IssuersArgs {
    /// What asks them.
    ///
    /// # Errors
    /// The file can't be read or has no certificate, or an entry is no `host:port`.
    pub fn fetcher(&self) -> Result<Fetcher, FetcherError> {
        let read = |path: &PathBuf| {
            fs::read_to_string(path).map_err(|source| FetcherError::File { path: path.clone(), source })
        };
        let authorities = self.issuers_ca.as_ref().map(read).transpose()?;
        let allowed: Vec<&str> = self
            .issuers_allow_private
            .iter()
            .map(String::as_str)
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .collect();
        Fetcher::new(authorities.as_deref(), &allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_can_not_be_used_is_named() {
        let allow = |entry: &str| IssuersArgs { issuers_allow_private: vec![entry.into()], ..IssuersArgs::default() };
        assert!(IssuersArgs::default().fetcher().is_ok());
        assert!(allow("keycloak.identity.svc:8443").fetcher().is_ok());
        assert!(allow("[::1]:8443").fetcher().is_ok());
        assert!(allow(" ").fetcher().is_ok(), "a variable that is set to nothing says nothing");
        for bad in ["keycloak", "keycloak:", ":443", "keycloak:0", "keycloak:port", "https://keycloak:443", "*:443"] {
            let refused = allow(bad).fetcher().unwrap_err().to_string();
            assert!(refused.contains("THREADLY_ISSUERS_ALLOW_PRIVATE") && refused.contains(bad), "{refused}");
        }
        let missing = IssuersArgs { issuers_ca: Some("/no/such.pem".into()), ..IssuersArgs::default() };
        assert!(missing.fetcher().unwrap_err().to_string().contains("/no/such.pem"));
    }
}
