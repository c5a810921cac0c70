//! Cross-origin requests, decided by the bucket's rules. Pure.

use s3s::dto::CORSRule;

/// A cross-origin request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub origin: &'a str,
    pub method: &'a str,
    /// Of a preflight: the headers that the page wants to send, comma separated.
    pub headers: &'a str,
}

/// The first rule that lets it pass.
pub(crate) fn matching<'a>(rules: &'a [CORSRule], asked: Asked<'_>) -> Option<&'a CORSRule> {
    rules.iter().find(|rule| {
        let headers = rule.allowed_headers.as_deref().unwrap_or_default();
        rule.allowed_origins.iter().any(|pattern| fits(pattern, asked.origin))
            && rule.allowed_methods.iter().any(|method| method == asked.method)
            && names(asked.headers).all(|name| headers.iter().any(|pattern| fits(&pattern.to_ascii_lowercase(), &name)))
    })
}

/// The names of a list of headers, in lower case.
fn names(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty())
}

/// A pattern has one `*` at most, which stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => {
            text.len() >= before.len() + after.len() && text.starts_with(before) && text.ends_with(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_lets_its_origins_methods_and_headers_pass_and_no_others() {
        let rule = CORSRule {
            allowed_origins: vec!["http://app:1".into(), "https://*.example".into()],
            allowed_methods: vec!["GET".into(), "PUT".into()],
            allowed_headers: Some(vec!["Content-Type".into(), "x-amz-*".into()]),
            ..CORSRule::default()
        };
        let passes = |origin, method, headers| {
            matching(std::slice::from_ref(&rule), Asked { origin, method, headers }).is_some()
        };
        assert!(passes("http://app:1", "GET", ""));
        assert!(passes("https://a.example", "PUT", "content-type, X-Amz-Checksum-Sha256"));
        assert!(!passes("http://app:2", "GET", ""));
        assert!(!passes("http://app:1", "DELETE", ""));
        assert!(!passes("http://app:1", "PUT", "authorization"));
        assert!(!passes("https://example", "GET", ""));
        assert!(matching(&[], Asked { origin: "http://app:1", method: "GET", headers: "" }).is_none());
    }
}
