//! What the operator that leads does, all of it until its time is over.

use std::{sync::Arc, time::Duration};

use crds::{RetainedWorkspace, Workspace, WorkspaceClass};
use futures::future::join_all;
use k8s_openapi::api::core::v1::Namespace;
use kube::Client;
use sqlx::PgPool;
use tokio::{
    sync::{Notify, mpsc, watch},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{
    Options, Own,
    class_status::ClassWriter,
    classes::Classes,
    gatherer::Gatherer,
    namespaces::Namespaces,
    objects,
    owners::{self, Owners},
    retained, retained_size,
    writer::Writer,
};
use crate::{
    WorkspaceStatus,
    brake::Brake,
    controller::{self, Held, Setup},
    drift,
    offers::Offers,
    term::{LeasedUntil, Term},
    usage::{Surveyor, Usages},
};

const RETRY: Duration = Duration::from_secs(2);

/// The one that works on the cluster.
pub struct Leader {
    pub client: Client,
    /// The control database.
    pub registry: PgPool,
    pub own: Own,
    pub options: Options,
    /// Until when the lease is held.
    pub leased: LeasedUntil,
    /// Its end, which whoever is deposed brings about as well.
    pub over: CancellationToken,
}

impl Leader {
    /// Takes the next term of a source and works until it is over.
    pub async fn lead(self, source: Arc<str>, words: &watch::Sender<Vec<WorkspaceStatus>>) {
        if let Some(term) = self.over.run_until_cancelled(self.begin(source)).await {
            Box::pin(self.work(term, words)).await;
        }
    }

    async fn begin(&self, source: Arc<str>) -> Term {
        loop {
            match Term::begin(&self.registry, source.clone(), &self.options.instance).await {
                Ok(term) => {
                    tracing::info!(source = &*term.source, epoch = term.epoch, "leads");
                    return term.while_leased(self.leased.clone());
                }
                Err(error) => tracing::warn!(%error, "the lead can't be registered; trying again"),
            }
            sleep(RETRY).await;
        }
    }

    async fn work(&self, term: Term, words: &watch::Sender<Vec<WorkspaceStatus>>) {
        let Self { client, registry, own, options, over, .. } = self;
        let [changed, looked, retained_changed, rewrite, rewrite_classes]: [Arc<Notify>; 5] = Default::default();
        let keep = |changed: &Arc<Notify>| (client.clone(), changed.clone(), over.clone());
        let (workspaces, keep_workspaces) = objects::keep::<Workspace>(keep(&changed));
        let (classes, keep_classes) = objects::keep::<WorkspaceClass>(keep(&changed));
        let (namespaces, keep_namespaces) = objects::keep::<Namespace>(keep(&changed));
        let (kept, keep_retained) = objects::keep::<RetainedWorkspace>(keep(&retained_changed));
        let watching = join_all([keep_workspaces, keep_classes, keep_namespaces, keep_retained]);

        let (snapshots, snapshot_receiver) = watch::channel(None);
        let (offers, offered) = watch::channel(Offers::default());
        let (usages, usage_receiver) = watch::channel(Usages::default());
        let (owners, owner_receiver) = watch::channel(Owners::default());
        let (suspects, suspected) = mpsc::channel(1);
        let (held, held_receiver) = watch::channel(Held::default());

        let place = (registry.clone(), term.source.clone());
        let gatherer = Gatherer {
            ways: Classes::new(
                (client.clone(), options.namespace.clone()),
                place,
                (own.clone(), options.look_every),
                looked.clone(),
            ),
            workspaces: workspaces.clone(),
            classes: classes.clone(),
            namespaces: Namespaces::new(client.clone(), namespaces),
            changed,
            looked,
            rewrite: rewrite.clone(),
            rewrite_classes: rewrite_classes.clone(),
            manifests: objects::Manifests::default(),
            offers,
            snapshots,
        };
        let gathering = gatherer.run(over.clone());
        let drifting =
            drift::watch(registry.clone(), term.clone(), offered.clone(), suspects, (options.look_every, over.clone()));
        let setup = Setup {
            registry: registry.clone(),
            term: term.clone(),
            offers: offered.clone(),
            brake: Some(Brake::default()),
            retired: retained_changed.clone(),
            held,
        };
        let controlling = controller::run(setup, snapshot_receiver, suspected, over.clone(), words.clone());
        let provisioning = async { tokio::join!(watching, gathering, drifting, controlling) };

        let (statuses, class_statuses) = (client.clone(), client.clone());
        let writer =
            Writer::new((statuses, workspaces), options.base_url.clone(), usage_receiver.clone(), owner_receiver);
        let writing = writer.keep(words.subscribe(), rewrite, over.clone());
        let class_writer = ClassWriter::new(class_statuses, classes, registry.clone(), term.source.clone());
        let telling =
            class_writer.keep(offered.clone(), (words.subscribe(), held_receiver), rewrite_classes, over.clone());
        let surveyor = Surveyor::new(registry.clone(), term.source.clone(), options.usage_every);
        let surveying = surveyor.keep(offered.clone(), words.subscribe(), usages, over.clone());
        let sizing = retained_size::keep(client.clone(), kept.clone(), usage_receiver, over.clone());
        let inviting = owners::keep(
            (client.clone(), options.namespace.clone(), options.owner_links.clone()),
            (offered.clone(), words.subscribe()),
            owners,
            over.clone(),
        );
        let keeper = retained::Keeper::new(client.clone(), kept, registry.clone(), term, offered, over.clone());
        let retaining = keeper.keep(words.subscribe(), retained_changed, over.clone());
        let speaking = async { tokio::join!(writing, telling, surveying, sizing, inviting, retaining) };
        tokio::join!(Box::pin(provisioning), Box::pin(speaking));
    }
}
