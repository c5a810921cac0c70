//! The rules of a class.

use super::{
    Findings, check_label, check_limits, check_retention, quoted,
    text::{is_dns_label, is_dns_name, is_host, is_host_suffix, is_object_name, is_server, is_url},
};
use crate::{
    backends::{
        KafkaBackend, KafkaProtocol, KafkaSecurity, ObjectStoreBackend, PostgresBackend, PostgresTlsMode, Sharing,
    },
    refusals as say,
    validate::{Violation, storage_bytes},
    workspace::Limits,
    workspace_class::{Allowed, RouteKind, Routes, WorkspaceClassSpec},
};

const WEB: &[&str] = &["http://", "https://"];

/// Every rule that a class breaks.
#[must_use]
pub fn workspace_class(name: &str, spec: &WorkspaceClassSpec) -> Vec<Violation> {
    let mut findings = Findings::default();
    check_label(&mut findings, "metadata.name", name);
    check_kafka(&mut findings, &spec.kafka);
    check_postgres(&mut findings, &spec.postgres);
    if let Some(store) = &spec.object_store {
        check_object_store(&mut findings, store);
    }
    if let Some(routes) = &spec.routes {
        check_routes(&mut findings, routes);
    }
    check_allowed(&mut findings, &spec.allowed);
    check_retention(&mut findings, "spec.defaults.retention", &spec.defaults.retention);
    check_limits(&mut findings, "spec.defaults.limits", &spec.defaults.limits);
    if let Some(maximums) = &spec.maximums {
        check_limits(&mut findings, "spec.maximums", maximums);
        check_defaults(&mut findings, &spec.defaults.limits, maximums);
    }
    let capacity = spec.capacity.as_ref().map(|capacity| capacity.workspaces);
    findings.range("spec.capacity.workspaces".into(), capacity, 100_000);
    let storage = spec.capacity.as_ref().and_then(|capacity| capacity.storage.as_deref());
    if let Some(storage) = storage.filter(|storage| storage_bytes(storage).is_none()) {
        findings.bad("spec.capacity.storage", quoted(storage, say::NOT_A_SIZE));
    }
    let days = spec.retained.as_ref().and_then(|retained| retained.purge_after_days);
    findings.range("spec.retained.purgeAfterDays".into(), days, 36_500);
    if let Some(schema) = &spec.schema {
        findings.range("spec.schema.maxConcurrent".into(), schema.max_concurrent, 64);
        findings.range("spec.schema.maxFailures".into(), schema.max_failures, 1000);
    }
    if let Some(edge) = spec.dedicated.as_ref().and_then(|dedicated| dedicated.edge.as_ref()) {
        findings.range("spec.dedicated.edge.minReplicas".into(), Some(edge.min_replicas), 1000);
        findings.range("spec.dedicated.edge.maxReplicas".into(), Some(edge.max_replicas), 1000);
        if edge.max_replicas < edge.min_replicas {
            findings.bad("spec.dedicated.edge.maxReplicas", say::EDGES_CROSSED);
        }
    }
    findings.0
}

fn check_kafka(findings: &mut Findings, kafka: &KafkaBackend) {
    if kafka.bootstrap_servers.is_empty() {
        findings.bad("spec.kafka.bootstrapServers", "At least one server is needed.");
    }
    for (index, server) in kafka.bootstrap_servers.iter().enumerate().filter(|(_, server)| !is_server(server)) {
        findings.bad(format!("spec.kafka.bootstrapServers[{index}]"), quoted(server, say::NOT_A_SERVER));
    }
    check_security(findings, &kafka.security);
    if kafka.principals == Sharing::PerWorkspace && !is_sasl(kafka.security.protocol) {
        findings.bad("spec.kafka.principals", say::PRINCIPALS_WITHOUT_SASL);
    }
    let topics = &kafka.topics;
    if let (Some(in_sync), Some(replicas)) = (topics.min_in_sync_replicas, topics.replication_factor)
        && in_sync > replicas
    {
        findings.bad("spec.kafka.topics.minInSyncReplicas", say::TOO_MANY_IN_SYNC);
    }
    let wide = |number: Option<u16>| number.map(u32::from);
    findings.range("spec.kafka.topics.replicationFactor".into(), wide(topics.replication_factor), 15);
    findings.range("spec.kafka.topics.minInSyncReplicas".into(), wide(topics.min_in_sync_replicas), 15);
    findings.range("spec.kafka.topics.retentionHours".into(), topics.retention_hours, 8760);
    let partitions = &topics.partitions;
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
}

const fn is_sasl(protocol: KafkaProtocol) -> bool {
    matches!(protocol, KafkaProtocol::SaslPlaintext | KafkaProtocol::SaslSsl)
}

fn check_security(findings: &mut Findings, security: &KafkaSecurity) {
    let sasl = is_sasl(security.protocol);
    let encrypted = matches!(security.protocol, KafkaProtocol::Ssl | KafkaProtocol::SaslSsl);
    for (broken, field, message) in [
        (sasl && security.mechanism.is_none(), "mechanism", say::MECHANISM_MISSING),
        (!sasl && security.mechanism.is_some(), "mechanism", say::MECHANISM_WITHOUT_SASL),
        (sasl && security.admin_secret.is_none(), "adminSecret", say::ADMIN_MISSING),
        (!sasl && security.admin_secret.is_some(), "adminSecret", say::ADMIN_WITHOUT_SASL),
        (!encrypted && security.ca_secret.is_some(), "caSecret", say::AUTHORITY_WITHOUT_TLS),
    ] {
        if broken {
            findings.bad(format!("spec.kafka.security.{field}"), message);
        }
    }
    check_secret(findings, "spec.kafka.security.adminSecret", security.admin_secret.as_deref());
    check_secret(findings, "spec.kafka.security.caSecret", security.ca_secret.as_deref());
}

fn check_postgres(findings: &mut Findings, postgres: &PostgresBackend) {
    if !is_host(&postgres.host) {
        findings.bad("spec.postgres.host", quoted(&postgres.host, say::NOT_A_HOST));
    }
    findings.range("spec.postgres.port".into(), Some(u32::from(postgres.port)), 65_535);
    check_secret(findings, "spec.postgres.adminSecret", Some(&postgres.admin_secret));
    check_secret(findings, "spec.postgres.tls.caSecret", postgres.tls.ca_secret.as_deref());
    if postgres.tls.mode != PostgresTlsMode::VerifyFull && postgres.tls.ca_secret.is_some() {
        findings.bad("spec.postgres.tls.caSecret", say::AUTHORITY_UNCHECKED);
    }
}

fn check_object_store(findings: &mut Findings, store: &ObjectStoreBackend) {
    if !is_url(WEB, &store.endpoint) {
        findings.bad("spec.objectStore.endpoint", quoted(&store.endpoint, say::NOT_A_URL));
    }
    check_secret(findings, "spec.objectStore.adminSecret", Some(&store.admin_secret));
}

/// A Secret is a name, never a path into another namespace.
fn check_secret(findings: &mut Findings, field: &str, name: Option<&str>) {
    if let Some(name) = name.filter(|name| !is_object_name(name)) {
        findings.bad(field, quoted(name, say::NOT_A_SECRET));
    }
}

fn check_routes(findings: &mut Findings, routes: &Routes) {
    if !is_url(WEB, &routes.base_url) {
        findings.bad("spec.routes.baseURL", quoted(&routes.base_url, say::NOT_A_URL));
    }
    match (routes.via, &routes.gateway_ref) {
        (RouteKind::Gateway, None) => findings.bad("spec.routes.gatewayRef", say::GATEWAY_MISSING),
        (RouteKind::Ingress | RouteKind::None, Some(_)) => {
            findings.bad("spec.routes.gatewayRef", say::GATEWAY_WITHOUT_ROUTES);
        }
        _ => {}
    }
    if let Some(gateway) = &routes.gateway_ref {
        if !is_dns_label(&gateway.namespace) {
            findings.bad("spec.routes.gatewayRef.namespace", quoted(&gateway.namespace, say::NOT_A_NAME));
        }
        if !is_object_name(&gateway.name) {
            findings.bad("spec.routes.gatewayRef.name", quoted(&gateway.name, say::NOT_A_NAME));
        }
    }
}

fn check_allowed(findings: &mut Findings, allowed: &Allowed) {
    for (field, is_empty) in
        [("isolation", allowed.isolation.is_empty()), ("deletionPolicies", allowed.deletion_policies.is_empty())]
    {
        if is_empty {
            findings.bad(format!("spec.allowed.{field}"), say::NOTHING_ALLOWED);
        }
    }
    for (index, suffix) in allowed.host_suffixes.iter().enumerate().filter(|(_, suffix)| !is_host_suffix(suffix)) {
        findings.bad(format!("spec.allowed.hostSuffixes[{index}]"), quoted(suffix, say::NOT_A_SUFFIX));
    }
    for (index, host) in allowed.issuer_hosts.iter().enumerate() {
        if !is_dns_name(host.strip_prefix("*.").unwrap_or(host)) {
            findings.bad(format!("spec.allowed.issuerHosts[{index}]"), quoted(host, say::NOT_AN_ISSUER_HOST));
        }
    }
}

fn check_defaults(findings: &mut Findings, defaults: &Limits, maximums: &Limits) {
    let bytes = |limits: &Limits| limits.storage.as_deref().and_then(storage_bytes);
    let number = |value: Option<u32>| value.map(u64::from);
    for (field, default, maximum) in [
        ("members", number(defaults.members), number(maximums.members)),
        ("messagesPerSecond", number(defaults.messages_per_second), number(maximums.messages_per_second)),
        ("storage", bytes(defaults), bytes(maximums)),
    ] {
        if let (Some(default), Some(maximum)) = (default, maximum)
            && default > maximum
        {
            findings.bad(format!("spec.defaults.limits.{field}"), say::DEFAULT_EXCEEDS);
        }
    }
}
