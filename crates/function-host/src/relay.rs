//! Relays outboxes right after commit, and again later where that failed.

use std::{sync::Arc, time::Duration};

use event_log::{EventLog, outbox};
use tenancy::{Databases, Registry, Workspace};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Workspaces whose relay failed and is to be tried again.
const WAITING: usize = 1_024;
/// Wait before a relay is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// A handle on the relay; clones share one queue of retries.
#[derive(Clone, Debug)]
pub struct Relay {
    log: EventLog,
    databases: Arc<Databases>,
    again: mpsc::Sender<Arc<Workspace>>,
}

impl Relay {
    pub(crate) fn start(log: EventLog, databases: Arc<Databases>, shutdown: CancellationToken) -> Self {
        let (again, waiting) = mpsc::channel(WAITING);
        let relay = Self { log, databases, again };
        tokio::spawn(retry(relay.clone(), waiting, shutdown));
        relay
    }

    /// Relays what waits in the workspace's outbox. A failure is not the caller's: what was committed stands, and is
    /// told to the log as soon as it answers.
    pub async fn relay(&self, workspace: &Arc<Workspace>) {
        if let Err(error) = self.attempt(workspace).await {
            tracing::warn!(workspace = %workspace.id, %error, "the outbox waits");
            if self.again.try_send(workspace.clone()).is_err() {
                tracing::error!(workspace = %workspace.id, "too many outboxes wait; this one waits for the next write");
            }
        }
    }

    /// Relays what a killed process left in any workspace, at start.
    pub async fn sweep(&self, registry: &Registry) {
        let snapshot = registry.subscribe().borrow().clone();
        for workspace in snapshot.workspaces() {
            self.relay(workspace).await;
        }
    }

    async fn attempt(&self, workspace: &Workspace) -> anyhow::Result<()> {
        let pool = self.databases.pool(workspace)?;
        outbox::relay(&self.log, workspace, &pool).await?;
        Ok(())
    }
}

async fn retry(relay: Relay, mut waiting: mpsc::Receiver<Arc<Workspace>>, shutdown: CancellationToken) {
    while let Some(Some(workspace)) = shutdown.run_until_cancelled(waiting.recv()).await {
        if shutdown.run_until_cancelled(tokio::time::sleep(RETRY)).await.is_none() {
            return;
        }
        relay.relay(&workspace).await;
    }
}
