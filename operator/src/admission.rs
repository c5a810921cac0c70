//! Which manifests may go on, judged together. Pure.
//!
//! Among those that want the same name or handle, the older wins: first who is registered already, then the order in which
//! the source saw them.

use std::collections::{HashMap, HashSet};

use crds::{
    WorkspaceManifest,
    workspace::{DeletionPolicy, Isolation},
};

use crate::{
    class::Class,
    plan::Spec,
    provision::{Target, Wanted},
    registry::DIRECTORY,
};

/// Why a manifest that is valid by itself can't have what it asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Refusal {
    /// Stable, for statuses.
    pub reason: &'static str,
    /// Path of the field.
    pub field: &'static str,
    /// A plain sentence.
    pub message: String,
}

/// What the registry should hold for a manifest.
///
/// # Errors
/// The class isn't this one, or doesn't allow what is asked for.
pub fn spec(manifest: &WorkspaceManifest, class: &Class) -> Result<Spec, Refusal> {
    let asked = &manifest.spec;
    let class_name = asked.class_name.as_deref().unwrap_or(&class.name);
    if class_name != class.name {
        let message = format!("there is no class {class_name:?} here; {:?} is built in", class.name);
        return Err(Refusal { reason: "ClassMissing", field: "spec.className", message });
    }
    let not_allowed = |field, what: &str| {
        let message = format!("class {:?} does not allow {what}", class.name);
        Refusal { reason: "NotAllowed", field, message }
    };
    if !class.allowed.isolation.contains(&asked.isolation) {
        let what = if asked.isolation == Isolation::Dedicated { "Dedicated" } else { "Shared" };
        return Err(not_allowed("spec.isolation", what));
    }
    if !class.allowed.deletion_policies.contains(&asked.deletion_policy) {
        let what = if asked.deletion_policy == DeletionPolicy::Delete { "Delete" } else { "Retain" };
        return Err(not_allowed("spec.deletionPolicy", what));
    }
    if class.allowed.host_suffixes.is_empty() && !asked.hosts.is_empty() {
        return Err(not_allowed("spec.hosts", "host names"));
    }
    if class.allowed.issuer_hosts.is_empty() && !asked.issuers.is_empty() {
        return Err(not_allowed("spec.issuers", "outside issuers"));
    }
    let handle = manifest.handle().parse().map_err(|_| Refusal {
        reason: "BadName",
        field: "spec.handle",
        message: "it is not a DNS label".to_owned(),
    })?;
    Ok(Spec {
        handle,
        class_name: class_name.to_owned(),
        display_name: manifest.display_name().to_owned(),
        owner_email: asked.owner.email.clone(),
        sign_up_mode: asked.sign_up.mode,
        sign_up_domains: asked.sign_up.domains.clone(),
        suspended: asked.suspended,
        message_partitions: class.partitions().messages,
    })
}

/// What is wanted at a manifest's place.
#[must_use]
pub fn wanted(manifest: &WorkspaceManifest, spec: Spec) -> Wanted {
    // The form was checked with the manifest.
    let restore = manifest.spec.restore.as_ref().and_then(|restore| restore.retained_workspace.parse().ok());
    Wanted::Present { spec: Box::new(spec), restore }
}

/// A verdict for each manifest, in the same order. `manifests` is ordered by age, the oldest first; `registered` holds the
/// handle of each place that has an active workspace.
#[must_use]
pub fn admit(
    manifests: &[WorkspaceManifest],
    registered: &HashMap<String, String>,
    class: &Class,
) -> Vec<Result<Target, Refusal>> {
    let mut places: HashMap<String, &str> = HashMap::new();
    let mut handles: HashMap<&str, String> = HashMap::new();
    let holds = |manifest: &&WorkspaceManifest| {
        registered.get(&manifest.place()).is_some_and(|handle| handle == manifest.handle())
    };
    for manifest in manifests.iter().filter(|manifest| holds(manifest)) {
        handles.entry(manifest.handle()).or_insert_with(|| manifest.place());
    }
    let mut verdicts = Vec::with_capacity(manifests.len());
    for manifest in manifests {
        let place = manifest.place();
        if let Some(file) = places.get(&place) {
            let message =
                format!("{} already stands in {file}, which is older; it goes on as that says", manifest.name);
            verdicts.push(Err(Refusal { reason: "NameTaken", field: "metadata.name", message }));
            continue;
        }
        places.insert(place.clone(), &manifest.file);
        let holder = handles.entry(manifest.handle()).or_insert_with(|| place.clone());
        if *holder != place {
            let message = format!("{} is taken by {holder}, which is older; choose another handle", manifest.handle());
            verdicts.push(Err(Refusal { reason: "HandleTaken", field: "spec.handle", message }));
            continue;
        }
        verdicts.push(spec(manifest, class).map(|spec| Target {
            source: DIRECTORY,
            place,
            wanted: wanted(manifest, spec),
        }));
    }
    verdicts
}

/// The registered places that no manifest speaks of any more.
#[must_use]
pub fn unclaimed<'a>(manifests: &[WorkspaceManifest], registered: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    let claimed: HashSet<String> = manifests.iter().map(WorkspaceManifest::place).collect();
    registered.filter(|place| !claimed.contains(*place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn reasons(manifests: &[WorkspaceManifest], registered: &[(&str, &str)]) -> Vec<&'static str> {
        let registered = registered.iter().map(|(place, handle)| ((*place).into(), (*handle).into())).collect();
        admit(manifests, &registered, &Class::standard())
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
    fn a_refused_manifest_still_claims_its_place() {
        let refused = [manifest("a.yaml", "one", "isolation: Dedicated")];
        let places = ["default/one".to_owned(), "default/two".to_owned()];
        assert_eq!(unclaimed(&refused, places.iter()), ["default/two"]);
    }
}
