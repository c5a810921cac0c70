//! Manifests that are wrong by themselves. A file with the same text gets the same verdict, of the same field, in the same
//! words where they are ours.

use crds::manifest::parse;

use crate::cluster::Cluster;

/// One manifest and what is said of it.
pub struct Row {
    pub text: String,
    pub reason: &'static str,
    pub field: &'static str,
    /// Our sentence; empty where the API server's own schema speaks.
    pub sentence: &'static str,
    /// Whether a file's reader knows this kind too.
    pub file: bool,
}

/// Asks the API server for each, as a creation and as a server-side apply, and the file's reader; answers what is not as it should be.
pub fn refused(cluster: &Cluster) -> Vec<String> {
    let rows: Vec<Row> = [workspaces(), identities(), classes(), retained()].into_iter().flatten().collect();
    let mut faults = Vec::new();
    if rows.len() < 40 {
        faults.push(format!("only {} rows", rows.len()));
    }
    for row in &rows {
        for args in [
            ["create", "--dry-run=server", "-f", "-"].as_slice(),
            &["apply", "--server-side", "--dry-run=server", "-f", "-"],
        ] {
            // A server-side apply has words of its own for what has no place in the schema, and no reason for another type.
            if (row.reason == "BadRequest" || row.text.contains("handle: 7")) && args[0] == "apply" {
                continue;
            }
            let answer = cluster.admin(args, Some(&row.text));
            let named = answer.errors.contains(&format!("{}: ", row.field))
                || answer.errors.contains(&format!("\"{}\"", row.field));
            if answer.reason() != row.reason || !named || !answer.errors.contains(row.sentence) {
                faults.push(format!(
                    "{}should be {} at {} with {:?}, but {}: {answer:?}",
                    row.text, row.reason, row.field, row.sentence, args[0]
                ));
            }
        }
        if row.file {
            faults.extend(of_file(row));
        }
    }
    faults
}

fn of_file(row: &Row) -> Option<String> {
    let said = parse("x.yaml", &row.text);
    let same = said.iter().any(|result| {
        result.as_ref().is_err_and(|error| error.field == row.field && error.message.contains(row.sentence))
    });
    (!same).then(|| {
        format!("{}should be refused at {} with {:?} as a file too, but: {said:?}", row.text, row.field, row.sentence)
    })
}

fn invalid(text: String, field: &'static str, sentence: &'static str) -> Row {
    Row { text, reason: "Invalid", field, sentence, file: true }
}

fn workspace(metadata: &str, spec: &str) -> String {
    format!(
        "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {{{metadata}, namespace: team-acme}}\n\
         spec: {{owner: {{email: ops@acme.example}}, {spec}}}\n"
    )
}

fn identities() -> Vec<Row> {
    let long = "a".repeat(64);
    let row = |spec: &str, field, sentence| invalid(workspace("name: acme", spec), field, sentence);
    let named = |name: &str, sentence| {
        invalid(workspace(&format!("name: {name}"), "displayName: x"), "metadata.name", sentence)
    };
    vec![
        named("admin", "The handle \"admin\" is reserved; choose another."),
        named("acme.corp", "\"acme.corp\" is not a name: use a-z, 0-9 and -, with no - at either end."),
        named(&long, "At most 63 characters are possible."),
        row("handle: www", "spec.handle", "The handle \"www\" is reserved; choose another."),
        row("handle: well-known", "spec.handle", "The handle \"well-known\" is reserved; choose another."),
        row("handle: a/b", "spec.handle", "\"a/b\" is not a name: use a-z, 0-9 and -, with no - at either end."),
        row("handle: Acme", "spec.handle", "\"Acme\" is not a name: use a-z, 0-9 and -, with no - at either end."),
        row("handle: -acme", "spec.handle", "\"-acme\" is not a name: use a-z, 0-9 and -, with no - at either end."),
        row(&format!("handle: {long}"), "spec.handle", ""),
        row("handle: \"\"", "spec.handle", ""),
        row("handle: 7", "spec.handle", ""),
        row(
            "className: Gold",
            "spec.className",
            "\"Gold\" is not a name: use a-z, 0-9 and -, with no - at either end.",
        ),
        row("restore: {retainedWorkspace: k3v}", "spec.restore.retainedWorkspace", "\"k3v\" is not a workspace id"),
        row("restore: {retainedWorkspace: K3V7Q2HDM7XA}", "spec.restore.retainedWorkspace", "is not a workspace id"),
    ]
}

fn workspaces() -> Vec<Row> {
    let row = |spec: &str, field, sentence| invalid(workspace("name: acme", spec), field, sentence);
    let unknown = |spec: &str, field| Row { reason: "BadRequest", ..row(spec, field, "") };
    let email = |email: &str, sentence| {
        let text = workspace("name: acme", "displayName: x").replace("ops@acme.example", &format!("{email:?}"));
        invalid(text, "spec.owner.email", sentence)
    };
    let domains = "\"localhost\" is not a domain such as acme.example, in lower case.";
    let https = "An issuer is a URL that begins with https://.";
    let issuer =
        |url: &str| row(&format!("issuers: [{{issuer: {url:?}, audiences: [t]}}]"), "spec.issuers[0].issuer", https);
    vec![
        unknown("handel: acme", "spec.handel"),
        unknown("limits: {member: 5}", "spec.limits.member"),
        email("nobody", "\"nobody\" is not an e-mail address."),
        email("a@b@c.example", "is not an e-mail address."),
        email("Acme <ops@acme.example>", "is not an e-mail address."),
        invalid(
            workspace("name: acme", "paused: false").replace("owner: {email: ops@acme.example}, ", ""),
            "spec.owner",
            "",
        ),
        row("displayName: \"\"", "spec.displayName", ""),
        row("displayName: \" \\u00a0 \"", "spec.displayName", "It must be one line with something to read in it."),
        row("displayName: \"a\\nb\"", "spec.displayName", "It must be one line with something to read in it."),
        row(&format!("displayName: {}", "x".repeat(81)), "spec.displayName", ""),
        row("hosts: [talk]", "spec.hosts[0]", "\"talk\" is not a host name."),
        row("hosts: [a.example, Talk.example]", "spec.hosts[1]", "\"Talk.example\" is not a host name."),
        row("hosts: [\"*.a.example\"]", "spec.hosts[0]", "\"*.a.example\" is not a host name."),
        row("hosts: [a.example, b.example, a.example]", "spec.hosts", "A host stands in the list twice."),
        row("hosts: [a.a, b.a, c.a, d.a, e.a, f.a, g.a, h.a, i.a]", "spec.hosts", ""),
        row("isolation: Alone", "spec.isolation", ""),
        row("deletionPolicy: Keep", "spec.deletionPolicy", ""),
        row("signUp: {mode: Domian}", "spec.signUp.mode", ""),
        row("signUp: {mode: Domain}", "spec.signUp.domains", "Mode Domain needs at least one domain."),
        row("signUp: {mode: Domain, domains: []}", "spec.signUp.domains", "Mode Domain needs at least one domain."),
        row(
            "signUp: {mode: Open, domains: [a.example]}",
            "spec.signUp.domains",
            "Domains have a meaning with mode Domain only.",
        ),
        row("signUp: {mode: Domain, domains: [localhost]}", "spec.signUp.domains[0]", domains),
        issuer("http://a.example"),
        issuer("https://"),
        issuer("https://a.example/?x=1"),
        row(
            "issuers: [{issuer: \"https://a.example\", audiences: []}]",
            "spec.issuers[0]",
            "An issuer needs an audience",
        ),
        row("issuers: [{issuer: \"https://a.example\"}]", "spec.issuers[0]", "An issuer needs an audience"),
        row(
            "issuers: [{issuer: \"https://a.example\", audiences: [t], clientId: \"\"}]",
            "spec.issuers[0].clientId",
            "",
        ),
        row("limits: {members: 0}", "spec.limits.members", ""),
        row("limits: {members: 1000001}", "spec.limits.members", ""),
        row("limits: {storage: 5GB}", "spec.limits.storage", "\"5GB\" is not a size such as 100Gi."),
        row("limits: {storage: 05Gi}", "spec.limits.storage", "\"05Gi\" is not a size such as 100Gi."),
        row("limits: {storage: 1025Pi}", "spec.limits.storage", "\"1025Pi\" is not a size such as 100Gi."),
        row("retention: {messageDays: 99999}", "spec.retention.messageDays", ""),
        row("credentials: {generation: 0}", "spec.credentials.generation", ""),
        row("credentials: {overlapHours: 721}", "spec.credentials.overlapHours", ""),
    ]
}

fn class(spec: &str) -> String {
    let text = "apiVersion: threadly.dev/v1alpha1\nkind: WorkspaceClass\nmetadata: {name: gold}\nspec:\n";
    let mut text = text.to_owned();
    for (field, least) in [("kafka", "{bootstrapServers: [\"k:9092\"]}"), ("postgres", "{host: pg, adminSecret: s}")] {
        if !spec.starts_with(field) {
            text.push_str(&format!("  {field}: {least}\n"));
        }
    }
    text + "  " + spec + "\n"
}

fn classes() -> Vec<Row> {
    let row = |spec: &str, field, sentence| invalid(class(spec), field, sentence);
    let kafka = |more: &str, field, sentence| {
        row(&format!("kafka: {{bootstrapServers: [\"k:9092\"], {more}}}"), field, sentence)
    };
    let secure = |security: &str, field, sentence| kafka(&format!("security: {{{security}}}"), field, sentence);
    let mechanism = "spec.kafka.security.mechanism";
    let exceeds = "The default exceeds the class's own maximum.";
    let names = class("region: x").replace("name: gold", "name: gold.eu");
    vec![
        invalid(names, "metadata.name", "\"gold.eu\" is not a name"),
        row("kafka: {bootstrapServers: []}", "spec.kafka.bootstrapServers", ""),
        row(
            "kafka: {bootstrapServers: [kafka]}",
            "spec.kafka.bootstrapServers[0]",
            "\"kafka\" is not a server such as",
        ),
        secure("protocol: TLS", "spec.kafka.security.protocol", ""),
        secure("protocol: SASL_SSL, adminSecret: s", mechanism, "A SASL protocol needs a mechanism."),
        secure("mechanism: SCRAM-SHA-256", mechanism, "A mechanism has a meaning with a SASL protocol only."),
        secure("protocol: SASL_SSL, mechanism: PLAIN, adminSecret: s", mechanism, ""),
        secure(
            "protocol: SASL_PLAINTEXT, mechanism: SCRAM-SHA-512",
            "spec.kafka.security.adminSecret",
            "A SASL protocol needs the Secret of its admin.",
        ),
        secure("protocol: SSL, adminSecret: s", "spec.kafka.security.adminSecret", "with a SASL protocol only."),
        secure(
            "caSecret: ca",
            "spec.kafka.security.caSecret",
            "An authority has a meaning with SSL and SASL_SSL only.",
        ),
        secure(
            "protocol: SSL, caSecret: other/ca",
            "spec.kafka.security.caSecret",
            "\"other/ca\" is not the name of a Secret.",
        ),
        kafka("principals: PerWorkspace", "spec.kafka.principals", "Principals per workspace need a SASL protocol."),
        kafka(
            "topics: {replicationFactor: 2, minInSyncReplicas: 3}",
            "spec.kafka.topics.minInSyncReplicas",
            "It exceeds replicationFactor, so that nothing could be written.",
        ),
        kafka("topics: {partitions: {directory: 2}}", "spec.kafka.topics.partitions.directory", ""),
        kafka("topics: {partitions: {messages: 65}}", "spec.kafka.topics.partitions.messages", ""),
        row("postgres: {host: \"a b\", adminSecret: s}", "spec.postgres.host", "\"a b\" is not a host."),
        row("postgres: {host: pg}", "spec.postgres.adminSecret", ""),
        row("postgres: {host: pg, port: 0, adminSecret: s}", "spec.postgres.port", ""),
        row(
            "postgres: {host: pg, adminSecret: ../s}",
            "spec.postgres.adminSecret",
            "\"../s\" is not the name of a Secret.",
        ),
        row(
            "postgres: {host: pg, adminSecret: s, tls: {mode: Require, caSecret: ca}}",
            "spec.postgres.tls.caSecret",
            "An authority has a meaning with mode VerifyFull only.",
        ),
        row(
            "objectStore: {endpoint: s3.example, adminSecret: s}",
            "spec.objectStore.endpoint",
            "\"s3.example\" is not a URL",
        ),
        row("routes: {baseURL: chat.example}", "spec.routes.baseURL", "\"chat.example\" is not a URL"),
        row(
            "routes: {baseURL: \"https://c.example\", via: Gateway}",
            "spec.routes.gatewayRef",
            "Routes by Gateway need to know which one.",
        ),
        row(
            "routes: {baseURL: \"https://c.example\", via: Ingress, gatewayRef: {namespace: a, name: b}}",
            "spec.routes.gatewayRef",
            "A Gateway has a meaning with routes by Gateway only.",
        ),
        row(
            "allowed: {hostSuffixes: [chat.example]}",
            "spec.allowed.hostSuffixes[0]",
            "\"chat.example\" is not a suffix",
        ),
        row("allowed: {hostSuffixes: [\".{name}.chat.example\"]}", "spec.allowed.hostSuffixes[0]", "is not a suffix"),
        row("allowed: {issuerHosts: [\"a*.example\"]}", "spec.allowed.issuerHosts[0]", "is not a host of issuers"),
        row("allowed: {isolation: []}", "spec.allowed.isolation", ""),
        row("defaults: {limits: {members: 6}}\n  maximums: {members: 5}", "spec.defaults.limits.members", exceeds),
        row("defaults: {limits: {storage: 1Ti}}\n  maximums: {storage: 20Gi}", "spec.defaults.limits.storage", exceeds),
        row(
            "capacity: {workspaces: 9, storage: plenty}",
            "spec.capacity.storage",
            "\"plenty\" is not a size such as 100Gi.",
        ),
        row("maximums: {storage: 1.5Ti}", "spec.maximums.storage", "\"1.5Ti\" is not a size such as 100Gi."),
        row("capacity: {workspaces: 0}", "spec.capacity.workspaces", ""),
        row("retained: {purgeAfterDays: 0}", "spec.retained.purgeAfterDays", ""),
        row(
            "dedicated: {edge: {minReplicas: 3, maxReplicas: 2}}",
            "spec.dedicated.edge.maxReplicas",
            "It is less than minReplicas.",
        ),
    ]
}

fn retained() -> Vec<Row> {
    let row = |from: &str, to: &str, field, sentence| {
        let text = "apiVersion: threadly.dev/v1alpha1\nkind: RetainedWorkspace\nmetadata: {name: a2b3c4d5e6f7}\n\
                    spec: {workspaceId: a2b3c4d5e6f7, className: standard, handle: acme, displayName: Acme, formerPlace: \
                    {namespace: team-acme, name: acme}, retainedAt: \"2026-11-22T09:10:00Z\"}\n";
        assert!(text.contains(from), "{from}");
        Row { file: false, ..invalid(text.replacen(from, to, 1), field, sentence) }
    };
    vec![
        row("name: a2b3c4d5e6f7", "name: acme", "metadata.name", "A retained workspace is named by its workspace id."),
        row("workspaceId: a2b3c4d5e6f7", "workspaceId: A2B3C4D5E6F7", "spec.workspaceId", "is not a workspace id"),
        row("2026-11-22T09:10:00Z", "yesterday", "spec.retainedAt", ""),
        row("\"2026-11-22T09:10:00Z\"", "\"2026-11-22T09:10:00Z\", purgeAfter: soon", "spec.purgeAfter", ""),
        row("formerPlace: {namespace: team-acme, ", "formerPlace: {", "spec.formerPlace.namespace", ""),
        row("handle: acme", "handle: a_b", "spec.handle", "\"a_b\" is not a name"),
    ]
}
