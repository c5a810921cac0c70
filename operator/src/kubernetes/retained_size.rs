//! How much room retained data takes, in the status of its RetainedWorkspace. The rest of that status is others' to write.

use crds::RetainedWorkspace;
use domain::WorkspaceId;
use kube::{
    Api, Client, ResourceExt as _,
    api::{Patch, PatchParams},
};
use tokio::{
    sync::watch,
    time::{Duration, timeout},
};
use tokio_util::sync::CancellationToken;

use super::objects::{Objects, decode};
use crate::usage::{Usages, quantity};

const WRITE_LIMIT: Duration = Duration::from_secs(15);

/// Keeps the sizes as the newest survey says, until `shutdown`.
pub async fn keep(client: Client, objects: Objects, mut usages: watch::Receiver<Usages>, shutdown: CancellationToken) {
    let api = Api::<RetainedWorkspace>::all(client);
    let kept = async {
        while usages.changed().await.is_ok() {
            let found = usages.borrow_and_update().clone();
            for object in objects.state() {
                let name = object.name_any();
                let Ok(id) = name.parse::<WorkspaceId>() else { continue };
                let Some(size) = found.get(&id).map(|usage| quantity(usage.storage)) else { continue };
                let Ok(object) = decode::<RetainedWorkspace>(&object) else { continue };
                if object.status.and_then(|status| status.size).as_ref() != Some(&size) {
                    write(&api, &name, &size).await;
                }
            }
        }
    };
    shutdown.run_until_cancelled(kept).await;
}

async fn write(api: &Api<RetainedWorkspace>, name: &str, size: &str) {
    let patch = Patch::Merge(serde_json::json!({"status": {"size": size}}));
    match timeout(WRITE_LIMIT, api.patch_status(name, &PatchParams::default(), &patch)).await {
        Ok(Ok(_)) => {}
        Ok(Err(kube::Error::Api(status))) if status.code == 404 => {}
        Ok(Err(error)) => tracing::warn!(name, %error, "its size can't be written; trying again after the next survey"),
        Err(_) => tracing::warn!(name, "the API server did not answer; trying again after the next survey"),
    }
}
