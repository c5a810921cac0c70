//! The Kubernetes API as the source of manifests, and the place where the operator's words are written.
//!
//! ```text
//! objects ──Snapshot──▶ controller ──words──▶ writer ──▶ status, events
//! classes ──Offers────▶     │
//!                           └─▶ registry ──▶ retained ──▶ RetainedWorkspace
//! ```

use std::{fmt, sync::Arc, time::Duration};

use buckets::S3Config;
use crds::{RetainedWorkspace, Workspace, WorkspaceClass};
use futures::future::join_all;
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client, ResourceExt as _, api::DynamicObject};
use sqlx::PgPool;
use tenancy::credentials::RootKey;
use tokio::{
    sync::{Notify, mpsc, watch},
    time::{sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    WorkspaceStatus,
    brake::Brake,
    controller::{self, Setup},
    drift,
    offers::Offers,
    source::{Namespace as Known, Snapshot},
    term::Term,
};

mod classes;
mod conditions;
mod definitions;
mod lease;
mod objects;
mod purges;
mod retained;
mod writer;

use classes::Classes;
use lease::Candidate;
use objects::Objects;
use writer::Writer;

/// Changes that come together are one snapshot.
const GATHER: Duration = Duration::from_millis(20);
/// For a cluster that does not answer at the start.
const ANSWER: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_secs(2);

/// What the operator is told.
#[derive(Clone, Debug)]
pub struct Options {
    /// This process's name among those that would lead; unique among running ones.
    pub instance: String,
    /// Where Secrets of classes are, and Leases.
    pub namespace: String,
    /// What a workspace's path is appended to, where its class does not say.
    pub base_url: String,
}

/// What a class does not say.
#[derive(Clone)]
pub struct Own {
    /// The root of all derived passwords.
    pub root_key: RootKey,
    /// The object store of classes that name none.
    pub s3: Option<S3Config>,
    /// Origins of the pages that read and write objects by presigned links.
    pub origins: Vec<String>,
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Own").finish_non_exhaustive()
    }
}

/// Whether this process could lead.
pub type Readiness = Result<(), NotReady>;

/// Why it could not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReady {
    /// Stable, one word.
    pub reason: &'static str,
    /// A plain sentence.
    pub message: String,
}

impl NotReady {
    /// Nothing is known yet.
    #[must_use]
    pub fn starting() -> Self {
        Self { reason: "Starting", message: "it is looking for what it needs".to_owned() }
    }
}

/// A name for this process that no other has: where it runs, and a random part, so that a restarted one is another.
#[must_use]
pub fn instance() -> String {
    let place = std::env::var("HOSTNAME").unwrap_or_else(|_| "threadly".to_owned());
    format!("{place}-{:08x}", rand::random::<u32>())
}

/// Provisions what the cluster's Workspaces ask for, whenever this process leads, until `shutdown`; the registry is in
/// `registry`. What a class does not say is as in `own`. A cluster that is away is waited for.
pub async fn run_kubernetes(
    client: Client,
    registry: PgPool,
    own: Own,
    options: Options,
    readiness: watch::Sender<Readiness>,
    shutdown: CancellationToken,
    words: watch::Sender<Vec<WorkspaceStatus>>,
) {
    let Some(source) = shutdown.run_until_cancelled(cluster_id(&client)).await else { return };
    let current = definitions::wait_until_current(&client, &readiness);
    if shutdown.run_until_cancelled(current).await.is_none() {
        return;
    }
    let _ = readiness.send_replace(Ok(()));
    let mut candidate = Candidate::new(client.clone(), &options.namespace, options.instance.clone());
    while shutdown.run_until_cancelled(candidate.acquire()).await.is_some() {
        let over = shutdown.child_token();
        let leader = Leader {
            client: client.clone(),
            registry: registry.clone(),
            own: own.clone(),
            options: options.clone(),
            over: over.clone(),
        };
        let leading = async {
            if let Some(term) = over.run_until_cancelled(begin(&registry, &source, &options.instance)).await {
                leader.lead(term, &words).await;
            }
            over.cancel();
        };
        let keeping = async {
            over.run_until_cancelled(candidate.keep()).await;
            over.cancel();
        };
        tokio::join!(leading, keeping);
        tracing::info!("leads no more");
        // What was begun has ended.
        candidate.release().await;
        shutdown.run_until_cancelled(sleep(RETRY)).await;
    }
}

async fn begin(registry: &PgPool, source: &Arc<str>, instance: &str) -> Term {
    loop {
        match Term::begin(registry, source.clone(), instance).await {
            Ok(term) => {
                tracing::info!(%source, ?term, "leads");
                return term;
            }
            Err(error) => tracing::warn!(%error, "the lead can't be registered; trying again"),
        }
        sleep(RETRY).await;
    }
}

/// The one that works on the cluster, until it is over.
struct Leader {
    client: Client,
    registry: PgPool,
    own: Own,
    options: Options,
    over: CancellationToken,
}

impl Leader {
    async fn lead(self, term: Term, words: &watch::Sender<Vec<WorkspaceStatus>>) {
        let Self { client, registry, own, options, over } = self;
        let (changed, retained_changed, rewrite) = <(Arc<Notify>, Arc<Notify>, Arc<Notify>)>::default();
        let keep = |changed: &Arc<Notify>| (client.clone(), changed.clone(), over.clone());
        let (workspaces, keep_workspaces) = objects::keep::<Workspace>(keep(&changed));
        let (classes, keep_classes) = objects::keep::<WorkspaceClass>(keep(&changed));
        let (namespaces, keep_namespaces) = objects::keep::<Namespace>(keep(&changed));
        let (retained, keep_retained) = objects::keep::<RetainedWorkspace>(keep(&retained_changed));
        let (snapshots, snapshot_receiver) = watch::channel(None);
        let (offers, offer_receiver) = watch::channel(Offers::default());
        let gatherer = Gatherer {
            ways: Classes::new(client.clone(), options.namespace, registry.clone(), own),
            workspaces: workspaces.clone(),
            classes,
            namespaces,
            changed,
            rewrite: rewrite.clone(),
            offers,
            snapshots,
        };
        let gathering = gatherer.run(over.clone());
        let keeper = retained::Keeper::new(
            client.clone(),
            retained,
            registry.clone(),
            term.clone(),
            offer_receiver.clone(),
            over.clone(),
        );
        let standing = keeper.keep(words.subscribe(), retained_changed, over.clone());
        let (suspects, suspected) = mpsc::channel(1);
        let drifting = drift::watch(registry.clone(), term.clone(), offer_receiver.clone(), suspects, over.clone());
        let setup = Setup { registry, term, offers: offer_receiver, brake: Some(Brake::default()) };
        let controlling = controller::run(setup, snapshot_receiver, suspected, over.clone(), words.clone());
        let writer = Writer::new(client, workspaces, options.base_url);
        let writing = writer.keep(words.subscribe(), rewrite, over);
        let keeping = join_all([keep_workspaces, keep_classes, keep_namespaces, keep_retained]);
        tokio::join!(keeping, gathering, controlling, drifting, writing, standing);
    }
}

/// A cluster is known by its oldest object.
async fn cluster_id(client: &Client) -> Arc<str> {
    let namespaces = Api::<Namespace>::all(client.clone());
    loop {
        match timeout(ANSWER, namespaces.get("kube-system")).await {
            Ok(Ok(system)) => return format!("kubernetes/{}", system.uid().unwrap_or_default()).into(),
            Ok(Err(error)) => tracing::warn!(%error, "the cluster does not answer; trying again"),
            Err(_) => tracing::warn!("the cluster does not answer; trying again"),
        }
        sleep(RETRY).await;
    }
}

/// Makes snapshots and offers of the objects.
struct Gatherer {
    /// To the backends of classes.
    ways: Classes,
    workspaces: Objects,
    classes: Objects,
    namespaces: Objects,
    /// Some object has changed.
    changed: Arc<Notify>,
    /// Statuses are to be compared again: somebody may have written one by hand.
    rewrite: Arc<Notify>,
    offers: watch::Sender<Offers>,
    snapshots: watch::Sender<Option<Snapshot>>,
}

impl Gatherer {
    async fn run(mut self, shutdown: CancellationToken) {
        let gathered = async {
            // Until all are listed, nothing may be taken for absent.
            for objects in [&self.workspaces, &self.classes, &self.namespaces] {
                if objects.wait_until_ready().await.is_err() {
                    return;
                }
            }
            loop {
                let (found, again) = Box::pin(self.ways.offers(&self.classes)).await;
                self.offers.send_if_modified(|current| {
                    let news = !current.is_same(&found);
                    *current = found;
                    news
                });
                self.publish();
                self.rewrite.notify_one();
                tokio::select! {
                    () = self.changed.notified() => sleep(GATHER).await,
                    () = sleep_until(again) => {}
                }
            }
        };
        shutdown.run_until_cancelled(gathered).await;
    }

    fn publish(&self) {
        let known = |object: &Arc<DynamicObject>| {
            let (uid, labels) = (object.uid().unwrap_or_default(), object.labels().clone());
            (object.name_any(), Known { uid, labels })
        };
        let namespaces = self.namespaces.state().iter().map(known).collect();
        let snapshot = Snapshot { namespaces: Some(namespaces), ..objects::snapshot(&self.workspaces) };
        self.snapshots.send_if_modified(|current| {
            let news = current.as_ref() != Some(&snapshot);
            *current = Some(snapshot);
            news
        });
    }
}
