//! Deleting what is over, once a day and workspace: refresh tokens, sessions, failed attempts. Whoever signs in or refreshes
//! has it asked for; it has itself asked for from then on.

mod store;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use domain::WorkspaceId;
use function_host::{Errand, Problem, Services};
use tenancy::{
    Registry, Workspace,
    due::{DueKey, Purpose},
};

const DAY: Duration = Duration::from_hours(24);
/// How long a run goes on: the clock waits for its answer.
const LONGEST: Duration = Duration::from_secs(4);
/// Rows that a statement deletes.
const BATCH: i64 = 1_000;

/// The work of deleting.
pub(crate) struct Expiries(Services);

impl Expiries {
    pub(crate) fn new(services: Services) -> Self {
        Self(services)
    }
}

#[async_trait]
impl Errand for Expiries {
    fn purpose(&self) -> Purpose {
        Purpose::Expiries
    }

    async fn run(&self, workspace: Arc<Workspace>) -> Result<(), Problem> {
        let pool = self.0.pool(&workspace).await?;
        let begun = Instant::now();
        let mut is_over = false;
        while !is_over && begun.elapsed() < LONGEST {
            is_over = store::delete_some(&pool, BATCH).await?;
        }
        if !is_over {
            return Err(Problem::unavailable("not-done-yet", "there is more to delete; ask again"));
        }
        Ok(ask(&self.0.registry, &workspace.id).await?)
    }
}

/// Has the next day's run asked for. Each day has a row of its own: today's is being done.
async fn ask(registry: &Registry, workspace: &WorkspaceId) -> sqlx::Result<()> {
    let key = DueKey {
        workspace: workspace.clone(),
        function: "auth".to_owned(),
        purpose: Purpose::Expiries.as_str().to_owned(),
        holder: (today(registry) + 1).to_string(),
    };
    registry.due().set(&key, DAY).await.map(drop)
}

/// Days since 1970, by the one clock.
fn today(registry: &Registry) -> u64 {
    registry.clock().now_seconds() / DAY.as_secs()
}

/// For which workspaces this process has had the next run asked for, and on which day. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked(Arc<Mutex<HashMap<WorkspaceId, u64>>>);

impl Asked {
    /// Has the next run asked for, once a day and beside the request: it may be a day late.
    pub(crate) fn expect(&self, services: &Services, workspace: &WorkspaceId) {
        let today = today(&services.registry);
        if self.days().insert(workspace.clone(), today) == Some(today) {
            return;
        }
        let (asked, registry, workspace) = (self.clone(), services.registry.clone(), workspace.clone());
        services.tasks.spawn(async move {
            if let Err(error) = ask(&registry, &workspace).await {
                tracing::warn!(%workspace, %error, "deleting what is over can't be asked for");
                asked.days().remove(&workspace);
            }
        });
    }

    /// Nobody panics while holding this; if somebody did, the days would still be whole.
    fn days(&self) -> MutexGuard<'_, HashMap<WorkspaceId, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
