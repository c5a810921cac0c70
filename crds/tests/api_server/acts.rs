//! Acts on good objects: what the people may do, and what is refused them. Acts are dry runs where they can be, so that one
//! does not see what another did.

use crate::cluster::{Answer, Cluster, OPERATOR};

/// One act and its verdict.
struct Act {
    user: &'static str,
    args: Vec<String>,
    stdin: Option<String>,
    /// Empty if it is allowed.
    reason: &'static str,
    /// What our words begin with: the field.
    field: &'static str,
    sentence: &'static str,
}

/// Does all that leaves no trace; answers what went otherwise.
pub fn judged(cluster: &Cluster) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    policies_are_at_work(cluster)?;
    for act in [what_never_changes(), what_a_class_allows(), who_may(), what_is_free()].into_iter().flatten() {
        faults.extend(judge(cluster, &act));
    }
    Ok(faults)
}

fn judge(cluster: &Cluster, act: &Act) -> Option<String> {
    let args: Vec<&str> = act.args.iter().map(String::as_str).collect();
    let answer = cluster.as_user(act.user, &args, act.stdin.as_deref());
    let named = act.field.is_empty() || answer.errors.contains(&format!("{}: ", act.field));
    let right = answer.reason() == act.reason && named && answer.errors.contains(act.sentence);
    (!right).then(|| {
        let Act { user, reason, field, sentence, .. } = act;
        let stdin = act.stdin.as_deref().unwrap_or_default();
        format!("{user}: {args:?} {stdin}\n  should be {reason:?} at {field} with {sentence:?}, but: {answer:?}")
    })
}

/// A policy is at work a moment after it is installed, and again after each class is written.
fn policies_are_at_work(cluster: &Cluster) -> anyhow::Result<()> {
    for (name, user, args, stdin) in [
        (
            "workspace-class",
            "tenant-a",
            ["create", "--dry-run=server", "-f", "-"].as_slice(),
            Some(asked("bare", "", "")),
        ),
        (
            "workspace-class, the minimal one",
            "platform",
            &["create", "--dry-run=server", "-f", "-"],
            Some(asked("team-b", "small", "hosts: [a.example]")),
        ),
        (
            "workspace-restore",
            "tenant-a",
            &["create", "--dry-run=server", "-f", "-"],
            Some(asked("team-acme", "", "restore: {retainedWorkspace: k3v7q2hdm7xa}")),
        ),
        (
            "workspace-deletion",
            "tenant-a",
            &["delete", "ws", "acme", "--namespace=team-acme", "--dry-run=server"],
            None,
        ),
    ] {
        let ask = |cluster: &Cluster| cluster.as_user(user, args, stdin.as_deref());
        cluster.until(name, ask, |answer: &Answer| {
            answer.reason() == "Forbidden" && answer.errors.contains("denied request: ")
        })?;
    }
    Ok(())
}

/// A workspace's manifest; of the default class if `class` is empty.
fn asked(namespace: &str, class: &str, more: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!("className: {class}, ") };
    format!(
        "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {{name: fresh, namespace: {namespace}}}\n\
         spec: {{{class}owner: {{email: a@b.example}}, {more}}}\n"
    )
}

fn create(user: &'static str, text: String) -> Act {
    let args = ["create", "--dry-run=server", "-f", "-"].map(str::to_owned).to_vec();
    Act { user, args, stdin: Some(text), reason: "", field: "", sentence: "" }
}

fn patch(user: &'static str, kind_and_name: &str, patch: &str) -> Act {
    let args = format!("patch {kind_and_name} --namespace=team-acme --type=merge --dry-run=server --patch");
    let args = args.split(' ').chain([patch]).map(str::to_owned).collect();
    Act { user, args, stdin: None, reason: "", field: "", sentence: "" }
}

/// A status that is applied to the subresource.
fn status(kind: &str, name: &str, status: &str) -> Act {
    let namespace = if kind == "Workspace" { ", namespace: team-acme" } else { "" };
    let text = format!(
        "apiVersion: threadly.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}{namespace}}}\nstatus: {status}\n"
    );
    let line =
        "apply --server-side --subresource=status --field-manager=threadly --force-conflicts --dry-run=server -f -";
    Act { stdin: Some(text), ..command("admin", line) }
}

fn command(user: &'static str, line: &str) -> Act {
    Act { user, args: line.split(' ').map(str::to_owned).collect(), stdin: None, reason: "", field: "", sentence: "" }
}

impl Act {
    fn is(self, reason: &'static str, field: &'static str, sentence: &'static str) -> Self {
        Self { reason, field, sentence, ..self }
    }
}

fn what_never_changes() -> Vec<Act> {
    let acme = |change: &str, field, sentence| patch("tenant-a", "ws acme", change).is("Invalid", field, sentence);
    let class = "The class never changes once it is set.";
    let handle = "The handle never changes.";
    let restore = "A workspace is restored at its creation only.";
    let long = "ws a123456789-123456789-123456789-123456789-123456789-123456789-12";
    let other = r#"{"spec": {"restore": {"retainedWorkspace": "a2b3c4d5e6f7"}}}"#;
    let falls = "The generation of credentials never falls.";
    let retained =
        |change| patch("platform", "rws k3v7q2hdm7xa", change).is("Invalid", "spec", "only purgeAfter can be changed.");
    vec![
        acme(r#"{"spec": {"className": "small"}}"#, "spec.className", class),
        acme(r#"{"spec": {"className": null}}"#, "spec.className", class),
        acme(r#"{"spec": {"handle": "other"}}"#, "spec.handle", handle),
        patch("tenant-a", "ws beta", r#"{"spec": {"handle": "other"}}"#).is("Invalid", "spec.handle", handle),
        acme(r#"{"spec": {"isolation": "Dedicated"}}"#, "spec.isolation", "The isolation never changes."),
        acme(other, "spec.restore", restore),
        patch("platform", long, other).is("Invalid", "spec.restore", restore),
        // Its class is the default one, as the operator said in its status.
        patch("platform", "ws gamma", r#"{"spec": {"className": "small"}}"#).is(
            "Invalid",
            "spec.className",
            "The workspace is bound to another class, which never changes; status.className names it.",
        ),
        acme(r#"{"spec": {"credentials": null}}"#, "spec.credentials.generation", falls),
        retained(r#"{"spec": {"handle": "other"}}"#),
        retained(r#"{"spec": {"formerPlace": {"cluster": null}}}"#),
    ]
}

fn what_a_class_allows() -> Vec<Act> {
    let standard =
        |more: &str, field, sentence| create("tenant-a", asked("team-acme", "", more)).is("Forbidden", field, sentence);
    let small = |more: &str, field, sentence| {
        create("platform", asked("team-acme", "small", more)).is("Forbidden", field, sentence)
    };
    let labels = "The namespace bare lacks labels that the class standard asks for: threadly.dev/tenant=true.";
    let hosts = "the class standard does not allow";
    vec![
        create("tenant-a", asked("bare", "", "")).is("Forbidden", "metadata.namespace", labels),
        create("tenant-a", asked("bare", "standard", "")).is("Forbidden", "metadata.namespace", labels),
        standard("hosts: [talk.team-b.chat.example.com]", "spec.hosts", "does not allow talk.team-b.chat.example.com;"),
        standard(
            "hosts: [a.talk.example, xteam-acme.chat.example.com]",
            "spec.hosts",
            "allow xteam-acme.chat.example.com;",
        ),
        standard("hosts: [a.eviltalk.example]", "spec.hosts", hosts),
        standard("hosts: [a.talk.example.evil.example]", "spec.hosts", hosts),
        standard("limits: {members: 50001}", "spec.limits.members", "the class standard allows at most 50000."),
        standard("limits: {storage: 1025Gi}", "spec.limits.storage", "the class standard allows at most 1Ti."),
        standard("limits: {messagesPerSecond: 2001}", "spec.limits.messagesPerSecond", "allows at most 2000."),
        standard(
            "issuers: [{issuer: \"https://clerk.accounts.dev.evil.example\", audiences: [t]}]",
            "spec.issuers",
            "the class standard does not allow https://clerk.accounts.dev.evil.example; the host is *.clerk.accounts.dev or",
        ),
        standard(
            "issuers: [{issuer: \"https://evil.example/.clerk.accounts.dev\", audiences: [t]}]",
            "spec.issuers",
            hosts,
        ),
        small("isolation: Dedicated", "spec.isolation", "the class small does not allow Dedicated."),
        small("deletionPolicy: Delete", "spec.deletionPolicy", "the class small does not allow Delete."),
        small("hosts: [a.example]", "spec.hosts", "the class small does not allow a.example; it allows no hosts."),
        small(
            "issuers: [{issuer: \"https://a.example\", audiences: [t]}]",
            "spec.issuers",
            "it allows no outside issuers.",
        ),
        // The same on a change, for what it changes.
        patch("tenant-a", "ws acme", r#"{"spec": {"hosts": ["a.example"]}}"#).is("Forbidden", "spec.hosts", hosts),
        patch("tenant-a", "ws acme", r#"{"spec": {"limits": {"members": 50001}}}"#).is(
            "Forbidden",
            "spec.limits.members",
            "",
        ),
        patch("tenant-a", "ws gamma", r#"{"spec": {"limits": {"members": 50001}}}"#).is(
            "Forbidden",
            "spec.limits.members",
            "",
        ),
    ]
}

fn who_may() -> Vec<Act> {
    let restore = "restore: {retainedWorkspace: k3v7q2hdm7xa}";
    let forbidden = |act: Act| act.is("Forbidden", "", "");
    vec![
        create("tenant-a", asked("team-acme", "small", "")).is(
            "Forbidden",
            "spec.className",
            "tenant-a may not use the class small; it takes the verb \"use\" on it.",
        ),
        create("tenant-b", asked("team-b", "standard", "")).is("Forbidden", "spec.className", "tenant-b may not use"),
        create("tenant-b", asked("team-b", "", "")).is(
            "Forbidden",
            "spec.className",
            "may not use the class standard;",
        ),
        create("tenant-a", asked("team-acme", "", restore)).is(
            "Forbidden",
            "spec.restore.retainedWorkspace",
            "tenant-a may not restore k3v7q2hdm7xa; it takes the verb \"restore\" on it.",
        ),
        forbidden(create("tenant-a", asked("team-b", "", ""))),
        forbidden(create("tenant-b", asked("team-acme", "", ""))),
        forbidden(patch("tenant-a", "wsclass standard", r#"{"spec": {"maximums": null}}"#)),
        forbidden(patch("tenant-a", "ws acme --subresource=status", r#"{"status": {"workspaceId": "a2b3c4d5e6f7"}}"#)),
        forbidden(command("tenant-a", "get rws")),
        forbidden(command("tenant-a", "delete rws k3v7q2hdm7xa --dry-run=server")),
        forbidden(command("platform", "get secrets --namespace=threadly-system")),
        forbidden(command(OPERATOR, "get secrets --namespace=team-acme")),
        forbidden(command(OPERATOR, "delete ws beta --namespace=team-acme --dry-run=server")),
        forbidden(patch(OPERATOR, "ws beta", r#"{"spec": {"suspended": true}}"#)),
        forbidden(patch(OPERATOR, "wsclass standard", r#"{"spec": {"region": "x"}}"#)),
    ]
}

fn what_is_free() -> Vec<Act> {
    let acme = |change: &str| patch("tenant-a", "ws acme", change);
    let mut unknown = create("tenant-a", asked("team-acme", "", "handel: x"));
    unknown.args.push("--validate=false".to_owned());
    vec![
        // A class that doesn't exist is the operator's to tell of.
        create("tenant-a", asked("team-acme", "unheard-of", "isolation: Dedicated")),
        create("platform", asked("team-acme", "", "restore: {retainedWorkspace: k3v7q2hdm7xa}")),
        create("platform", asked("team-b", "small", "")),
        create("tenant-a", asked("team-acme", "", "hosts: [a.b.team-acme.chat.example.com, x.talk.example]")),
        create(
            "tenant-a",
            asked("team-acme", "", "limits: {members: 50000, storage: 1024Gi, messagesPerSecond: 2000}"),
        ),
        create(
            "tenant-a",
            asked("team-acme", "", "issuers: [{issuer: \"https://login.example.com/x\", audiences: [t]}]"),
        ),
        // Null is absent, and what nobody checks is dropped.
        create("tenant-a", asked("team-acme", "", "handle: null, limits: null, signUp: null")),
        unknown,
        acme(r#"{"spec": {"suspended": true, "paused": true, "deletionProtection": false, "displayName": "New"}}"#),
        acme(r#"{"spec": {"credentials": {"generation": 2}, "hosts": null, "issuers": null, "limits": null}}"#),
        patch("tenant-a", "ws beta", r#"{"spec": {"className": "standard", "handle": "beta"}}"#),
        patch("tenant-a", "ws gamma", r#"{"spec": {"className": "standard"}}"#),
        patch("tenant-a", "ws acme", r#"{"metadata": {"labels": {"a": "b"}}}"#),
        patch(
            "tenant-a",
            "ws a123456789-123456789-123456789-123456789-123456789-123456789-12",
            r#"{"spec": {"restore": null}}"#,
        ),
        patch("platform", "rws k3v7q2hdm7xa", r#"{"spec": {"purgeAfter": "2027-01-01T00:00:00Z"}}"#),
        patch("platform", "rws k3v7q2hdm7xa", r#"{"spec": {"purgeAfter": null}}"#),
        command("tenant-a", "get wsclass standard"),
        command("tenant-a", "delete ws beta --namespace=team-acme --dry-run=server"),
        status("Workspace", "beta", r#"{"className": "standard", "observedGeneration": 4}"#),
        status("WorkspaceClass", "standard", r#"{"observedGeneration": 1}"#),
        status("RetainedWorkspace", "k3v7q2hdm7xa", r#"{"phase": "Purging"}"#),
        command(OPERATOR, "get secrets --namespace=threadly-system"),
        command(OPERATOR, "get namespaces"),
        command(OPERATOR, "get crd workspaces.threadly.dev"),
        command(OPERATOR, "delete rws a2b3c4d5e6f7 --dry-run=server"),
    ]
}

/// A class that became stricter refuses what is newly asked for, and leaves the rest as it was.
pub fn stricter(cluster: &Cluster) -> anyhow::Result<Vec<String>> {
    let stricter = r#"{"spec": {"maximums": {"members": 600}, "allowed": {"hostSuffixes": [".other.example"], "issuerHosts": null, "deletionPolicies": ["Delete"], "namespaceLabels": {"x": "y"}}}}"#;
    cluster
        .as_user("platform", &["patch", "wsclass", "standard", "--type=merge", "--patch", stricter], None)
        .ok_or_said()?;
    let raised = r#"{"spec": {"limits": {"members": 2001}}}"#;
    let refused = || patch("tenant-a", "ws acme", raised).is("Forbidden", "spec.limits.members", "allows at most 600.");
    let args = refused().args;
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let ask = |cluster: &Cluster| cluster.as_user("tenant-a", &args, None);
    cluster.until("the stricter class", ask, |answer: &Answer| answer.reason() == "Forbidden")?;
    let acts = [
        refused(),
        create("tenant-a", asked("team-acme", "", "")).is("Forbidden", "metadata.namespace", "lacks labels"),
        patch("tenant-a", "ws acme", r#"{"spec": {"displayName": "Still here"}}"#),
        patch("tenant-a", "ws acme", r#"{"spec": {"limits": {"members": 1999}}}"#),
        patch("tenant-a", "ws acme", r#"{"spec": {"hosts": ["acme.talk.example"]}}"#),
        patch("tenant-a", "ws acme", r#"{"spec": {"suspended": true}}"#),
        status("Workspace", "acme", r#"{"observedGeneration": 2}"#),
        // The class goes while it is in use: nothing is asked any more.
        command("platform", "delete wsclass standard --dry-run=server"),
    ];
    Ok(acts.iter().filter_map(|act| judge(cluster, act)).collect())
}

/// A protected workspace stays, also when all are deleted at once, and its namespace with it.
pub fn protection(cluster: &Cluster) -> anyhow::Result<Vec<String>> {
    const SENTENCE: &str = "The workspace team-acme/acme is protected, also when its namespace is deleted; \
                            set spec.deletionProtection to false first.";
    let refused = |act: Act| act.is("Forbidden", "spec.deletionProtection", SENTENCE);
    let acts = [
        refused(command("tenant-a", "delete ws acme --namespace=team-acme --dry-run=server")),
        refused(command("platform", "delete ws acme --namespace=team-acme --wait=false")),
        refused(command("admin", "delete ws --all --namespace=team-acme --dry-run=server")),
        refused(command("admin", "delete --raw /apis/threadly.dev/v1alpha1/namespaces/team-acme/workspaces")),
    ];
    let faults = acts.iter().filter_map(|act| judge(cluster, act)).collect();
    let get = ["get", "ws", "acme", "--namespace=team-acme", "--output=name"];
    cluster.admin(&get, None).ok_or_said()?;
    if cluster.has_controllers() {
        cluster.admin(&["delete", "namespace", "team-acme", "--wait=false"], None).ok_or_said()?;
        let conditions = ["get", "namespace", "team-acme", "--output=jsonpath={.status.conditions[*].message}"];
        cluster.until(
            "the namespace says why it stays",
            |cluster| cluster.admin(&conditions, None),
            |answer| answer.out.contains(SENTENCE),
        )?;
        cluster.admin(&get, None).ok_or_said()?;
        let free = r#"{"spec": {"deletionProtection": false}}"#;
        let args = ["patch", "ws", "acme", "--namespace=team-acme", "--type=merge", "--patch", free];
        // The tenants' role bindings may be gone already.
        cluster.as_user("platform", &args, None).ok_or_said()?;
        cluster.until(
            "the namespace goes",
            |cluster| cluster.admin(&["get", "namespace", "team-acme"], None),
            |answer| answer.reason() == "NotFound",
        )?;
    }
    Ok(faults)
}
