//! The cluster's objects at hand, and its Workspaces as manifests. A watch that breaks is taken up again with everything
//! listed anew, so that nothing that happened meanwhile is missed; until the first list is whole, nothing is taken for
//! absent.
//!
//! Objects are decoded one by one: one that a newer version has written blinds nobody to the others.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crds::{ErrorCode, ManifestError, Workspace, WorkspaceManifest, manifest, validate};
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture};
use kube::{
    Api, Client, Resource, ResourceExt as _,
    api::{ApiResource, DynamicObject},
    runtime::{
        WatchStreamExt as _,
        reflector::{Store, store::Writer},
        watcher,
    },
};
use serde::de::DeserializeOwned;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::source::{Absence, Snapshot, Version};

/// All objects of a kind.
pub type Objects = Store<DynamicObject>;

/// Keeps all objects of a kind at hand, until `shutdown`; `changed` is told of every change.
pub fn keep<K>(
    (client, changed, shutdown): (Client, Arc<Notify>, CancellationToken),
) -> (Objects, BoxFuture<'static, ()>)
where
    K: Resource<DynamicType = ()>,
{
    let resource = ApiResource::erase::<K>(&());
    let api = Api::<DynamicObject>::all_with(client, &resource);
    let kind = resource.kind.clone();
    let writer = Writer::<DynamicObject>::new(resource);
    let store = writer.as_reader();
    // Who wrote which field is most of an object, and nobody asks here.
    let slim = |object: &mut DynamicObject| object.metadata.managed_fields = None;
    let stream = watcher(api, watcher::Config::default()).default_backoff().modify(slim).reflect(writer);
    let kept = async move {
        let mut stream = std::pin::pin!(stream);
        while let Some(Some(event)) = shutdown.run_until_cancelled(stream.next()).await {
            match event {
                Ok(watcher::Event::Init | watcher::Event::InitApply(_)) => {}
                Ok(watcher::Event::InitDone | watcher::Event::Apply(_) | watcher::Event::Delete(_)) => {
                    changed.notify_one();
                }
                Err(error) => tracing::warn!(kind, %error, "watching again"),
            }
        }
    };
    (store, kept.boxed())
}

/// An object as this version knows it.
///
/// # Errors
/// It has what this version doesn't know.
pub fn decode<K: Resource + DeserializeOwned>(object: &DynamicObject) -> Result<K, String> {
    object.clone().try_parse().map_err(|error| error.to_string())
}

/// What objects were read as. Each is read once: most changes are of statuses, which nobody reads here.
#[derive(Default)]
pub struct Manifests(HashMap<String, (Version, Option<u32>, Read)>);

/// Which object it is, and which generation of it.
pub fn version(object: &DynamicObject) -> Version {
    Version { uid: object.uid().unwrap_or_default(), generation: object.metadata.generation.unwrap_or_default() }
}

type Read = Result<WorkspaceManifest, Vec<ManifestError>>;

impl Manifests {
    fn read(&mut self, place: &str, object: &Arc<DynamicObject>) -> &Read {
        let (version, loss) = (version(object), manifest::accepted_loss(object.annotations()));
        if self.0.get(place).is_none_or(|(known, known_loss, _)| *known != version || *known_loss != loss) {
            self.0.insert(place.to_owned(), (version, loss, read(object)));
        }
        // It was put there now, or before.
        &self.0[place].2
    }
}

/// Everything that the cluster wants, the oldest first.
pub fn snapshot(workspaces: &Objects, manifests: &mut Manifests) -> Snapshot {
    let mut objects = workspaces.state();
    objects.sort_by_key(|object| (object.creation_timestamp(), object.namespace(), object.name_any()));
    let mut snapshot = Snapshot::default();
    let mut faulty = HashSet::new();
    for object in objects {
        let place = place(&object);
        snapshot.objects.insert(place.clone(), version(&object));
        match manifests.read(&place, &object) {
            Ok(manifest) => snapshot.manifests.push(manifest.clone()),
            Err(errors) => {
                faulty.insert(place);
                snapshot.errors.extend(errors.iter().cloned());
            }
        }
    }
    manifests.0.retain(|place, _| snapshot.objects.contains_key(place));
    snapshot.absence = Absence { faulty, ..Absence::default() };
    snapshot
}

/// `namespace/name`.
pub fn place(object: &DynamicObject) -> String {
    format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any())
}

fn read(object: &DynamicObject) -> Result<WorkspaceManifest, Vec<ManifestError>> {
    let error = |field: String, code, message| ManifestError {
        file: String::new(),
        document: None,
        line: None,
        place: Some(place(object)),
        field,
        code,
        message,
    };
    let workspace: Workspace =
        decode(object).map_err(|fault| vec![error(String::new(), ErrorCode::UnknownField, fault)])?;
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    // The CRD of an older version may have let it in.
    let violations = validate::workspace(&namespace, &name, &workspace.spec);
    if violations.is_empty() {
        let accepted_loss = manifest::accepted_loss(object.annotations());
        let (file, document, spec) = (String::new(), 1, workspace.spec);
        return Ok(WorkspaceManifest { file, document, namespace, name, spec, accepted_loss });
    }
    Err(violations.into_iter().map(|found| error(found.field, found.code, found.message)).collect())
}
