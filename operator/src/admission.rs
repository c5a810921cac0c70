//! Which manifests may go on, judged together. Pure.
//!
//! Among those that want the same name or handle, the older wins: first who is registered already, then the order in which
//! the source saw them.

use std::collections::{HashMap, HashSet};

use crds::{
    WorkspaceManifest, WorkspaceSpec,
    workspace::{DeletionPolicy, Isolation, Issuer},
};

use tenancy::{Settings, TrustedIssuer, settings::Admits};

use crate::{
    backend_watch::IDENTITY_CHANGED,
    class::Class,
    offers,
    plan::Spec,
    provision::{Target, Wanted},
    source::{Namespace, Namespaces},
    term::Term,
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

/// The place's former workspace is being taken out of service first.
pub const PREDECESSOR: &str = "Predecessor";

impl Refusal {
    /// It is about a backend, and may pass by itself.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self.reason,
            "SecretUnreadable"
                | "BackendUnreachable"
                | "BackendRefused"
                | "Retrying"
                | offers::CLASS_PREPARING
                | PREDECESSOR
        )
    }

    /// It says that the place's workspace belongs to somebody else, so that the manifest has no say in it.
    #[must_use]
    pub fn is_about_another(&self) -> bool {
        matches!(self.reason, "NameTaken" | PREDECESSOR)
    }

    /// It is about a class that can't be used now, which the class itself says: workspaces that are ready go on. That
    /// their data is on another server is theirs to say, too.
    #[must_use]
    pub fn is_of_class(&self) -> bool {
        self.field == "spec.className" && !matches!(self.reason, "ClassMissing" | "ClassFull" | IDENTITY_CHANGED)
    }
}

/// What the registry should hold for a manifest of this class.
///
/// # Errors
/// The class doesn't allow what is asked for.
pub fn spec(manifest: &WorkspaceManifest, class: &Class) -> Result<Spec, Refusal> {
    let asked = &manifest.spec;
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
    let suffixes = class.allowed.host_suffixes.iter().map(|suffix| suffix.replace("{namespace}", &manifest.namespace));
    let suffixes: Vec<String> = suffixes.collect();
    if let Some(host) = asked.hosts.iter().find(|host| !suffixes.iter().any(|suffix| host.ends_with(suffix))) {
        return Err(not_allowed("spec.hosts", &format!("the host name {host}")));
    }
    let issuer_is_allowed = |issuer: &str| class.allowed.issuer_hosts.iter().any(|host| matches_host(host, issuer));
    if let Some(asked) = asked.issuers.iter().find(|asked| !issuer_is_allowed(&asked.issuer)) {
        return Err(not_allowed("spec.issuers", &format!("the issuer {}", asked.issuer)));
    }
    refuse_beyond(class, asked)?;
    let handle = manifest.handle().parse().map_err(|_| Refusal {
        reason: "BadName",
        field: "spec.handle",
        message: "it is not a DNS label".to_owned(),
    })?;
    Ok(Spec {
        handle,
        class_name: class.name.clone(),
        display_name: manifest.display_name().to_owned(),
        owner_email: asked.owner.email.clone(),
        sign_up_mode: asked.sign_up.mode,
        sign_up_domains: asked.sign_up.domains.clone(),
        suspended: asked.suspended,
        settings: Box::new(settings(class, asked)),
        message_partitions: class.partitions().messages,
        namespace_uid: None,
        purge_after_days: purge_after_days(manifest, Some(class)).flatten(),
    })
}

/// What functions are to go by: what the manifest says, else what its class does.
#[must_use]
pub fn settings(class: &Class, asked: &WorkspaceSpec) -> Settings {
    let (asked_limits, usual) = (asked.limits.clone().unwrap_or_default(), &class.limits);
    let storage = asked_limits.storage.as_ref().or(usual.storage.as_ref());
    Settings {
        limits: tenancy::Limits {
            members: asked_limits.members.or(usual.members),
            storage_bytes: storage.and_then(|text| crds::validate::storage_bytes(text)),
            messages_per_second: asked_limits.messages_per_second.or(usual.messages_per_second),
        },
        issuers: issuers(asked),
    }
}

/// The issuers of a manifest, in the registry's terms.
pub(crate) fn issuers(asked: &WorkspaceSpec) -> Vec<TrustedIssuer> {
    asked.issuers.iter().map(trusted).collect()
}

fn trusted(issuer: &Issuer) -> TrustedIssuer {
    TrustedIssuer {
        issuer: issuer.issuer.clone(),
        audiences: issuer.audiences.clone(),
        authorized_parties: issuer.authorized_parties.clone(),
        client_id: issuer.client_id.clone(),
        admits: match issuer.admits {
            crds::workspace::Admits::Members => Admits::Members,
            crds::workspace::Admits::Anyone => Admits::Anyone,
        },
    }
}

/// How long a manifest's data is kept once the manifest is gone, for ever if that is `None`; nothing while nobody knows,
/// since its class is not seen.
#[must_use]
pub fn purge_after_days(manifest: &WorkspaceManifest, class: Option<&Class>) -> Option<Option<u32>> {
    if manifest.spec.deletion_policy != DeletionPolicy::Delete {
        return Some(None);
    }
    let may_be_purged = |class: &&Class| class.allowed.deletion_policies.contains(&DeletionPolicy::Delete);
    class.map(|class| Some(class).filter(may_be_purged).and_then(|class| class.purge_after_days))
}

/// Whether an issuer's URL is on this host; `*.` stands for one or more labels.
fn matches_host(pattern: &str, issuer: &str) -> bool {
    let host = issuer.strip_prefix("https://").unwrap_or(issuer);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    pattern
        .strip_prefix('*')
        .map_or_else(|| host == pattern, |suffix| host.len() > suffix.len() && host.ends_with(suffix))
}

/// The API server's policy has said so already, unless the class came later than the workspace.
fn refuse_namespace(class: &Class, namespace: Option<&Namespace>) -> Result<(), Refusal> {
    let has = |(key, value): (&String, &String)| namespace.is_some_and(|found| found.labels.get(key) == Some(value));
    match class.allowed.namespace_labels.iter().find(|label| !has(*label)) {
        Some((key, value)) => {
            let message = format!("class {:?} takes namespaces with the label {key}={value} only", class.name);
            Err(Refusal { reason: "NotAllowed", field: "metadata.namespace", message })
        }
        None => Ok(()),
    }
}

fn refuse_beyond(class: &Class, asked: &WorkspaceSpec) -> Result<(), Refusal> {
    let Some(limits) = &asked.limits else { return Ok(()) };
    let beyond = |field, asked: Option<u64>, most: Option<u64>| match (asked, most) {
        (Some(asked), Some(most)) if asked > most => {
            let message = format!("class {:?} allows {most} at most", class.name);
            Err(Refusal { reason: "NotAllowed", field, message })
        }
        _ => Ok(()),
    };
    let bytes = |text: &Option<String>| text.as_deref().and_then(crds::validate::storage_bytes);
    let (members, most) = (limits.members, class.maximums.members);
    beyond("spec.limits.members", members.map(u64::from), most.map(u64::from))?;
    let (rate, most) = (limits.messages_per_second, class.maximums.messages_per_second);
    beyond("spec.limits.messagesPerSecond", rate.map(u64::from), most.map(u64::from))?;
    beyond("spec.limits.storage", bytes(&limits.storage), bytes(&class.maximums.storage))
}

/// What is wanted at a manifest's place.
#[must_use]
pub fn wanted(manifest: &WorkspaceManifest, spec: Spec) -> Wanted {
    // The form was checked with the manifest.
    let restore = manifest.spec.restore.as_ref().and_then(|restore| restore.retained_workspace.parse().ok());
    Wanted::Present { spec: Box::new(spec), restore, accepted_loss: manifest.accepted_loss }
}

/// What the registry holds of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its handle.
    pub handle: String,
    /// Its class.
    pub class: String,
    /// The namespace that it was made for, where known.
    pub namespace_uid: Option<String>,
}

impl Registered {
    /// Whether it was made for another namespace than the one that has this name now.
    fn is_strangers(&self, namespaces: &Namespaces, place: &str) -> bool {
        match (&self.namespace_uid, namespaces.get(place)) {
            (Some(bound), Some(now)) => *bound != now.uid,
            _ => false,
        }
    }
}

/// A verdict for each manifest, in the same order. `manifests` is ordered by age, the oldest first; `registered` holds what
/// each place has that has an active workspace. `find` gives the class of who asks for the first and is bound to the second.
#[must_use]
pub fn admit<'a>(
    term: &Term,
    manifests: &[WorkspaceManifest],
    namespaces: Option<&Namespaces>,
    registered: &'a HashMap<String, Registered>,
    find: impl Fn(Option<&str>, Option<&str>) -> Result<&'a Class, Refusal>,
) -> Vec<Result<Target, Refusal>> {
    let mut places: HashMap<String, &str> = HashMap::new();
    let mut handles: HashMap<&str, String> = HashMap::new();
    let mut room = Room::new(registered);
    let holds = |manifest: &&WorkspaceManifest| {
        registered.get(&manifest.place()).is_some_and(|registered| registered.handle == manifest.handle())
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
        let registered = registered.get(&place);
        if let (Some(former), Some(namespaces)) = (registered, namespaces)
            && former.is_strangers(namespaces, &place)
        {
            let message =
                "a workspace of this name belonged to a namespace that is gone; it is retained first".to_owned();
            verdicts.push(Err(Refusal { reason: PREDECESSOR, field: "metadata.namespace", message }));
            continue;
        }
        if namespaces.is_some_and(|namespaces| !namespaces.contains_key(&place)) {
            let message = "its namespace is not seen now; whose it is will be".to_owned();
            verdicts.push(Err(Refusal { reason: PREDECESSOR, field: "metadata.namespace", message }));
            continue;
        }
        let holder = handles.entry(manifest.handle()).or_insert_with(|| place.clone());
        if *holder != place {
            let message = format!("{} is taken by {holder}, which is older; choose another handle", manifest.handle());
            verdicts.push(Err(Refusal { reason: "HandleTaken", field: "spec.handle", message }));
            continue;
        }
        let bound = registered.map(|registered| registered.class.as_str());
        let admitted = find(manifest.spec.class_name.as_deref(), bound).and_then(|class| {
            let mut spec = spec(manifest, class)?;
            if let Some(namespaces) = namespaces {
                let namespace = namespaces.get(&place);
                refuse_namespace(class, namespace)?;
                spec.namespace_uid = namespace.map(|namespace| namespace.uid.clone());
            }
            room.take(class, bound.is_some())?;
            Ok(Target { term: term.clone(), place, wanted: wanted(manifest, spec) })
        });
        verdicts.push(admitted);
    }
    verdicts
}

/// How many workspaces each class has.
struct Room<'a>(HashMap<&'a str, u32>);

impl<'a> Room<'a> {
    fn new(registered: &'a HashMap<String, Registered>) -> Self {
        let mut taken = HashMap::new();
        for registered in registered.values() {
            *taken.entry(registered.class.as_str()).or_default() += 1;
        }
        Self(taken)
    }

    /// A place in a class; whoever is registered has one.
    fn take(&mut self, class: &'a Class, has_one: bool) -> Result<(), Refusal> {
        if has_one {
            return Ok(());
        }
        let taken = self.0.entry(&class.name).or_default();
        if class.capacity.is_some_and(|capacity| *taken >= capacity) {
            let message = format!("class {:?} has {taken} workspaces, and no room for more", class.name);
            return Err(Refusal { reason: "ClassFull", field: "spec.className", message });
        }
        *taken += 1;
        Ok(())
    }
}

/// The registered places whose workspaces no manifest speaks of any more: one of the same name in another namespace, or in
/// one that came later, speaks of another.
#[must_use]
pub fn unclaimed<'a>(
    manifests: &[WorkspaceManifest],
    namespaces: Option<&Namespaces>,
    registered: &'a HashMap<String, Registered>,
) -> Vec<&'a String> {
    let claims = |manifest: &&WorkspaceManifest| match (registered.get(&manifest.place()), namespaces) {
        (Some(registered), Some(namespaces)) => !registered.is_strangers(namespaces, &manifest.place()),
        _ => true,
    };
    let claimed: HashSet<String> = manifests.iter().filter(claims).map(WorkspaceManifest::place).collect();
    registered.keys().filter(|place| !claimed.contains(*place)).collect()
}

#[cfg(test)]
mod tests;
