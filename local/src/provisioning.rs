//! The operator inside: with a directory of manifests, or with a cluster's.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Context;
use kube::{
    Client,
    config::{KubeConfigOptions, Kubeconfig},
};
use operator::{
    Backends, Control, WorkspaceStatus,
    kubernetes::{self, Own},
    run_directory, run_kubernetes,
};
use threadly_operator::owners::FirstOwners;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::Config;

/// The operator as a task that runs until `shutdown`; its words are `None` until it has judged every manifest once.
pub async fn provision(
    config: &Config,
    control: Control,
    backends: Backends,
    base_url: String,
    owners: FirstOwners,
    statuses: watch::Sender<Option<Vec<WorkspaceStatus>>>,
    shutdown: CancellationToken,
) -> anyhow::Result<impl Future<Output = ()> + use<>> {
    let (sender, mut receiver) = watch::channel(Vec::new());
    let forward = async move {
        while receiver.changed().await.is_ok() {
            let words: Vec<WorkspaceStatus> = receiver.borrow_and_update().clone();
            statuses.send_replace(Some(words));
        }
    };
    let manifests = config.manifests.clone();
    let options = kubernetes::Options {
        instance: kubernetes::instance(),
        namespace: config.namespace.clone(),
        base_url,
        usage_every: Duration::from_secs(config.usage_seconds),
        look_every: Duration::from_secs(config.look_seconds),
        owner_links: Some(Arc::new(owners)),
    };
    let cluster = match &config.kubeconfig {
        Some(file) => {
            let kubeconfig = Kubeconfig::read_from(file).context("the kubeconfig can't be read")?;
            let cluster = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
            Some(Client::try_from(cluster.context("the kubeconfig names no usable cluster")?)?)
        }
        None => None,
    };
    Ok(async move {
        let Some(client) = cluster else {
            tokio::join!(run_directory(control, manifests, shutdown, sender), forward);
            return;
        };
        let (readiness, _) = watch::channel(Ok(()));
        let own = Own { root_key: backends.root_key, s3: Some(backends.s3), origins: backends.origins };
        let provisioning = run_kubernetes(client, control.pool.clone(), own, options, readiness, shutdown, sender);
        tokio::join!(provisioning, forward);
    })
}
