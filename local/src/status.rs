//! `status.json`: what the program says of itself and of each manifest, renewed at every change.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use operator::WorkspaceStatus;
use serde::Serialize;
use tenancy::Registry;
use tokio::{signal::unix::Signal, sync::watch};
use tokio_util::sync::CancellationToken;

use crate::links::Links;

/// A link that could not be made is tried again.
const LINK_RETRY: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Status {
    pid: u32,
    url: String,
    /// Every manifest has been judged, and every good one is served.
    ready: bool,
    /// How often the sign-in links were made anew, by SIGHUP.
    renewals: u32,
    workspaces: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(flatten)]
    workspace: WorkspaceStatus,
    url: Option<String>,
    sign_in_link: Option<String>,
}

/// Writes `status.json` into `folder` at every change of the operator's words or of what is served. At SIGHUP it makes new
/// sign-in links: the old ones may have been used.
pub async fn keep(
    folder: PathBuf,
    base: String,
    registry: Registry,
    mut links: Links,
    mut workspaces: watch::Receiver<Option<Vec<WorkspaceStatus>>>,
    mut renew: Signal,
    shutdown: CancellationToken,
) {
    let mut renewals = 0;
    let mut served = registry.subscribe();
    loop {
        let words = workspaces.borrow_and_update().clone();
        served.mark_unchanged();
        let status = Status { renewals, ..compose(&base, &registry, &mut links, words).await };
        if let Err(error) = write(&folder, &status) {
            tracing::error!(%error, "status.json can't be written");
        }
        let linkless = links.are_made()
            && status.workspaces.iter().any(|entry| entry.url.is_some() && entry.sign_in_link.is_none());
        tokio::select! {
            () = tokio::time::sleep(LINK_RETRY), if linkless => {}
            () = shutdown.cancelled() => return,
            Ok(()) = workspaces.changed() => {}
            Ok(()) = served.changed() => {}
            Some(()) = renew.recv() => {
                links.forget();
                renewals += 1;
            }
            else => return,
        }
    }
}

async fn compose(base: &str, registry: &Registry, links: &mut Links, words: Option<Vec<WorkspaceStatus>>) -> Status {
    let judged = words.is_some();
    let mut entries = Vec::new();
    for mut workspace in words.unwrap_or_default() {
        let id = workspace.id.clone().filter(|_| workspace.ready);
        let served = id.and_then(|id| registry.by_id(&id));
        if workspace.ready && served.is_none() {
            workspace.ready = false;
            workspace.reason = operator::status::PROVISIONING.to_owned();
            "not served yet".clone_into(&mut workspace.message);
        }
        let (url, sign_in_link) = match &served {
            Some(served) => (Some(links.page(served.handle.as_str())), links.sign_in(&served.id).await),
            None => (None, None),
        };
        entries.push(Entry { workspace, url, sign_in_link });
    }
    let ready = judged && entries.iter().all(|entry| entry.workspace.reason != operator::status::PROVISIONING);
    Status { pid: std::process::id(), url: base.to_owned(), ready, renewals: 0, workspaces: entries }
}

/// The links let an owner in: readable by the owner of the files only, and never half written.
fn write(folder: &Path, status: &Status) -> anyhow::Result<()> {
    let temporary = folder.join("status.json.new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(&serde_json::to_vec_pretty(status)?)?;
    fs::rename(temporary, folder.join("status.json"))?;
    Ok(())
}
