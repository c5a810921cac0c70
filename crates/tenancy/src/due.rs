//! What is due, and when: work that no request brings, kept in the control database so that no process has to remember
//! it. Whoever has such work writes a row before it could be lost; the clock asks for it; the row goes once it is done.

use std::time::Duration;

use domain::WorkspaceId;
use sqlx::PgPool;

use crate::{Registry, store};

/// The kinds of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Relaying a workspace's outbox.
    Outbox,
    /// Sending a workspace's letters.
    Mail,
    /// Deleting from a workspace's bucket what nobody has any more.
    Leftovers,
    /// Deleting what is over.
    Expiries,
}

impl Purpose {
    /// As stored and as sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Mail => "mail",
            Self::Leftovers => "leftovers",
            Self::Expiries => "expiries",
        }
    }

    /// The purpose of a text.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        [Self::Outbox, Self::Mail, Self::Leftovers, Self::Expiries].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// A row's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueKey {
    /// Whose work it is about.
    pub workspace: WorkspaceId,
    /// Which function does it.
    pub function: String,
    /// What it is.
    pub purpose: String,
    /// Whose row it is; each holder has its own.
    pub holder: String,
}

/// A row that came due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueTask {
    /// Which.
    pub key: DueKey,
    /// What it was when it was claimed.
    pub version: i64,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// Since its last writing.
    pub age: Duration,
}

/// The table of what is due. Clones share a pool.
#[derive(Clone, Debug)]
pub struct Due(PgPool);

impl Registry {
    /// What is due in this installation.
    #[must_use]
    pub fn due(&self) -> Due {
        Due(self.control().clone())
    }
}

impl Due {
    /// Has `key` asked for after `wait`, or earlier if it was due earlier. The version is new with every call.
    ///
    /// # Errors
    /// The control database is away.
    pub async fn set(&self, key: &DueKey, wait: Duration) -> sqlx::Result<i64> {
        store::set_due(&self.0, key, wait.as_secs_f64()).await
    }

    /// Removes `key` if nobody has set it since `version`.
    ///
    /// # Errors
    /// The control database is away.
    pub async fn done(&self, key: &DueKey, version: i64) -> sqlx::Result<()> {
        store::due_done(&self.0, key, version).await
    }

    /// What has come due, at most `limit`; each is asked for again after `lease` unless it is done or put off before.
    /// Several clocks share the work.
    ///
    /// # Errors
    /// The control database is away.
    pub async fn claim(&self, limit: i64, lease: Duration) -> sqlx::Result<Vec<DueTask>> {
        store::claim_due(&self.0, limit, lease.as_secs_f64()).await
    }

    /// Asks for a claimed task again after `wait`; `failed` counts.
    ///
    /// # Errors
    /// The control database is away.
    pub async fn put_off(&self, task: &DueTask, wait: Duration, failed: bool) -> sqlx::Result<()> {
        store::put_due_off(&self.0, task, wait.as_secs_f64(), i32::from(failed)).await
    }

    /// What a holder left, for its next start.
    ///
    /// # Errors
    /// The control database is away.
    pub async fn left_by(&self, function: &str, purpose: Purpose, holder: &str) -> sqlx::Result<Vec<(DueKey, i64)>> {
        store::due_of(&self.0, function, purpose.as_str(), holder).await
    }
}
