//! Where the links in letters lead.

use std::fmt;

use domain::ids::Handle;
use url::Url;

use crate::MailSettingError;

/// A link of a letter. What stands behind its `#` is as good as a password, and does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Link(Url);

impl Link {
    /// The whole link.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        shown.set_fragment(Some("…"));
        write!(f, "Link({})", shown.as_str().trim_end_matches("%E2%80%A6"))
    }
}

/// Makes links into the web app: `{base}/w/{handle}/#{kind}={token}`. A browser keeps to itself what stands behind `#`,
/// so no token gets into a server's log, nor to another page by `Referer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    base: Url,
}

impl Links {
    pub(crate) fn new(base: &str) -> Result<Self, MailSettingError> {
        let refused =
            |why: &str| MailSettingError::new(format!("THREADLY_MAIL_LINKS is no address of a web app: {why}"));
        let base = Url::parse(base.trim()).map_err(|error| refused(&error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(refused("it begins with https:// (or http://)"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(refused("it has no user and no password"));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(refused("it has no ? and no #"));
        }
        Ok(Self { base })
    }

    /// Proves an address.
    #[must_use]
    pub fn verify_email(&self, workspace: &Handle, token: &str) -> Link {
        self.link(workspace, "verify", token)
    }

    /// Lets somebody choose a new password.
    #[must_use]
    pub fn reset_password(&self, workspace: &Handle, token: &str) -> Link {
        self.link(workspace, "reset", token)
    }

    /// Lets somebody join.
    #[must_use]
    pub fn invitation(&self, workspace: &Handle, token: &str) -> Link {
        self.link(workspace, "invitation", token)
    }

    /// Signs somebody in by a ticket.
    #[must_use]
    pub fn sign_in(&self, workspace: &Handle, ticket: &str) -> Link {
        self.link(workspace, "ticket", ticket)
    }

    fn link(&self, workspace: &Handle, kind: &str, token: &str) -> Link {
        let mut url = self.base.clone();
        let path = format!("{}/w/{}/", url.path().trim_end_matches('/'), workspace.as_str());
        url.set_path(&path);
        url.set_fragment(Some(&format!("{kind}={token}")));
        Link(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handle() -> Handle {
        "acme".parse().unwrap()
    }

    #[test]
    fn a_token_stands_behind_the_hash_and_the_base_may_have_a_path_and_a_slash() {
        for (base, link) in [
            ("https://chat.example.com", "https://chat.example.com/w/acme/#verify=t-0_k"),
            ("https://chat.example.com/", "https://chat.example.com/w/acme/#verify=t-0_k"),
            ("http://127.0.0.1:8080/app/", "http://127.0.0.1:8080/app/w/acme/#verify=t-0_k"),
        ] {
            assert_eq!(Links::new(base).unwrap().verify_email(&handle(), "t-0_k").expose(), link);
        }
    }

    #[test]
    fn kinds_differ() {
        let links = Links::new("https://a.example").unwrap();
        let of = |link: Link| link.expose().split_once('#').unwrap().1.to_owned();
        assert_eq!(of(links.sign_in(&handle(), "x")), "ticket=x");
        assert_eq!(of(links.reset_password(&handle(), "x")), "reset=x");
        assert_eq!(of(links.invitation(&handle(), "x")), "invitation=x");
    }

    #[test]
    fn a_link_prints_without_its_token() {
        let link = Links::new("https://a.example").unwrap().sign_in(&handle(), "secret");
        assert_eq!(format!("{link:?}"), "Link(https://a.example/w/acme/#)");
    }

    #[test]
    fn a_base_that_is_no_web_app_is_refused() {
        for bad in ["", "chat.example.com", "ftp://a", "https://u:p@a", "https://a/?x", "https://a/#x", "javascript:1"]
        {
            assert!(Links::new(bad).is_err(), "{bad}");
        }
    }
}
