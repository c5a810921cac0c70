//! The Workspace objects, as a client sees them.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::Context;
use crds::Workspace;
use futures::StreamExt as _;
use kube::{
    Api, Client, ResourceExt as _,
    api::{Patch, PatchParams},
    runtime::{WatchStreamExt as _, watcher},
};
use serde_json::json;
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use super::cluster::NAMESPACE;

/// For the first one, and for one of those that are applied one by one.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// What was last seen of an object.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Since when it is Ready by a word about its newest generation.
    pub ready: Option<Instant>,
    /// The Ready condition's reason.
    pub reason: String,
}

/// All Workspaces, watched.
pub struct Objects {
    api: Api<Workspace>,
    seen: watch::Receiver<HashMap<String, Seen>>,
    watching: JoinHandle<()>,
}

impl Objects {
    /// Begins to watch.
    pub async fn watch(client: &Client) -> anyhow::Result<Self> {
        let api = Api::<Workspace>::namespaced(client.clone(), NAMESPACE);
        let (sender, seen) = watch::channel(HashMap::new());
        let stream = watcher(api.clone(), watcher::Config::default()).default_backoff();
        let watching = tokio::spawn(async move {
            let mut stream = std::pin::pin!(stream);
            while let Some(event) = stream.next().await {
                match event {
                    Ok(watcher::Event::Apply(object) | watcher::Event::InitApply(object)) => see(&sender, &object),
                    Ok(watcher::Event::Delete(object)) => {
                        sender.send_modify(|seen| drop(seen.remove(&object.name_any())));
                    }
                    Ok(watcher::Event::Init | watcher::Event::InitDone) => {}
                    Err(error) => eprintln!("bench: watching again: {error}"),
                }
            }
        });
        Ok(Self { api, seen, watching })
    }

    /// Applies a plain workspace as `kubectl apply --server-side` does, and says when it began and how long the API server
    /// took for it.
    pub async fn apply(&self, name: &str) -> anyhow::Result<(Instant, Duration)> {
        let object = json!({
            "apiVersion": "threadly.dev/v1alpha1",
            "kind": "Workspace",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"owner": {"email": "ops@bench.example"}, "signUp": {"mode": "Open"}},
        });
        let begun = Instant::now();
        let params = PatchParams::apply("bench");
        self.api.patch(name, &params, &Patch::Apply(&object)).await.with_context(|| format!("applying {name}"))?;
        Ok((begun, begun.elapsed()))
    }

    /// Changes fields of a spec.
    pub async fn change(&self, name: &str, spec: &serde_json::Value) -> anyhow::Result<()> {
        let patch = json!({ "spec": spec });
        self.api.patch(name, &PatchParams::default(), &Patch::Merge(&patch)).await?;
        Ok(())
    }

    /// Deletes one.
    pub async fn delete(&self, name: &str) -> anyhow::Result<()> {
        self.api.delete(name, &kube::api::DeleteParams::default()).await?;
        Ok(())
    }

    /// When one got Ready.
    pub async fn until_ready(&self, name: &str) -> anyhow::Result<Instant> {
        let is_ready = |seen: &HashMap<String, Seen>| seen.get(name).and_then(|seen| seen.ready);
        self.until(READY_WITHIN, |seen| is_ready(seen).is_some())
            .await
            .with_context(|| format!("{name} is not Ready"))?;
        is_ready(&self.seen.borrow()).context("it was Ready")
    }

    /// Waits until all that was seen is as `is` says.
    pub async fn until(
        &self,
        limit: Duration,
        mut is: impl FnMut(&HashMap<String, Seen>) -> bool,
    ) -> anyhow::Result<()> {
        let mut seen = self.seen.clone();
        timeout(limit, seen.wait_for(|seen| is(seen))).await.with_context(|| format!("not within {limit:?}"))??;
        Ok(())
    }

    /// What was last seen.
    pub fn seen(&self) -> watch::Ref<'_, HashMap<String, Seen>> {
        self.seen.borrow()
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

fn see(sender: &watch::Sender<HashMap<String, Seen>>, object: &Workspace) {
    let status = object.status.as_ref();
    let of_now = status.is_some_and(|status| status.observed_generation == object.metadata.generation);
    let conditions = status.map(|status| status.conditions.as_slice()).unwrap_or_default();
    let ready = conditions.iter().find(|condition| condition.type_ == "Ready");
    let is_ready = of_now && ready.is_some_and(|ready| ready.status == "True");
    let reason = ready.map(|ready| ready.reason.clone()).unwrap_or_default();
    sender.send_modify(|seen| {
        let before = seen.get(&object.name_any()).and_then(|seen| seen.ready);
        let ready = is_ready.then(|| before.unwrap_or_else(Instant::now));
        seen.insert(object.name_any(), Seen { ready, reason });
    });
}
