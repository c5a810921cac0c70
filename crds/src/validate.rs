//! The rules that a schema can't say, and those of the schema again, since a file meets no API server. Pure.

use crate::{
    manifest::ErrorCode,
    refusals as say,
    workspace::{Issuer, Limits, Retention, SignUp, SignUpMode, WorkspaceSpec},
};

mod class;
mod text;

pub use class::workspace_class;
pub use text::{MAX_LABEL, is_dns_label, is_dns_name, is_email, storage_bytes};
use text::{is_url, is_workspace_id, shorten};

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

const MAX_DISPLAY_NAME: usize = 80;
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
    check_label(&mut findings, "metadata.name", name);
    check_label(&mut findings, "metadata.namespace", namespace);
    if let Some(class) = &spec.class_name {
        check_label(&mut findings, "spec.className", class);
    }
    if let Some(handle) = &spec.handle {
        check_label(&mut findings, "spec.handle", handle);
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
        findings.bad("spec.owner.email", quoted(&spec.owner.email, say::NOT_AN_EMAIL));
    }
    check_hosts(&mut findings, &spec.hosts);
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
        if !is_workspace_id(id) {
            findings.bad("spec.restore.retainedWorkspace", quoted(id, say::NOT_A_WORKSPACE_ID));
        }
    }
    findings.0
}

fn check_display_name(findings: &mut Findings, text: &str) {
    let length = text.chars().count();
    if length == 0 || length > MAX_DISPLAY_NAME {
        findings.bad("spec.displayName", format!("It has {length} characters; 1 to {MAX_DISPLAY_NAME} are possible."));
    } else if text.trim().is_empty() || text.chars().any(char::is_control) {
        findings.bad("spec.displayName", say::NOT_ONE_LINE);
    }
}

fn check_hosts(findings: &mut Findings, hosts: &[String]) {
    if hosts.len() > 8 {
        findings.bad("spec.hosts", "At most 8 hosts are possible.");
    }
    if hosts.iter().enumerate().any(|(index, host)| hosts.iter().take(index).any(|earlier| earlier == host)) {
        findings.bad("spec.hosts", say::HOST_TWICE);
    }
    for (index, host) in hosts.iter().enumerate().filter(|(_, host)| !is_dns_name(host)) {
        findings.bad(format!("spec.hosts[{index}]"), quoted(host, say::NOT_A_HOST_NAME));
    }
}

fn check_sign_up(findings: &mut Findings, sign_up: &SignUp) {
    match (sign_up.mode, sign_up.domains.is_empty()) {
        (SignUpMode::Domain, true) => {
            findings.bad("spec.signUp.domains", say::DOMAIN_MISSING);
        }
        (SignUpMode::Invitation | SignUpMode::Open, false) => {
            findings.bad("spec.signUp.domains", say::DOMAIN_WITHOUT_MODE);
        }
        _ => {}
    }
    if sign_up.domains.len() > 32 {
        findings.bad("spec.signUp.domains", "At most 32 domains are possible.");
    }
    for (index, domain) in sign_up.domains.iter().enumerate() {
        if !is_dns_name(domain) {
            findings.bad(format!("spec.signUp.domains[{index}]"), quoted(domain, say::NOT_A_DOMAIN));
        }
    }
}

fn check_issuers(findings: &mut Findings, issuers: &[Issuer]) {
    if issuers.len() > 8 {
        findings.bad("spec.issuers", "At most 8 issuers are possible.");
    }
    for (index, issuer) in issuers.iter().enumerate() {
        if !is_url(&["https://"], &issuer.issuer) || issuer.issuer.len() > 512 {
            findings.bad(format!("spec.issuers[{index}].issuer"), say::NOT_AN_ISSUER);
        }
        for (field, names) in [("audiences", &issuer.audiences), ("authorizedParties", &issuer.authorized_parties)] {
            if names.len() > 8 || names.iter().any(|name| !(1..=256).contains(&name.chars().count())) {
                findings.bad(format!("spec.issuers[{index}].{field}"), "8 names of 1 to 256 characters are possible.");
            }
        }
        if issuer.audiences.is_empty() && issuer.authorized_parties.is_empty() {
            findings.bad(format!("spec.issuers[{index}]"), say::FOR_ANYBODY);
        }
        if issuer.client_id.as_ref().is_some_and(|id| !(1..=256).contains(&id.chars().count())) {
            findings.bad(format!("spec.issuers[{index}].clientId"), "A client's id has 1 to 256 characters.");
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
        findings.bad(format!("{path}.storage"), quoted(storage, say::NOT_A_SIZE));
    }
}

fn check_label(findings: &mut Findings, field: &str, text: &str) {
    if is_dns_label(text) {
        return;
    }
    let message = if text.len() > MAX_LABEL { say::NAME_TOO_LONG.to_owned() } else { quoted(text, say::NOT_A_NAME) };
    findings.add(field, ErrorCode::BadName, message);
}

/// A sentence that begins with what a person typed.
fn quoted(text: &str, behind: &str) -> String {
    format!("{:?} {behind}", shorten(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reserved_handle_could_otherwise_be_taken() {
        for handle in RESERVED_HANDLES {
            assert!(is_dns_label(handle), "{handle}");
        }
    }
}
