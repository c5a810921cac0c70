//! A RetainedWorkspace object for each workspace of this cluster that is out of service. The registry alone says what is
//! retained: an object that is missing is made, one whose workspace is in service again or purged is removed. A finalizer
//! keeps an object that somebody deletes until its data is purged, so that the wish can't get lost.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crds::{
    RetainedWorkspace,
    retained_workspace::{FormerPlace, RetainedPhase, RetainedWorkspaceSpec},
};
use domain::WorkspaceId;
use k8s_openapi::{apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition, jiff::Timestamp};
use kube::{
    Api, Client, ResourceExt as _,
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
    registry::{Retained, store},
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
        Self { api: Api::all(client.clone()), definitions: Api::all(client), objects, registry, term, purges }
    }

    /// Keeps the objects as the registry says, and purges what is to be purged, until it is `over`.
    pub async fn keep(
        mut self,
        mut words: watch::Receiver<Vec<WorkspaceStatus>>,
        changed: Arc<Notify>,
        over: CancellationToken,
    ) {
        let kept = async {
            if self.objects.wait_until_ready().await.is_err() {
                return;
            }
            loop {
                match store::retained(&self.registry, &self.term.source).await {
                    Ok(rows) => self.settle(rows).await,
                    Err(error) => tracing::warn!(%error, "retained workspaces are not readable; trying again"),
                }
                tokio::select! {
                    // A workspace that is retired has no word any more.
                    _ = words.changed() => {}
                    () = changed.notified() => {}
                    () = self.purges.changed() => {}
                    () = sleep(LOOK) => {}
                }
                sleep(GATHER).await;
            }
        };
        over.run_until_cancelled(kept).await;
    }

    async fn settle(&mut self, rows: Vec<Retained>) {
        let mut missing: HashMap<String, Retained> = rows.into_iter().map(|row| (row.id.to_string(), row)).collect();
        let mut standing = Vec::new();
        for object in self.objects.state() {
            let Ok(object) = decode::<RetainedWorkspace>(&object) else { continue };
            match missing.remove(&object.name_any()) {
                Some(row) => standing.push((object, row)),
                None if object.spec.former_place.cluster.as_deref() == Some(cluster(&self.term.source)) => {
                    self.dismiss(&object).await;
                }
                None => {}
            }
        }
        let deleted = || standing.iter().map(|(object, _)| object).filter(|object| is_deleted(object));
        if (!missing.is_empty() || deleted().next().is_some()) && self.is_uninstalled().await {
            for object in deleted() {
                tracing::warn!(name = object.name_any(), "the resource itself is deleted: the data stays where it is");
                self.dismiss(object).await;
            }
            return;
        }
        for (name, row) in missing {
            let mut object = RetainedWorkspace::new(&name, spec(&self.term.source, row));
            object.metadata.finalizers = Some(vec![FINALIZER.to_owned()]);
            let made = timeout(WRITE_LIMIT, self.api.create(&PostParams::default(), &object)).await;
            report(&name, made.map(|made| made.map(drop)));
        }
        let now = Timestamp::now();
        let asked: Vec<Asked> = standing.iter().map(|(object, row)| asked(object, row, now)).collect();
        match self.purges.judge(&asked).await {
            Ok(words) => self.tell(&standing, &words).await,
            Err(error) => tracing::warn!(%error, "nothing is purged now; trying again"),
        }
    }

    /// Whether the definition is being deleted, or nobody knows.
    async fn is_uninstalled(&self) -> bool {
        match timeout(WRITE_LIMIT, self.definitions.get_opt(DEFINITION)).await {
            Ok(Ok(Some(definition))) => definition.metadata.deletion_timestamp.is_some(),
            _ => true,
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

/// The object's word on when it is purged goes before the registry's: people may change it.
fn asked(object: &RetainedWorkspace, row: &Retained, now: Timestamp) -> Asked {
    let after = object.spec.purge_after.as_deref().and_then(|after| after.parse::<Timestamp>().ok());
    Asked {
        id: row.id.clone(),
        class: row.class.clone(),
        deleted: is_deleted(object),
        due: row.purging || after.is_some_and(|after| after <= now),
    }
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
