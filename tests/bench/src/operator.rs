//! `bench operator`: workspaces by `kubectl apply` on a real API server. How long one takes, alone and beside one that
//! keeps failing; many at once; a restart, which should write nothing; and rest.

mod audit;
mod cluster;
mod flood;
mod objects;
mod rest;
mod restart;
mod room;
mod store;
mod turns;

use std::{path::PathBuf, time::Duration};

use anyhow::ensure;
use clap::Args;
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, ResourceExt as _, api::ListParams};

use crate::{
    program::{Bed, Program},
    usage::{Kind, Reading, Spent, Watched},
};
use cluster::Cluster;
use objects::Objects;
use store::Store;

/// One that spends no more than this in a look does nothing but wait.
const QUIET: (Duration, f64) = (Duration::from_millis(1000), 0.06);
const SETTLE_LIMIT: Duration = Duration::from_secs(60);
const INVITED_WITHIN: Duration = Duration::from_secs(300);

/// Options of `bench operator`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Workspaces that are applied at once.
    #[arg(long, default_value_t = 1000)]
    workspaces: usize,
    /// Workspaces that are applied one after the other; and as many beside one that fails.
    #[arg(long, default_value_t = 60)]
    turns: usize,
    /// In so many rounds the two take turns.
    #[arg(long, default_value_t = 4)]
    rounds: usize,
    /// Seconds of rest that are measured.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where the CRDs, the policies and the roles are.
    #[arg(long, env = "THREADLY_BENCH_CRDS")]
    crds: PathBuf,
}

/// What is measured.
pub struct Stage<'a> {
    bed: &'a Bed,
    cluster: Cluster,
    objects: Objects,
    store: Store,
    operator: Program,
}

/// Runs it; the targets are for whoever reads.
pub async fn run(bed: &Bed, options: &Options) -> anyhow::Result<bool> {
    let all = options.workspaces + 2 * options.turns + 1;
    room::check(bed, all)?;
    let cluster = Cluster::start(bed, options).await?;
    let operator = cluster.start_operator(bed)?;
    let objects = Objects::watch(&cluster.client).await?;
    let store = Store::connect(bed)?;
    let stage = Stage { bed, cluster, objects, store, operator };
    stage.objects.apply("first").await?;
    // It is made with the roles, the registry and the template.
    stage.objects.until_ready("first").await?;

    if options.turns > 0 {
        turns::run(&stage, options).await?;
    }
    if options.workspaces > 0 {
        flood::run(&stage, options.workspaces).await?;
    }
    let stage = restart::run(stage).await?;
    rest::run(&stage, options.seconds).await?;
    stage.operator.stop()?;
    Ok(true)
}

impl Stage<'_> {
    /// Waits until each of so many first owners has a link, which comes some time after Ready.
    async fn owners_invited(&self, count: usize) -> anyhow::Result<()> {
        let secrets = Api::<Secret>::namespaced(self.cluster.client.clone(), "threadly-system");
        let begun = tokio::time::Instant::now();
        loop {
            let list = secrets.list_metadata(&ListParams::default()).await?;
            let links = list.iter().filter(|secret| secret.name_any().starts_with("owner-")).count();
            if links >= count {
                return Ok(());
            }
            ensure!(begun.elapsed() < INVITED_WITHIN, "{links} of {count} links within {INVITED_WITHIN:?}");
            tokio::time::sleep(QUIET.0).await;
        }
    }

    /// Who is watched: the operator first.
    fn watched(&self) -> Vec<Watched> {
        let watched = |name: &str, pid, kind| Watched { name: name.to_owned(), pid, kind };
        let mut all = vec![watched("operator", self.operator.pid(), Kind::Threadly)];
        all.extend(self.cluster.processes().into_iter().map(|(name, pid)| watched(name, pid, Kind::Server)));
        all.push(watched("kafka", self.bed.kafka_pid, Kind::Server));
        all.push(watched("postgres", self.bed.postgres_pid, Kind::Server));
        all.push(watched("bench", std::process::id(), Kind::Generator));
        all
    }

    /// Waits until the operator has nothing left to do, so that nobody else's time gets its work.
    async fn settle(&self) {
        let watched = self.watched();
        let begun = tokio::time::Instant::now();
        let mut before = Reading::take(&watched);
        while begun.elapsed() < SETTLE_LIMIT {
            tokio::time::sleep(QUIET.0).await;
            let spent: Spent = Reading::take(&watched).since(&before, &watched);
            if spent.threadly <= QUIET.1 {
                return;
            }
            before = Reading::take(&watched);
        }
    }
}
