//! A RetainedWorkspace object for each workspace of this cluster that is out of service. The registry alone says what is
//! retained: an object that is missing is made, one whose workspace is in service again or purged is removed. A finalizer
//! keeps an object that somebody deletes until its data is purged, so that the wish can't get lost.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crds::{
    RetainedWorkspace,
    annotations::ACCEPT_BACKEND_IDENTITY,
    retained_workspace::{FormerPlace, RetainedPhase, RetainedWorkspaceSpec},
};
use domain::WorkspaceId;
use k8s_openapi::{apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition, jiff::Timestamp};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    objects::{Objects, decode},
    purges::{Asked, Purges, Word},
};
use crate::{
    WorkspaceStatus,
    offers::Offers,
    registry::{Retained, retained::store},
    term::Term,
};

/// Keeps the object until its data is purged.
const FINALIZER: &str = "threadly.dev/purge";
/// The resource's own definition: while that is deleted, no deletion of an object is meant.
const DEFINITION: &str = "retainedworkspaces.threadly.dev";
/// The condition that tells why a purge has not ended.
const PURGED: &str = "Purged";
/// Between two looks when nothing is told.
const LOOK: Duration = Duration::from_secs(15);
/// What is told together is looked at together.
const GATHER: Duration = Duration::from_millis(200);
const WRITE_LIMIT: Duration = Duration::from_secs(15);

pub struct Keeper {
    api: Api<RetainedWorkspace>,
    definitions: Api<CustomResourceDefinition>,
    objects: Objects,
    registry: PgPool,
    term: Term,
    purges: Purges,
    /// Told when the registry has changed by itself.
    again: Arc<Notify>,
}

impl Keeper {
    pub fn new(
        client: Client,
        objects: Objects,
        registry: PgPool,
        term: Term,
        offers: watch::Receiver<Offers>,
        over: CancellationToken,
    ) -> Self {
        let purges = Purges::new(registry.clone(), term.clone(), offers, over);
        Self {
            api: Api::all(client.clone()),
            definitions: Api::all(client),
            objects,
            registry,
            term,
            purges,
            again: Arc::default(),
        }
    }

    /// Keeps the objects as the registry says, and purges what is to be purged, until it is `over`.
    pub async fn keep(
        mut self,
        mut words: watch::Receiver<Vec<WorkspaceStatus>>,
        changed: Arc<Notify>,
        over: CancellationToken,
    ) {
        let again = self.again.clone();
        let kept = async {
            if self.objects.wait_until_ready().await.is_err() {
                return;
            }
            loop {
                match store::all(&self.registry, &self.term.source).await {
                    Ok(rows) => self.settle(rows).await,
                    Err(error) => tracing::warn!(%error, "retained workspaces are not readable; trying again"),
                }
                tokio::select! {
                    // One that is in service again has a word.
                    _ = words.changed() => {}
                    () = changed.notified() => {}
                    () = self.purges.changed() => {}
                    () = again.notified() => {}
                    () = sleep(LOOK) => {}
                }
                sleep(GATHER).await;
            }
        };
        over.run_until_cancelled(kept).await;
    }

    async fn settle(&mut self, rows: Vec<Retained>) {
        let mut missing: HashMap<String, Retained> = rows.into_iter().map(|row| (row.id.to_string(), row)).collect();
        let (mut standing, mut strays) = (Vec::new(), Vec::new());
        for object in self.objects.state() {
            let Ok(object) = decode::<RetainedWorkspace>(&object) else { continue };
            match missing.remove(&object.name_any()) {
                Some(row) => standing.push((object, row)),
                None => strays.push(object),
            }
        }
        self.dismiss_settled(strays).await;
        let deleted = standing.iter().any(|(object, _)| is_deleted(object));
        if !missing.is_empty() || deleted {
            // Unless it is known how the definition is, nothing is made, let go or purged.
            let Some(definition) = self.definition().await else { return };
            let unmeant = |object: &RetainedWorkspace| definition.explains(object);
            let (gone, meant): (Vec<_>, Vec<_>) = standing.into_iter().partition(|(object, _)| unmeant(object));
            for (object, _) in &gone {
                tracing::warn!(
                    name = object.name_any(),
                    "it was deleted with its definition: the data stays where it is"
                );
                self.dismiss(object).await;
            }
            if definition.deleted {
                return;
            }
            standing = meant;
        }
        for (name, row) in missing {
            let mut object = RetainedWorkspace::new(&name, spec(&self.term.source, row));
            object.metadata.finalizers = Some(vec![FINALIZER.to_owned()]);
            let made = timeout(WRITE_LIMIT, self.api.create(&PostParams::default(), &object)).await;
            report(&name, made.map(|made| made.map(drop)));
        }
        self.purge(&standing).await;
    }

    async fn purge(&mut self, standing: &[(RetainedWorkspace, Retained)]) {
        let mut asked = Vec::new();
        for (object, row) in standing {
            // People may change the object's word on when it is purged; it counts once the registry has it.
            let moved = !row.purging && moved(object, row);
            if moved {
                let after = object.spec.purge_after.as_deref();
                if let Err(error) = store::move_purge(&self.registry, &self.term, &row.id, after).await {
                    tracing::warn!(%error, "the time of a purge can't be kept; trying again");
                }
                self.again.notify_one();
            }
            let (id, class) = (row.id.clone(), row.class.clone());
            let accepted = object.annotations().get(ACCEPT_BACKEND_IDENTITY).cloned().unwrap_or_default();
            asked.push(Asked { id, class, deleted: is_deleted(object), due: row.due && !moved, accepted });
        }
        match self.purges.judge(&asked).await {
            Ok(words) => self.tell(standing, &words).await,
            Err(error) => tracing::warn!(%error, "nothing is purged now; trying again"),
        }
    }

    /// Lets go of objects whose workspaces are in service again, or purged. Another registry's are not ours to judge.
    async fn dismiss_settled(&self, strays: Vec<RetainedWorkspace>) {
        if strays.is_empty() {
            return;
        }
        let ids: Vec<String> = strays.iter().map(ResourceExt::name_any).collect();
        match store::settled(&self.registry, &self.term.source, &ids).await {
            Ok(settled) => {
                for object in strays.iter().filter(|object| settled.contains(&object.name_any())) {
                    self.dismiss(object).await;
                }
            }
            Err(error) => tracing::warn!(%error, "the registry does not tell; trying again"),
        }
    }

    /// How the resource's own definition is, if the API server says.
    async fn definition(&self) -> Option<Definition> {
        match timeout(WRITE_LIMIT, self.definitions.get_opt(DEFINITION)).await {
            Ok(Ok(Some(found))) => Some(Definition {
                deleted: found.metadata.deletion_timestamp.is_some(),
                made: found.metadata.creation_timestamp.map(|made| made.0),
            }),
            _ => None,
        }
    }

    async fn tell(&self, standing: &[(RetainedWorkspace, Retained)], words: &HashMap<WorkspaceId, Word>) {
        for (object, row) in standing {
            if !object.finalizers().iter().any(|finalizer| finalizer == FINALIZER) && !is_deleted(object) {
                let finalizers: Vec<&str> = object.finalizers().iter().map(String::as_str).chain([FINALIZER]).collect();
                self.patch(
                    object,
                    json!({"metadata": {
                        "resourceVersion": object.resource_version(), "finalizers": finalizers
                    }}),
                )
                .await;
            }
            let news = news(object, row, words.get(&row.id));
            if let Some(status) = news {
                let (name, how, patch) =
                    (object.name_any(), PatchParams::default(), Patch::Merge(json!({"status": status})));
                let written = timeout(WRITE_LIMIT, self.api.patch_status(&name, &how, &patch)).await;
                report(&name, written.map(|written| written.map(drop)));
            }
        }
    }

    /// Lets an object go.
    async fn dismiss(&self, object: &RetainedWorkspace) {
        let name = object.name_any();
        if object.finalizers().iter().any(|finalizer| finalizer == FINALIZER) {
            let others: Vec<&String> = object.finalizers().iter().filter(|finalizer| *finalizer != FINALIZER).collect();
            let metadata = json!({"resourceVersion": object.resource_version(), "finalizers": others});
            self.patch(object, json!({"metadata": metadata})).await;
        }
        if !is_deleted(object) {
            let deleted = timeout(WRITE_LIMIT, self.api.delete(&name, &DeleteParams::default())).await;
            report(&name, deleted.map(|deleted| deleted.map(drop)));
        }
    }

    async fn patch(&self, object: &RetainedWorkspace, patch: Value) {
        let (name, patch) = (object.name_any(), Patch::Merge(patch));
        let patched = timeout(WRITE_LIMIT, self.api.patch(&name, &PatchParams::default(), &patch)).await;
        report(&name, patched.map(|patched| patched.map(drop)));
    }
}

fn is_deleted(object: &RetainedWorkspace) -> bool {
    object.metadata.deletion_timestamp.is_some()
}

/// The resource's definition.
struct Definition {
    deleted: bool,
    made: Option<Timestamp>,
}

impl Definition {
    /// Whether an object was deleted with its definition, now or before that was made anew, and not for itself.
    fn explains(&self, object: &RetainedWorkspace) -> bool {
        let Some(deleted) = object.metadata.deletion_timestamp.as_ref() else { return false };
        self.deleted || self.made.is_some_and(|made| deleted.0 < made)
    }
}

/// Whether the object names another time than the registry.
fn moved(object: &RetainedWorkspace, row: &Retained) -> bool {
    // To the second, as the registry tells it.
    let time = |text: Option<&str>| text.and_then(|text| Some(text.parse::<Timestamp>().ok()?.as_second()));
    let (object, row) = (object.spec.purge_after.as_deref(), row.purge_after.as_deref());
    // What can't be read moves nothing.
    object.is_none_or(|object| time(Some(object)).is_some()) && time(object) != time(row)
}

/// The part of its status that says how its purge goes, if it says something else.
fn news(object: &RetainedWorkspace, row: &Retained, word: Option<&Word>) -> Option<Value> {
    let status = object.status.clone().unwrap_or_default();
    let phase = if row.purging { RetainedPhase::Purging } else { RetainedPhase::Retained };
    let told = status.conditions.iter().find(|condition| condition.type_ == PURGED);
    let same = match (told, word) {
        (Some(told), Some((reason, message))) => told.reason == *reason && told.message == *message,
        (None, None) => true,
        _ => false,
    };
    if same && status.phase == Some(phase) && status.observed_generation == object.metadata.generation {
        return None;
    }
    let conditions: Vec<Value> = word
        .map(|(reason, message)| {
            let since =
                told.map_or_else(|| json!(whole_seconds(Timestamp::now())), |told| json!(told.last_transition_time));
            json!({"type": PURGED, "status": "False", "reason": reason, "message": message,
                   "observedGeneration": object.metadata.generation, "lastTransitionTime": since})
        })
        .into_iter()
        .collect();
    Some(json!({"phase": phase, "observedGeneration": object.metadata.generation, "conditions": conditions}))
}

/// As the API server keeps it.
fn whole_seconds(now: Timestamp) -> String {
    Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

fn spec(source: &str, row: Retained) -> RetainedWorkspaceSpec {
    let (namespace, name) = row.place.split_once('/').unwrap_or(("", &row.place));
    RetainedWorkspaceSpec {
        workspace_id: row.id.to_string(),
        class_name: row.class,
        handle: row.handle,
        display_name: row.display_name,
        former_place: FormerPlace {
            cluster: Some(cluster(source).to_owned()),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        },
        retained_at: row.since,
        purge_after: row.purge_after,
    }
}

/// A source's name without its kind.
fn cluster(source: &str) -> &str {
    source.rsplit('/').next().unwrap_or(source)
}

/// What the watch will tell anyway is no failure.
fn report(name: &str, done: Result<Result<(), kube::Error>, tokio::time::error::Elapsed>) {
    match done {
        Ok(Ok(())) => {}
        Ok(Err(kube::Error::Api(status))) if matches!(status.code, 404 | 409) => {}
        Ok(Err(error)) => tracing::warn!(name, %error, "a RetainedWorkspace is not as it should be; trying again"),
        Err(_) => tracing::warn!(name, "the API server did not answer; trying again"),
    }
}
