//! The Kubernetes API as the source of manifests, and the place where the operator's words are written.
//!
//! ```text
//! objects ──Snapshot──▶ controller ──words──▶ writer ──▶ status, events
//! classes ──Offers────▶     │
//!                           └─▶ registry ──▶ retained ──▶ RetainedWorkspace
//! ```

use std::{sync::Arc, time::Duration};

use crds::{RetainedWorkspace, Workspace, WorkspaceClass};
use futures::future::join_all;
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client, ResourceExt as _};
use sqlx::PgPool;
use tokio::{
    sync::{Notify, watch},
    time::{sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Backends, WorkspaceStatus,
    brake::Brake,
    controller::{self, Setup},
    offers::Offers,
    source::Snapshot,
    usage::{Surveyor, Usages},
};

mod class_status;
mod classes;
mod conditions;
mod objects;
mod owners;
mod retained;
mod retained_size;
mod writer;

use class_status::ClassWriter;
use classes::Classes;
use objects::Objects;
use owners::Owners;
pub use owners::{OwnerLink, OwnerLinks, OwnerState};
use writer::Writer;

/// Changes that come together are one snapshot.
const GATHER: Duration = Duration::from_millis(20);
/// For a cluster that does not answer at the start.
const ANSWER: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_secs(2);

/// What the operator is told.
#[derive(Debug)]
pub struct Options {
    /// Where Secrets of classes are, and Leases.
    pub namespace: String,
    /// What a workspace's path is appended to, where its class does not say.
    pub base_url: String,
    /// How often usage is counted.
    pub usage_every: Duration,
    /// Makes the first owners' links; without it none are made.
    pub owner_links: Option<Arc<dyn OwnerLinks>>,
}

/// Provisions what the cluster's Workspaces ask for, until `shutdown`; the registry is in `registry`. What a class does
/// not say is as in `own`. A cluster that is away is waited for.
pub async fn run_kubernetes(
    client: Client,
    registry: PgPool,
    own: Backends,
    options: Options,
    shutdown: CancellationToken,
    words: watch::Sender<Vec<WorkspaceStatus>>,
) {
    let Some(source) = shutdown.run_until_cancelled(cluster_id(&client)).await else { return };
    let [changed, rewrite, rewrite_classes]: [Arc<Notify>; 3] = Default::default();
    let keep = |changed: &Arc<Notify>| (client.clone(), changed.clone(), shutdown.clone());
    let (workspaces, keep_workspaces) = objects::keep::<Workspace>(keep(&changed));
    let (classes, keep_classes) = objects::keep::<WorkspaceClass>(keep(&changed));
    let (namespaces, keep_namespaces) = objects::keep::<Namespace>(keep(&changed));
    let (retained, keep_retained) = objects::keep::<RetainedWorkspace>(keep(&Arc::default()));
    let (snapshots, snapshot_receiver) = watch::channel(None);
    let (offers, offer_receiver) = watch::channel(Offers::default());
    let gatherer = Gatherer {
        ways: Classes::new(
            (client.clone(), options.namespace.clone()),
            (registry.clone(), source.clone()),
            own,
            changed.clone(),
        ),
        workspaces: workspaces.clone(),
        classes: classes.clone(),
        namespaces,
        changed,
        rewrite: rewrite.clone(),
        rewrite_classes: rewrite_classes.clone(),
        offers,
        snapshots,
    };
    let gathering = gatherer.run(shutdown.clone());
    let (api, told) = (client.clone(), words.subscribe());
    let standing = retained::keep(api, retained.clone(), registry.clone(), source.clone(), told, shutdown.clone());
    let class_writer = ClassWriter::new(client.clone(), classes, registry.clone(), source.clone());
    let telling = class_writer.keep(offer_receiver.clone(), words.subscribe(), rewrite_classes, shutdown.clone());
    let (usages, usage_receiver) = watch::channel(Usages::default());
    let sizing = retained_size::keep(client.clone(), retained, usage_receiver.clone(), shutdown.clone());
    let surveyor = Surveyor::new(registry.clone(), source.clone(), options.usage_every);
    let surveying = surveyor.keep(offer_receiver.clone(), words.subscribe(), usages, shutdown.clone());
    let (owners, owner_receiver) = watch::channel(Owners::default());
    let inviting = owners::keep(
        (client.clone(), options.namespace, options.owner_links),
        (offer_receiver.clone(), words.subscribe()),
        owners,
        shutdown.clone(),
    );
    let setup = Setup { registry, source, offers: offer_receiver, brake: Some(Brake::default()) };
    let controlling = controller::run(setup, snapshot_receiver, shutdown.clone(), words.clone());
    let writer = Writer::new((client, workspaces), options.base_url, usage_receiver, owner_receiver);
    let writing = writer.keep(words.subscribe(), rewrite, shutdown);
    let keeping = join_all([keep_workspaces, keep_classes, keep_namespaces, keep_retained]);
    let beside = async { tokio::join!(telling, standing, surveying, sizing, inviting) };
    tokio::join!(keeping, gathering, controlling, writing, Box::pin(beside));
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
    /// The same of classes.
    rewrite_classes: Arc<Notify>,
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
                self.rewrite_classes.notify_one();
                tokio::select! {
                    () = self.changed.notified() => sleep(GATHER).await,
                    () = sleep_until(again) => {}
                }
            }
        };
        shutdown.run_until_cancelled(gathered).await;
    }

    fn publish(&self) {
        let labels = self.namespaces.state();
        let labels = labels.iter().map(|namespace| (namespace.name_any(), namespace.labels().clone())).collect();
        let snapshot = Snapshot { namespaces: Some(labels), ..objects::snapshot(&self.workspaces) };
        self.snapshots.send_if_modified(|current| {
            let news = current.as_ref() != Some(&snapshot);
            *current = Some(snapshot);
            news
        });
    }
}
