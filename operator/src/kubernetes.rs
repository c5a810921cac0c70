//! The Kubernetes API as the source of manifests, and the place where the operator's words are written.
//!
//! ```text
//! objects ──Snapshot──▶ controller ──words──▶ writer ──▶ status, events
//! classes ──Offers────▶     │
//!                           └─▶ registry ──▶ retained ──▶ RetainedWorkspace
//! ```

use std::{fmt, sync::Arc, time::Duration};

use buckets::S3Config;
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client, ResourceExt as _};
use sqlx::PgPool;
use tenancy::credentials::RootKey;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::WorkspaceStatus;

mod class_status;
mod classes;
mod conditions;
mod definitions;
mod gatherer;
mod leader;
mod lease;
mod namespaces;
mod objects;
mod owners;
mod purges;
mod retained;
mod retained_size;
mod writer;

use leader::Leader;
use lease::Candidate;
pub use owners::{OwnerLink, OwnerLinks, OwnerState};

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
    /// How often usage is counted.
    pub usage_every: Duration,
    /// How often it is looked for what was changed by hand, and twice as often whether backends answer.
    pub look_every: Duration,
    /// Makes the first owners' links; without it none are made.
    pub owner_links: Option<Arc<dyn OwnerLinks>>,
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
    metrics::gauge!("threadly_operator_leads").set(0.0);
    let mut candidate = Candidate::new(client.clone(), &options.namespace, options.instance.clone());
    while shutdown.run_until_cancelled(candidate.acquire()).await.is_some() {
        let over = shutdown.child_token();
        let leader = Leader {
            client: client.clone(),
            registry: registry.clone(),
            own: own.clone(),
            options: options.clone(),
            leased: candidate.leased(),
            over: over.clone(),
        };
        let leading = async {
            metrics::gauge!("threadly_operator_leads").set(1.0);
            leader.lead(source.clone(), &words).await;
            over.cancel();
        };
        let keeping = async {
            over.run_until_cancelled(candidate.keep()).await;
            over.cancel();
        };
        tokio::join!(leading, keeping);
        metrics::gauge!("threadly_operator_leads").set(0.0);
        tracing::info!("leads no more");
        // What was begun has ended.
        candidate.release().await;
        shutdown.run_until_cancelled(sleep(RETRY)).await;
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
