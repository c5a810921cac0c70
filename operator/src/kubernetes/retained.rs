//! A RetainedWorkspace object for each workspace of this cluster that is out of service: made when it is missing, written
//! anew by nobody, removed when its workspace is in service again. The registry alone says what is retained.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crds::{
    RetainedWorkspace,
    retained_workspace::{FormerPlace, RetainedWorkspaceSpec},
};
use kube::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, PostParams},
};
use sqlx::PgPool;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::objects::{Objects, decode};
use crate::{
    WorkspaceStatus,
    registry::{Retained, store},
};

/// Between two looks when nothing is told.
const LOOK: Duration = Duration::from_secs(15);
/// What is told together is looked at together.
const GATHER: Duration = Duration::from_millis(200);
const WRITE_LIMIT: Duration = Duration::from_secs(15);

/// Keeps the objects as the registry says, until `shutdown`.
pub async fn keep(
    client: Client,
    objects: Objects,
    registry: PgPool,
    source: Arc<str>,
    mut words: watch::Receiver<Vec<WorkspaceStatus>>,
    shutdown: CancellationToken,
) {
    let api = Api::<RetainedWorkspace>::all(client);
    let kept = async {
        if objects.wait_until_ready().await.is_err() {
            return;
        }
        loop {
            match store::retained(&registry, &source).await {
                Ok(rows) => settle(&api, &objects, &source, rows).await,
                Err(error) => tracing::warn!(%error, "retained workspaces are not readable; trying again"),
            }
            // A workspace that is retired has no word any more.
            let _ = timeout(LOOK, words.changed()).await;
            sleep(GATHER).await;
        }
    };
    shutdown.run_until_cancelled(kept).await;
}

async fn settle(api: &Api<RetainedWorkspace>, objects: &Objects, source: &str, rows: Vec<Retained>) {
    let mut missing: HashMap<String, Retained> = rows.into_iter().map(|row| (row.id.to_string(), row)).collect();
    for object in objects.state() {
        let ours = decode::<RetainedWorkspace>(&object)
            .is_ok_and(|object| object.spec.former_place.cluster.as_deref() == Some(cluster(source)));
        if missing.remove(&object.name_any()).is_some() || !ours {
            continue;
        }
        let (name, how) = (object.name_any(), DeleteParams::default());
        report(&name, timeout(WRITE_LIMIT, api.delete(&name, &how)).await.map(|done| done.map(drop)));
    }
    for (name, row) in missing {
        let create = RetainedWorkspace::new(&name, spec(source, row));
        report(
            &name,
            timeout(WRITE_LIMIT, api.create(&PostParams::default(), &create)).await.map(|done| done.map(drop)),
        );
    }
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
        purge_after: None,
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
