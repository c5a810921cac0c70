//! The forms of texts.

/// The longest of a name in bytes: one DNS label.
pub const MAX_LABEL: usize = 63;
const MAX_NAME: usize = 253;
const MAX_EMAIL: usize = 254;
/// The largest size that may be asked for, 1 EiB: what compares sizes counts with 63 bits.
const MAX_STORAGE: u64 = 1 << 60;

/// Bytes of a size such as `100Gi`; `None` if it isn't one or exceeds 1 EiB.
#[must_use]
pub fn storage_bytes(text: &str) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "" => 1,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        "Pi" => 1 << 50,
        _ => return None,
    };
    // A leading zero would mean octal to some.
    let number: u64 = number.parse().ok().filter(|_| !number.starts_with('0'))?;
    number.checked_mul(factor).filter(|bytes| *bytes <= MAX_STORAGE)
}

/// 1 to 63 of a-z, 0-9 and -, with no - at either end (RFC 1123).
#[must_use]
pub fn is_dns_label(text: &str) -> bool {
    text.len() <= MAX_LABEL && is_label_of_any_length(text)
}

/// At least two DNS labels, 253 bytes at most.
#[must_use]
pub fn is_dns_name(text: &str) -> bool {
    text.len() <= MAX_NAME && text.contains('.') && text.split('.').all(is_dns_label)
}

/// What Kubernetes takes for the name of most objects: labels of any length between dots, 253 bytes at most.
#[must_use]
pub fn is_object_name(text: &str) -> bool {
    text.len() <= MAX_NAME && text.split('.').all(is_label_of_any_length)
}

fn is_label_of_any_length(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Strict enough to catch a slip, not RFC 5322: printable ASCII, one @, a domain behind it.
#[must_use]
pub fn is_email(text: &str) -> bool {
    text.len() <= MAX_EMAIL
        && text.split_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len())
                && local
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'@' | b'<' | b'>' | b',' | b'"'))
                && is_dns_name(&domain.to_ascii_lowercase())
        })
}

/// A URL of one of these schemes (as `https://`), with a host, and neither a query nor a fragment.
#[must_use]
pub fn is_url(schemes: &[&str], text: &str) -> bool {
    schemes.iter().filter_map(|scheme| text.strip_prefix(scheme)).any(|rest| {
        let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        !host.is_empty()
            && host.bytes().all(|byte| is_of_host(byte) || matches!(byte, b':' | b'[' | b']'))
            && !path.contains(|c: char| c.is_ascii_whitespace() || matches!(c, '?' | '#'))
    })
}

/// A host name or address.
#[must_use]
pub fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| is_of_host(byte) || byte == b':')
}

/// `host:port`; an IPv6 address stands in brackets.
#[must_use]
pub fn is_server(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_address = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
        };
        (1..=5).contains(&port.len())
            && port.bytes().all(|byte| byte.is_ascii_digit())
            && address.map_or_else(|| !host.is_empty() && host.bytes().all(is_of_host), is_address)
    })
}

const fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// What the hosts of a class end in, as `.{namespace}.chat.example.com`.
#[must_use]
pub fn is_host_suffix(text: &str) -> bool {
    // Without its dot, evilchat.example.com would pass for chat.example.com.
    text.starts_with('.') && is_dns_name(&format!("n{}", text.replace("{namespace}", "n")))
}

/// The id of a workspace.
#[must_use]
pub fn is_workspace_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}

/// What a person typed, cut to what fits into a message.
pub fn shorten(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_mail_addresses_are_told_from_slips() {
        for good in ["a@b.co", "ops+x@acme.example", "O'Brien@ACME.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in
            ["", "a", "a@", "@b.co", "a@b", "a b@c.de", "a@b@c.de", "a@-b.de", "A <a@b.co>", "ä@b.co", "a@b.co\n"]
        {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn names_are_dns_labels() {
        for good in ["a", "acme", "a-1", "0", &"a".repeat(63)] {
            assert!(is_dns_label(good), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a.b", "ä", &"a".repeat(64)] {
            assert!(!is_dns_label(bad), "{bad}");
        }
    }

    #[test]
    fn sizes_are_read_and_an_overflow_is_not() {
        assert_eq!(storage_bytes("1"), Some(1));
        assert_eq!(storage_bytes("20Gi"), Some(20 << 30));
        assert_eq!(storage_bytes("1024Pi"), Some(1 << 60));
        for bad in ["", "Gi", "0", "05Gi", "-1Gi", "1.5Gi", "1G", "1025Pi", "99999999Pi", "999999999999999999999"] {
            assert_eq!(storage_bytes(bad), None, "{bad}");
        }
    }

    #[test]
    fn urls_have_a_host_and_no_query() {
        for good in ["https://a.example", "https://a.example:8443/x/y", "https://[::1]:9000", "https://a/"] {
            assert!(is_url(&["https://"], good), "{good}");
        }
        for bad in
            ["https://", "http://a.example", "https:///x", "https://a b", "https://a/?x", "https://a#x", "a.example"]
        {
            assert!(!is_url(&["https://"], bad), "{bad}");
        }
    }

    #[test]
    fn servers_are_hosts_with_a_port() {
        for good in ["kafka:9092", "127.0.0.1:1", "kafka-0.data.svc:9093", "[fd00::1]:9092"] {
            assert!(is_server(good), "{good}");
        }
        for bad in
            ["kafka", ":9092", "kafka:", "kafka:x", "kafka:123456", "fd00::1:9092", "[]:9092", "k/a:1", "http://k:1"]
        {
            assert!(!is_server(bad), "{bad}");
        }
    }

    #[test]
    fn suffixes_of_hosts_begin_with_a_dot() {
        for good in [".chat.example.com", ".{namespace}.chat.example.com", ".{namespace}-x.example", ".example"] {
            assert!(is_host_suffix(good), "{good}");
        }
        for bad in ["", ".", "chat.example.com", "{namespace}.example", ".Chat.example", "..example", ".{name}.example"]
        {
            assert!(!is_host_suffix(bad), "{bad}");
        }
    }
}
