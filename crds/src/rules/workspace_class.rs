//! The rules of a `WorkspaceClass`.

use super::{DNS_LABEL, DNS_NAME, Rule, label_of_object, raw, size};
use crate::refusals as say;

const SERVER: &str = r"^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$";
const HOST: &str = "^[A-Za-z0-9._:-]+$";
const URL: &str = r"^https?://[A-Za-z0-9._:\[\]-]+(/[^\s?#]*)?$";
const SUBDOMAIN: &str = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$";
const ISSUER_HOST: &str = r"^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

/// Every rule of a `WorkspaceClass`.
#[must_use]
pub fn workspace_class() -> Vec<Rule> {
    let mut rules = Vec::from(label_of_object());
    rules.extend(kafka());
    rules.extend(other_backends());
    rules.extend(routes());
    rules.extend(allowed());
    rules.extend(limits());
    rules.push(
        Rule::new("spec.dedicated.edge", "self.minReplicas <= self.maxReplicas", say::EDGES_CROSSED).of(".maxReplicas"),
    );
    rules
}

fn kafka() -> Vec<Rule> {
    const AT: &str = "spec.kafka.security";
    let sasl = "self.protocol.startsWith('SASL_')";
    let principals =
        "!has(self.principals) || self.principals == 'Shared' || self.security.protocol.startsWith('SASL_')";
    let in_sync = "!has(self.replicationFactor) || !has(self.minInSyncReplicas) || \
                   self.minInSyncReplicas <= self.replicationFactor";
    vec![
        Rule::matching("spec.kafka.bootstrapServers[]", SERVER, say::NOT_A_SERVER),
        Rule::new(AT, format!("!{sasl} || has(self.mechanism)"), say::MECHANISM_MISSING).of(".mechanism"),
        Rule::new(AT, format!("{sasl} || !has(self.mechanism)"), say::MECHANISM_WITHOUT_SASL).of(".mechanism"),
        Rule::new(AT, format!("!{sasl} || has(self.adminSecret)"), say::ADMIN_MISSING).of(".adminSecret"),
        Rule::new(AT, format!("{sasl} || !has(self.adminSecret)"), say::ADMIN_WITHOUT_SASL).of(".adminSecret"),
        Rule::new(AT, "self.protocol.endsWith('SSL') || !has(self.caSecret)", say::AUTHORITY_WITHOUT_TLS)
            .of(".caSecret"),
        secret("spec.kafka.security.adminSecret"),
        secret("spec.kafka.security.caSecret"),
        Rule::new("spec.kafka", principals, say::PRINCIPALS_WITHOUT_SASL).of(".principals"),
        Rule::new("spec.kafka.topics", in_sync, say::TOO_MANY_IN_SYNC).of(".minInSyncReplicas"),
    ]
}

fn other_backends() -> Vec<Rule> {
    vec![
        Rule::matching("spec.postgres.host", HOST, say::NOT_A_HOST),
        secret("spec.postgres.adminSecret"),
        secret("spec.postgres.tls.caSecret"),
        Rule::new("spec.postgres.tls", "self.mode == 'VerifyFull' || !has(self.caSecret)", say::AUTHORITY_UNCHECKED)
            .of(".caSecret"),
        Rule::matching("spec.objectStore.endpoint", URL, say::NOT_A_URL),
        secret("spec.objectStore.adminSecret"),
    ]
}

fn routes() -> Vec<Rule> {
    const AT: &str = "spec.routes";
    vec![
        Rule::matching("spec.routes.baseURL", URL, say::NOT_A_URL),
        Rule::new(AT, "self.via != 'Gateway' || has(self.gatewayRef)", say::GATEWAY_MISSING).of(".gatewayRef"),
        Rule::new(AT, "self.via == 'Gateway' || !has(self.gatewayRef)", say::GATEWAY_WITHOUT_ROUTES).of(".gatewayRef"),
        Rule::matching("spec.routes.gatewayRef.namespace", DNS_LABEL, say::NOT_A_NAME),
        Rule::matching("spec.routes.gatewayRef.name", SUBDOMAIN, say::NOT_A_NAME),
    ]
}

fn allowed() -> Vec<Rule> {
    // A suffix without its dot would let evilchat.example.com pass for chat.example.com.
    let suffix =
        format!("self.startsWith('.') && ('n' + self.replace('{{namespace}}', 'n')).matches({})", raw(DNS_NAME));
    vec![
        Rule::quoting("spec.allowed.hostSuffixes[]", suffix, say::NOT_A_SUFFIX),
        Rule::matching("spec.allowed.issuerHosts[]", ISSUER_HOST, say::NOT_AN_ISSUER_HOST),
    ]
}

fn limits() -> Vec<Rule> {
    let within = |name: &str| {
        format!(
            "!self.?maximums.?{name}.hasValue() || !self.?defaults.?limits.?{name}.hasValue() || \
             self.defaults.limits.{name} <= self.maximums.{name}"
        )
    };
    let given = |limits: &str| format!("has({limits}.storage) && isQuantity({limits}.storage)");
    let storage = format!(
        "!has(self.maximums) || !({}) || !has(self.defaults.limits) || !({}) || \
         quantity(self.defaults.limits.storage).compareTo(quantity(self.maximums.storage)) <= 0",
        given("self.maximums"),
        given("self.defaults.limits"),
    );
    let exceeds = |rule: String, field: &str| Rule::new("spec", rule, say::DEFAULT_EXCEEDS).of(field);
    vec![
        size("spec.defaults.limits.storage"),
        size("spec.maximums.storage"),
        size("spec.capacity.storage"),
        exceeds(within("members"), ".defaults.limits.members"),
        exceeds(within("messagesPerSecond"), ".defaults.limits.messagesPerSecond"),
        exceeds(storage, ".defaults.limits.storage"),
    ]
}

/// A Secret is a name, never a path into another namespace.
fn secret(at: &'static str) -> Rule {
    Rule::matching(at, SUBDOMAIN, say::NOT_A_SECRET)
}
