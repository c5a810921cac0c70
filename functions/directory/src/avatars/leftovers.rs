//! Pictures that nobody has any more: deleted from the bucket at once by whoever left them, and again when the clock asks,
//! whatever became of that process.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use buckets::Buckets;
use domain::{UserId, WorkspaceId};
use function_host::{Errand, Problem, Services};
use sqlx::PgPool;
use tenancy::{Workspace, due::Purpose};

use super::{Avatars, NotCompleted, key, picture::Digest, store};
use crate::error::DirectoryError;

/// Looked at together.
const TAKEN: i64 = 50;
/// After so long the rest is for the next tick: the clock waits 20 s for an answer, and a deletion takes up to 4 s.
const TURN: Duration = Duration::from_secs(10);
/// The clock needs not look more often for what is being copied.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// The work of deleting them.
pub(crate) struct Leftovers {
    services: Services,
    avatars: Avatars,
}

impl Leftovers {
    pub(crate) fn new(services: Services, avatars: Avatars) -> Self {
        Self { services, avatars }
    }
}

#[async_trait]
impl Errand for Leftovers {
    fn purpose(&self) -> Purpose {
        Purpose::Leftovers
    }

    async fn run(&self, workspace: Arc<Workspace>) -> Result<(), Problem> {
        let (began, pool) = (Instant::now(), self.services.pool(&workspace).await?);
        let mut leftovers = store::leftovers(&pool, TAKEN).await?.into_iter();
        while let Some(leftover) = leftovers.next().filter(|_| began.elapsed() < TURN) {
            clear(&pool, &self.avatars, self.avatars.buckets()?, &workspace.id, leftover).await?;
        }
        if let Some(wait) = store::next_leftover(&pool).await? {
            let wait = wait.max(SHORTEST_WAIT);
            people::pictures::expect(&self.services.registry, &workspace, wait).await?;
        }
        Ok(())
    }
}

/// Deletes a person's former picture, unless they have come back to it.
pub(super) async fn clear(
    pool: &PgPool,
    avatars: &Avatars,
    buckets: &Buckets,
    workspace: &WorkspaceId,
    (user, digest): (UserId, Digest),
) -> Result<(), NotCompleted> {
    let _turn = avatars.turn().await;
    let mut transaction = pool.begin().await.map_err(DirectoryError::from)?;
    if store::lock_avatar(&mut transaction, user).await.map_err(DirectoryError::from)? != Some(digest) {
        buckets.delete(&workspace.bucket(), &key(user, digest)).await?;
    }
    store::settle(&mut transaction, user, digest).await.map_err(DirectoryError::from)?;
    transaction.commit().await.map_err(DirectoryError::from)?;
    Ok(())
}
