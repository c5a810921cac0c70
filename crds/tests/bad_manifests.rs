//! Every fault in a manifest gets its place and a plain sentence, and the documents beside it go on.

use crds::{Manifest, manifest::parse};

const HEAD: &str = "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {name: acme}\n";

fn spec(text: &str) -> String {
    format!("{HEAD}spec:\n  owner: {{email: ops@acme.example}}\n{text}")
}

/// What a broken text says, one line per fault.
fn said(text: &str) -> String {
    let lines: Vec<String> = parse("acme.yaml", text)
        .into_iter()
        .map(|result| result.map_or_else(|error| format!("[{}] {error}", error.code.as_str()), |_| "ok".to_owned()))
        .collect();
    lines.join("\n")
}

#[test]
fn each_fault_is_told_with_file_document_field_and_a_sentence() {
    let table = [
        (
            spec("  handel: acme\n"),
            "[UnknownField] acme.yaml, document 1, line 6, spec.handel: There is no such field. Did you mean handle?",
        ),
        (
            spec("  signUp: {mode: Domian, domains: [a.example]}\n"),
            "[BadValue] acme.yaml, document 1, line 6, spec.signUp.mode: \"Domian\" is not possible here; use Invitation, Domain, Open.",
        ),
        (
            spec("  limits: {members: lots}\n"),
            "[WrongType] acme.yaml, document 1, line 6, spec.limits.members: It must be a whole number, not string \"lots\".",
        ),
        (
            spec("  limits: {members: -1}\n"),
            "[WrongType] acme.yaml, document 1, line 6, spec.limits.members: It must be a whole number, not integer -1.",
        ),
        (spec("  handle: 7\n"), "[WrongType] acme.yaml, document 1, spec.handle: It must be a string, not integer 7."),
        (
            spec("  suspended: \"no\"\n"),
            "[WrongType] acme.yaml, document 1, line 6, spec.suspended: It must be a boolean, not string \"no\".",
        ),
        (
            spec("  hosts: talk.example\n"),
            "[WrongType] acme.yaml, document 1, line 6, spec.hosts: It must be a list, not string \"talk.example\".",
        ),
        (
            spec("  hosts: [talk.example, 5]\n"),
            "[WrongType] acme.yaml, document 1, spec.hosts[1]: It must be a string, not integer 5.",
        ),
        (
            format!("{HEAD}spec: {{}}\n"),
            "[MissingField] acme.yaml, document 1, line 4, spec.owner: This field is required.",
        ),
        (HEAD.to_owned(), "[MissingField] acme.yaml, document 1, line 1, spec: This field is required."),
        (
            format!("{HEAD}spec: {{owner: {{email: nobody}}}}\n"),
            "[BadValue] acme.yaml, document 1, spec.owner.email: \"nobody\" is not an e-mail address.",
        ),
        (
            spec("").replace("acme}", "Acme Corp}"),
            "[BadName] acme.yaml, document 1, metadata.name: \"Acme Corp\" is not a name: use a-z, 0-9 and -, with no - at either end.",
        ),
        (
            spec("").replace("acme}", "admin}"),
            "[ReservedHandle] acme.yaml, document 1, metadata.name: The handle \"admin\" is reserved; choose another.",
        ),
        (
            spec("  handle: www\n"),
            "[ReservedHandle] acme.yaml, document 1, spec.handle: The handle \"www\" is reserved; choose another.",
        ),
        (
            spec("  handle: a/b\n"),
            "[BadName] acme.yaml, document 1, spec.handle: \"a/b\" is not a name: use a-z, 0-9 and -, with no - at either end.",
        ),
        (
            spec("  signUp: {mode: Domain}\n"),
            "[BadValue] acme.yaml, document 1, spec.signUp.domains: Mode Domain needs at least one domain.",
        ),
        (
            spec("  signUp: {mode: Open, domains: [a.example]}\n"),
            "[BadValue] acme.yaml, document 1, spec.signUp.domains: Domains have a meaning with mode Domain only.",
        ),
        (
            spec("  signUp: {mode: Domain, domains: [localhost]}\n"),
            "[BadValue] acme.yaml, document 1, spec.signUp.domains[0]: \"localhost\" is not a domain such as acme.example, in lower case.",
        ),
        (
            spec("  limits: {members: 0, storage: 5GB}\n"),
            "[BadValue] acme.yaml, document 1, spec.limits.members: 0 is out of range; 1 to 1000000 are possible.\n[BadValue] acme.yaml, document 1, spec.limits.storage: \"5GB\" is not a size such as 100Gi.",
        ),
        (
            spec("  retention: {messageDays: 99999}\n"),
            "[BadValue] acme.yaml, document 1, spec.retention.messageDays: 99999 is out of range; 1 to 36500 are possible.",
        ),
        (
            spec("  restore: {retainedWorkspace: k3v}\n"),
            "[BadValue] acme.yaml, document 1, spec.restore.retainedWorkspace: \"k3v\" is not a workspace id, which is 12 characters of a-z and 2-7.",
        ),
        (
            spec("  issuers: [{issuer: \"http://a.example\", audiences: [t]}]\n"),
            "[BadValue] acme.yaml, document 1, spec.issuers[0].issuer: An issuer is a URL that begins with https://.",
        ),
        (
            spec("  suspended: true\n  suspended: false\n"),
            "[DuplicateField] acme.yaml, document 1, line 5, spec.suspended: It stands here twice.",
        ),
        (
            spec("").replace("v1alpha1", "v9"),
            "[UnknownKind] acme.yaml, document 1, apiVersion: \"threadly.dev/v9\" is not known here; use threadly.dev/v1alpha1.",
        ),
        (
            spec("").replace("kind: Workspace", "kind: ConfigMap"),
            "[UnknownKind] acme.yaml, document 1, kind: \"ConfigMap\" is not known here; use Workspace.",
        ),
        (
            "kind: Workspace\n".to_owned(),
            "[UnknownKind] acme.yaml, document 1, apiVersion: This field is required; use threadly.dev/v1alpha1.",
        ),
        (
            "hello\n".to_owned(),
            "[WrongType] acme.yaml, document 1, line 1: It must be a set of fields, not string \"hello\".",
        ),
        (String::new(), "[NotYaml] acme.yaml: The file is empty; remove it, or write a comment in it."),
        ("# nothing yet\n".to_owned(), ""),
        (format!("{}# {}", spec(""), "x".repeat(256 * 1024)), "[TooLarge] acme.yaml: The file is larger than 256 KiB."),
    ];
    for (text, expected) in table {
        assert_eq!(said(&text), expected, "\n{}", &text[..text.len().min(300)]);
    }
}

#[test]
fn text_that_is_not_yaml_says_where() {
    for text in [
        "a: [1, 2\n",
        "\tkind: Workspace\n",
        "a: b: c\n",
        "kind: \"Workspace\n",
        "{{ .Values }}\n",
        "a: &x *x\n",
        "\u{1}\n",
    ] {
        let said = said(text);
        assert!(
            said.starts_with("[NotYaml] acme.yaml, document 1")
                || said.starts_with("[WrongType]")
                || said.starts_with("[UnknownKind]"),
            "{text:?}: {said}"
        );
    }
}

#[test]
fn a_bad_document_does_not_take_its_neighbours_with_it() {
    let text = format!(
        "---\n{}---\n{}---\n# nothing\n---\n{}",
        spec(""),
        spec("  oops: 1\n"),
        spec("").replace("acme}", "beta}")
    );
    let results = parse("all.yaml", &text);
    let names: Vec<_> = results
        .iter()
        .map(|result| match result {
            Ok(Manifest::Workspace(manifest)) => (manifest.document, manifest.place()),
            Ok(Manifest::Class(class)) => (class.document, class.name.clone()),
            Err(error) => (error.document.unwrap(), error.place.clone().unwrap()),
        })
        .collect();
    assert_eq!(names, [(1, "default/acme".into()), (2, "default/acme".into()), (4, "default/beta".into())]);
    assert!(results[1].is_err());
}

#[test]
fn the_documented_examples_are_valid() {
    let text = include_str!("examples.yaml");
    let results = parse("examples.yaml", text);
    assert_eq!(results.len(), 2);
    for result in results {
        result.unwrap();
    }
}

#[test]
fn what_kubectl_prints_can_be_read_back() {
    let text = spec("").replace(
        "{name: acme}",
        "{name: acme, namespace: team, uid: x, resourceVersion: \"5\", generation: 1, creationTimestamp: \"2026-01-01T00:00:00Z\", managedFields: []}",
    ) + "status: {workspaceId: k3v7q2hdm6xa}\n";
    assert_eq!(said(&text), "ok");
}

#[test]
fn an_alias_bomb_is_refused_quickly() {
    let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for level in 1..12 {
        let names = vec![format!("*a{}", level - 1); 9].join(",");
        text.push_str(&format!("a{level}: &a{level} [{names}]\n"));
    }
    let start = std::time::Instant::now();
    assert!(parse("bomb.yaml", &text).iter().all(Result::is_err));
    assert!(start.elapsed() < std::time::Duration::from_secs(5));
}
