//! Writes the operator's words into the status of Workspace objects, and tells events. Whatever stands there otherwise,
//! by a former leader or by hand, is written over; what is there already is not written again.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crds::Workspace;
use futures::{StreamExt as _, stream};
use k8s_openapi::jiff::Timestamp;
use kube::{
    Api, Client, Resource as _, ResourceExt as _,
    api::{DynamicObject, PostParams},
    runtime::events::{Event, EventType, Recorder, Reporter},
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    conditions::{self, Beside},
    objects::{Objects, decode, place, version},
    owners::Owners,
};
use crate::{WorkspaceStatus, pace::Pace, usage::Usages};

/// Writes at a time.
const CONCURRENT: usize = 8;
/// Changes that come together are looked at together.
const GATHER: Duration = Duration::from_millis(10);
/// A write that failed is tried again.
const RETRY: Duration = Duration::from_secs(2);
const WRITE_LIMIT: Duration = Duration::from_secs(15);

pub struct Writer {
    client: Client,
    recorder: Recorder,
    objects: Objects,
    /// What a workspace's path is appended to.
    base_url: String,
    usages: watch::Receiver<Usages>,
    owners: watch::Receiver<Owners>,
    /// By object: the word that an event was told of last.
    told: HashMap<String, (String, bool)>,
    /// By object: what was found to stand there already.
    settled: HashMap<String, (Arc<DynamicObject>, WorkspaceStatus, Beside)>,
    pace: Pace,
}

impl Writer {
    pub fn new(
        (client, objects): (Client, Objects),
        base_url: String,
        usages: watch::Receiver<Usages>,
        owners: watch::Receiver<Owners>,
    ) -> Self {
        let reporter = Reporter { controller: "threadly-operator".to_owned(), instance: None };
        let recorder = Recorder::new(client.clone(), reporter);
        Self {
            client,
            recorder,
            objects,
            base_url,
            usages,
            owners,
            told: HashMap::new(),
            settled: HashMap::new(),
            pace: Pace::new(GATHER),
        }
    }

    /// Keeps all statuses as `words` say, until `shutdown`.
    pub async fn keep(
        mut self,
        mut words: watch::Receiver<Vec<WorkspaceStatus>>,
        changed: Arc<Notify>,
        shutdown: CancellationToken,
    ) {
        let kept = async {
            // Before the first word nothing is known of any.
            if words.changed().await.is_err() {
                return;
            }
            loop {
                sleep_until(self.pace.next()).await;
                let now = words.borrow_and_update().clone();
                let again = if self.write(&now).await { Duration::MAX } else { RETRY };
                tokio::select! {
                    word = words.changed() => if word.is_err() { return },
                    () = changed.notified() => {}
                    Ok(()) = self.usages.changed() => {}
                    Ok(()) = self.owners.changed() => {}
                    () = sleep(again) => {}
                }
            }
        };
        shutdown.run_until_cancelled(kept).await;
    }

    /// Whether all are as they should be now.
    async fn write(&mut self, words: &[WorkspaceStatus]) -> bool {
        let known: HashMap<&str, &WorkspaceStatus> =
            words.iter().filter_map(|word| Some((word.place.as_deref()?, word))).collect();
        let (begun, now) = (Instant::now(), Timestamp::now());
        let (usages, owners) = (self.usages.borrow_and_update().clone(), self.owners.borrow_and_update().clone());
        let mut due = Vec::new();
        for object in self.objects.state() {
            let place = place(&object);
            // A word about a former generation, or about another object of this name, would claim too much; the next one comes.
            let Some(word) =
                known.get(place.as_str()).filter(|word| word.details.object.as_ref() == Some(&version(&object)))
            else {
                continue;
            };
            let beside = Beside {
                url: word.handle.as_ref().map(|handle| format!("{}/w/{handle}/", self.base_url)),
                usage: word.id.as_ref().and_then(|id| usages.get(id)).copied(),
                owner: word.id.as_ref().and_then(|id| owners.get(id)).cloned(),
            };
            let same = |(object_then, word_then, beside_then): &(Arc<DynamicObject>, WorkspaceStatus, Beside)| {
                Arc::ptr_eq(object_then, &object) && word_then == *word && *beside_then == beside
            };
            if self.settled.get(&place).is_some_and(same) {
                continue;
            }
            // Nor can what this version doesn't know be written back whole.
            let Ok(workspace) = decode::<Workspace>(&object) else { continue };
            let status = conditions::status(word, beside.clone(), workspace.status.as_ref(), now);
            if workspace.status.as_ref() == Some(&status) {
                self.settled.insert(place, (object, (*word).clone(), beside));
            } else {
                due.push((Workspace { status: Some(status), ..workspace }, (*word).clone()));
            }
        }
        self.told.retain(|place, _| known.contains_key(place.as_str()));
        self.settled.retain(|place, _| known.contains_key(place.as_str()));
        self.pace.looked(begun);
        let puts: Vec<_> = due.iter().map(|(object, _)| put(self.client.clone(), object.clone())).collect();
        let written: Vec<bool> = stream::iter(puts).buffer_unordered(CONCURRENT).collect().await;
        let news: Vec<_> = due.iter().filter_map(|(object, word)| self.news(object, word)).collect();
        stream::iter(news).buffer_unordered(CONCURRENT).collect::<Vec<()>>().await;
        written.into_iter().all(|written| written)
    }

    /// An event for what a person would want to know, once.
    fn news(&mut self, object: &Workspace, word: &WorkspaceStatus) -> Option<impl Future<Output = ()> + use<>> {
        let news = (word.reason.clone(), word.ready);
        let before = self.told.insert(word.place.clone()?, news.clone());
        // After a start, what stands in the status was told by somebody.
        if before.as_ref() == Some(&news) || (before.is_none() && word.is_under_way()) {
            return None;
        }
        let event = Event {
            type_: if word.is_stalled() { EventType::Warning } else { EventType::Normal },
            reason: word.reason.clone(),
            note: Some(word.message.chars().take(1000).collect()),
            action: "Reconcile".to_owned(),
            secondary: None,
        };
        let (recorder, regarding) = (self.recorder.clone(), object.object_ref(&()));
        Some(async move {
            // An event that nobody hears is no reason to hold up statuses.
            let _ = timeout(WRITE_LIMIT, recorder.publish(&event, &regarding)).await;
        })
    }
}

async fn put(client: Client, object: Workspace) -> bool {
    let namespace = object.namespace().unwrap_or_default();
    let api = Api::<Workspace>::namespaced(client, &namespace);
    let name = object.name_any();
    match timeout(WRITE_LIMIT, api.replace_status(&name, &PostParams::default(), &object)).await {
        Ok(Ok(_)) => true,
        // Changed or gone meanwhile: the watch tells, and then it is looked at again.
        Ok(Err(kube::Error::Api(status))) if matches!(status.code, 404 | 409) => true,
        Ok(Err(error)) => {
            tracing::warn!(namespace, name, %error, "its status can't be written; trying again");
            false
        }
        Err(_) => false,
    }
}
