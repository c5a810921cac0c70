//! The rules that a schema can't say, and those of the schema again, since a file meets no API server. Pure.

use crate::{
    manifest::ErrorCode,
    workspace::{Issuer, Limits, Retention, SignUp, SignUpMode, WorkspaceSpec},
    workspace_class::WorkspaceClassSpec,
};

/// Handles that stand for the service itself in URLs, or that people would take for it.
pub const RESERVED_HANDLES: &[&str] = &[
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "default",
    "docs",
    "favicon",
    "healthz",
    "help",
    "internal",
    "login",
    "meta",
    "metrics",
    "null",
    "openapi",
    "operator",
    "public",
    "readyz",
    "register",
    "root",
    "security",
    "sign-in",
    "sign-up",
    "static",
    "status",
    "support",
    "system",
    "threadly",
    "undefined",
    "v1",
    "v2",
    "w",
    "well-known",
    "www",
];

/// The longest of a name in bytes: one DNS label.
pub const MAX_LABEL: usize = 63;
const MAX_DISPLAY_NAME: usize = 80;
const MAX_EMAIL: usize = 254;
const MAX_DAYS: u32 = 36_500;

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field, as `spec.signUp.domains[0]`.
    pub field: String,
    /// Which kind of rule.
    pub code: ErrorCode,
    /// A plain sentence.
    pub message: String,
}

/// Gathers violations, so that a person sees all at once.
#[derive(Default)]
struct Findings(Vec<Violation>);

impl Findings {
    fn add(&mut self, field: impl Into<String>, code: ErrorCode, message: impl Into<String>) {
        self.0.push(Violation { field: field.into(), code, message: message.into() });
    }

    fn bad(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.add(field, ErrorCode::BadValue, message);
    }

    fn range(&mut self, field: String, value: Option<u32>, most: u32) {
        if let Some(value) = value.filter(|value| !(1..=most).contains(value)) {
            self.bad(field, format!("{value} is out of range; 1 to {most} are possible."));
        }
    }
}

/// Every rule that a workspace's name, namespace and spec break; empty if it is fit for provisioning.
#[must_use]
pub fn workspace(namespace: &str, name: &str, spec: &WorkspaceSpec) -> Vec<Violation> {
    let mut findings = Findings::default();
    let mut label = |field: &str, text: &str| {
        if !is_dns_label(text) {
            findings.add(field, ErrorCode::BadName, label_sentence(text));
        }
    };
    label("metadata.name", name);
    label("metadata.namespace", namespace);
    if let Some(class) = &spec.class_name {
        label("spec.className", class);
    }
    if let Some(handle) = &spec.handle {
        label("spec.handle", handle);
    }
    // The name is the handle where none is given, so the reserved ones are refused there too.
    let (field, handle) = spec.handle.as_deref().map_or(("metadata.name", name), |handle| ("spec.handle", handle));
    if RESERVED_HANDLES.contains(&handle) {
        findings.add(field, ErrorCode::ReservedHandle, format!("The handle {handle:?} is reserved; choose another."));
    }
    if let Some(display_name) = &spec.display_name {
        check_display_name(&mut findings, display_name);
    }
    if !is_email(&spec.owner.email) {
        findings.bad("spec.owner.email", format!("{:?} is not an e-mail address.", shorten(&spec.owner.email)));
    }
    for (index, host) in spec.hosts.iter().enumerate() {
        if !is_dns_name(host) {
            findings.bad(format!("spec.hosts[{index}]"), format!("{:?} is not a host name.", shorten(host)));
        }
    }
    check_sign_up(&mut findings, &spec.sign_up);
    check_issuers(&mut findings, &spec.issuers);
    if let Some(retention) = &spec.retention {
        check_retention(&mut findings, "spec.retention", retention);
    }
    if let Some(limits) = &spec.limits {
        check_limits(&mut findings, "spec.limits", limits);
    }
    if let Some(credentials) = &spec.credentials {
        findings.range("spec.credentials.generation".into(), credentials.generation, 1_000_000);
        findings.range("spec.credentials.rotateEveryDays".into(), credentials.rotate_every_days, 3650);
        findings.range("spec.credentials.overlapHours".into(), credentials.overlap_hours, 720);
    }
    if let Some(restore) = &spec.restore {
        let id = &restore.retained_workspace;
        if id.len() != 12 || !id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')) {
            findings.bad(
                "spec.restore.retainedWorkspace",
                format!("{:?} is not a workspace id, which is 12 characters of a-z and 2-7.", shorten(id)),
            );
        }
    }
    findings.0
}

/// Every rule that a class breaks.
#[must_use]
pub fn workspace_class(name: &str, spec: &WorkspaceClassSpec) -> Vec<Violation> {
    let mut findings = Findings::default();
    if !is_dns_label(name) {
        findings.add("metadata.name", ErrorCode::BadName, label_sentence(name));
    }
    if spec.kafka.bootstrap_servers.is_empty() {
        findings.bad("spec.kafka.bootstrapServers", "At least one server is needed.");
    }
    let partitions = &spec.kafka.topics.partitions;
    findings.range("spec.kafka.topics.partitions.messages".into(), Some(u32::from(partitions.messages)), 64);
    for (topic, count) in [
        ("directory", partitions.directory),
        ("notifications", partitions.notifications),
        ("audit", partitions.audit),
        ("deadLetters", partitions.dead_letters),
    ] {
        if count != 1 {
            findings.bad(format!("spec.kafka.topics.partitions.{topic}"), "This topic has exactly 1 partition.");
        }
    }
    check_retention(&mut findings, "spec.defaults.retention", &spec.defaults.retention);
    check_limits(&mut findings, "spec.defaults.limits", &spec.defaults.limits);
    if let Some(maximums) = &spec.maximums {
        check_limits(&mut findings, "spec.maximums", maximums);
    }
    findings.0
}

fn check_display_name(findings: &mut Findings, text: &str) {
    let length = text.chars().count();
    if length == 0 || length > MAX_DISPLAY_NAME {
        findings.bad("spec.displayName", format!("It has {length} characters; 1 to {MAX_DISPLAY_NAME} are possible."));
    } else if text.trim().is_empty() || text.chars().any(char::is_control) {
        findings.bad("spec.displayName", "It must be one line with something to read in it.");
    }
}

fn check_sign_up(findings: &mut Findings, sign_up: &SignUp) {
    match (sign_up.mode, sign_up.domains.is_empty()) {
        (SignUpMode::Domain, true) => {
            findings.bad("spec.signUp.domains", "Mode Domain needs at least one domain.");
        }
        (SignUpMode::Invitation | SignUpMode::Open, false) => {
            findings.bad("spec.signUp.domains", "Domains have a meaning with mode Domain only.");
        }
        _ => {}
    }
    if sign_up.domains.len() > 32 {
        findings.bad("spec.signUp.domains", "At most 32 domains are possible.");
    }
    for (index, domain) in sign_up.domains.iter().enumerate() {
        if !is_dns_name(domain) {
            findings.bad(
                format!("spec.signUp.domains[{index}]"),
                format!("{:?} is not a domain such as acme.example, in lower case.", shorten(domain)),
            );
        }
    }
}

fn check_issuers(findings: &mut Findings, issuers: &[Issuer]) {
    for (index, issuer) in issuers.iter().enumerate() {
        if !issuer.issuer.starts_with("https://") || issuer.issuer.len() > 512 {
            findings.bad(format!("spec.issuers[{index}].issuer"), "An issuer is a URL that begins with https://.");
        }
        if issuer.audiences.is_empty() || issuer.audiences.len() > 8 {
            findings.bad(format!("spec.issuers[{index}].audiences"), "1 to 8 audiences are possible.");
        }
        if issuers.iter().take(index).any(|earlier| earlier.issuer == issuer.issuer) {
            findings.bad(format!("spec.issuers[{index}].issuer"), "This issuer stands in the list twice.");
        }
    }
}

fn check_retention(findings: &mut Findings, path: &str, retention: &Retention) {
    findings.range(format!("{path}.messageDays"), retention.message_days, MAX_DAYS);
    findings.range(format!("{path}.fileDays"), retention.file_days, MAX_DAYS);
    findings.range(format!("{path}.auditDays"), retention.audit_days, MAX_DAYS);
}

fn check_limits(findings: &mut Findings, path: &str, limits: &Limits) {
    findings.range(format!("{path}.members"), limits.members, 1_000_000);
    findings.range(format!("{path}.messagesPerSecond"), limits.messages_per_second, 100_000);
    if let Some(storage) = limits.storage.as_deref().filter(|storage| storage_bytes(storage).is_none()) {
        findings.bad(format!("{path}.storage"), format!("{:?} is not a size such as 100Gi.", shorten(storage)));
    }
}

/// Bytes of a size such as `100Gi`; `None` if it isn't one or doesn't fit.
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
    number.parse::<u64>().ok().filter(|number| *number > 0)?.checked_mul(factor)
}

/// 1 to 63 of a-z, 0-9 and -, with no - at either end (RFC 1123).
#[must_use]
pub fn is_dns_label(text: &str) -> bool {
    (1..=MAX_LABEL).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// At least two DNS labels, 253 bytes at most.
#[must_use]
pub fn is_dns_name(text: &str) -> bool {
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_dns_label)
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

fn label_sentence(text: &str) -> String {
    let length = text.len();
    if length > MAX_LABEL {
        return format!("It has {length} characters; at most {MAX_LABEL} are possible.");
    }
    format!("{text:?} is not a name: use a-z, 0-9 and -, with no - at either end.")
}

/// What a person typed, cut to what fits into a message.
fn shorten(text: &str) -> String {
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
        for bad in ["", "Gi", "0", "-1Gi", "1.5Gi", "1G", "99999999Pi", "999999999999999999999"] {
            assert_eq!(storage_bytes(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_reserved_handle_could_otherwise_be_taken() {
        for handle in RESERVED_HANDLES {
            assert!(is_dns_label(handle), "{handle}");
        }
    }
}
