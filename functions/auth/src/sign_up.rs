//! Signing up by an address that is proved, and proving one.

pub(crate) mod ask_again;
pub(crate) mod request;
pub(crate) mod store;
pub(crate) mod verify_email;

use tenancy::SignUp;

/// Whether the workspace's rule lets whoever has proved this address in, without an invitation.
pub(crate) fn admits(rule: &SignUp, email: &str) -> bool {
    match rule {
        SignUp::Open => true,
        SignUp::Domain(domains) => {
            let domain = email.rsplit('@').next().unwrap_or_default().to_lowercase();
            domains.contains(&domain)
        }
        SignUp::Invitation => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_the_whole_domain_in_any_case() {
        let rule = SignUp::Domain(vec!["acme.example".to_owned(), "acme.test".to_owned()]);
        for good in ["ada@acme.example", "ADA@ACME.Example", "ada@acme.test"] {
            assert!(admits(&rule, good), "{good}");
        }
        for bad in ["ada@sub.acme.example", "ada@evilacme.example", "ada@acme.example.evil", "acme.example@evil"] {
            assert!(!admits(&rule, bad), "{bad}");
        }
        assert!(admits(&SignUp::Open, "ada@anywhere.example"));
        assert!(!admits(&SignUp::Invitation, "ada@acme.example"));
    }
}
