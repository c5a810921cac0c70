use std::collections::BTreeMap;

use super::*;
use crate::class::STANDARD;

fn manifest(file: &str, name: &str, more: &str) -> WorkspaceManifest {
    let text = format!(
        "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {{name: {name}}}\n\
         spec: {{owner: {{email: a@b.example}}, {more}}}\n"
    );
    match crds::manifest::parse(file, &text).remove(0) {
        Ok(crds::Manifest::Workspace(manifest)) => *manifest,
        other => panic!("{other:?}"),
    }
}

fn registered_as(handle: &str, namespace: Option<&str>) -> Registered {
    let namespace_uid = namespace.map(str::to_owned);
    Registered { handle: handle.to_owned(), class: STANDARD.to_owned(), namespace_uid }
}

fn reasons(manifests: &[WorkspaceManifest], registered: &[(&str, &str)]) -> Vec<&'static str> {
    let registered: HashMap<String, Registered> =
        registered.iter().map(|(place, handle)| ((*place).to_owned(), registered_as(handle, None))).collect();
    let class = Class { capacity: Some(3), ..Class::standard() };
    let find = |asked: Option<&str>, _: Option<&str>| match asked {
        None | Some(STANDARD) => Ok(&class),
        Some(_) => {
            Err(Refusal { reason: "ClassMissing", field: "spec.className", message: "there is none".to_owned() })
        }
    };
    admit(&Term::alone("test"), manifests, None, &registered, find)
        .into_iter()
        .map(|verdict| verdict.map_or_else(|refusal| refusal.reason, |_| "ok"))
        .collect()
}

#[test]
fn the_older_of_two_with_one_handle_wins() {
    let pair = [manifest("a.yaml", "one", "handle: chat"), manifest("b.yaml", "two", "handle: chat")];
    assert_eq!(reasons(&pair, &[]), ["ok", "HandleTaken"]);
    assert_eq!(reasons(&pair, &[("default/two", "chat")]), ["HandleTaken", "ok"]);
}

#[test]
fn the_older_of_two_with_one_name_wins() {
    let pair = [manifest("a.yaml", "one", ""), manifest("b.yaml", "one", "displayName: Second")];
    assert_eq!(reasons(&pair, &[]), ["ok", "NameTaken"]);
}

#[test]
fn what_the_class_does_not_allow_is_refused() {
    for (more, reason) in [
        ("className: gold", "ClassMissing"),
        ("className: standard", "ok"),
        ("isolation: Dedicated", "NotAllowed"),
        ("deletionPolicy: Delete", "NotAllowed"),
        ("hosts: [talk.acme.example]", "NotAllowed"),
        ("issuers: [{issuer: \"https://a.example\", audiences: [t]}]", "NotAllowed"),
    ] {
        assert_eq!(reasons(&[manifest("a.yaml", "one", more)], &[]), [reason], "{more}");
    }
}

#[test]
fn a_full_class_takes_no_more_and_keeps_what_it_has() {
    let four = ["one", "two", "three", "four"].map(|name| manifest(&format!("{name}.yaml"), name, ""));
    assert_eq!(reasons(&four, &[]), ["ok", "ok", "ok", "ClassFull"]);
    assert_eq!(reasons(&four, &[("default/four", "four")]), ["ok", "ok", "ClassFull", "ok"]);
}

#[test]
fn what_a_class_allows_goes_no_further() {
    let mut class = Class::standard();
    class.allowed.host_suffixes = vec![".{namespace}.chat.example".to_owned()];
    class.allowed.issuer_hosts = vec!["*.clerk.example".to_owned()];
    class.maximums.members = Some(10);
    class.maximums.storage = Some("1Gi".to_owned());
    for (more, refused) in [
        ("hosts: [talk.default.chat.example]", None),
        ("hosts: [talk.other.chat.example]", Some("spec.hosts")),
        ("issuers: [{issuer: \"https://a.clerk.example/x\", audiences: [t]}]", None),
        ("issuers: [{issuer: \"https://clerk.example\", audiences: [t]}]", Some("spec.issuers")),
        ("issuers: [{issuer: \"https://evil.example/.clerk.example\", audiences: [t]}]", Some("spec.issuers")),
        ("limits: {members: 10, storage: 1024Mi, messagesPerSecond: 9}", None),
        ("limits: {members: 11}", Some("spec.limits.members")),
        ("limits: {storage: 1025Mi}", Some("spec.limits.storage")),
    ] {
        let verdict = spec(&manifest("a.yaml", "one", more), &class);
        assert_eq!(verdict.err().map(|refusal| refusal.field), refused, "{more}");
    }
}

#[test]
fn a_class_for_some_namespaces_takes_no_others() {
    let mut class = Class::standard();
    class.allowed.namespace_labels = BTreeMap::from([("tenant".to_owned(), "true".to_owned())]);
    for (labels, allowed) in [(None, false), (Some(("tenant", "false")), false), (Some(("tenant", "true")), true)] {
        let labels = labels.map(|(key, value)| BTreeMap::from([(key.to_owned(), value.to_owned())]));
        let namespace = labels.map(|labels| Namespace { uid: "1".to_owned(), labels });
        assert_eq!(refuse_namespace(&class, namespace.as_ref()).is_ok(), allowed, "{namespace:?}");
    }
}

#[test]
fn a_refused_manifest_still_claims_its_place() {
    let refused = [manifest("a.yaml", "one", "isolation: Dedicated")];
    let places = ["one", "two"].map(|name| (format!("default/{name}"), registered_as(name, None)));
    assert_eq!(unclaimed(&refused, None, &HashMap::from(places)), ["default/two"]);
}

#[test]
fn a_namespace_made_again_gets_nothing_of_the_former() {
    let manifests = [manifest("", "one", "")];
    let class = Class::standard();
    let registered = HashMap::from([("default/one".to_owned(), registered_as("one", Some("old")))]);
    let judge = |uid: Option<&str>, registered: &HashMap<String, Registered>| {
        let seen = |uid: &str| ("default/one".to_owned(), Namespace { uid: uid.to_owned(), labels: BTreeMap::new() });
        let namespaces: Namespaces = uid.map(seen).into_iter().collect();
        let verdict =
            admit(&Term::alone("test"), &manifests, Some(&namespaces), registered, |_, _| Ok(&class)).remove(0);
        (verdict.map_err(|refusal| refusal.reason), unclaimed(&manifests, Some(&namespaces), registered).len())
    };
    let bound = |(verdict, unclaimed): (Result<Target, &str>, usize)| match verdict.unwrap().wanted {
        Wanted::Present { spec, .. } => (spec.namespace_uid.clone(), unclaimed),
        Wanted::Absent => panic!("it is wanted"),
    };
    assert_eq!(bound(judge(Some("old"), &registered)), (Some("old".to_owned()), 0));
    let (verdict, unclaimed) = judge(None, &registered);
    assert_eq!((verdict.unwrap_err(), unclaimed), (PREDECESSOR, 0), "whose it is is not known, and nobody loses it");
    let (verdict, unclaimed) = judge(Some("new"), &registered);
    assert_eq!((verdict.unwrap_err(), unclaimed), (PREDECESSOR, 1));
    // Nor is anything made for a namespace that nobody knows.
    assert_eq!(judge(None, &HashMap::new()).0.unwrap_err(), PREDECESSOR);
    assert_eq!(bound(judge(Some("new"), &HashMap::new())), (Some("new".to_owned()), 0));
}
