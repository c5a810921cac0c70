//! Sending letters, when the clock asks. Each goes out at least once: whoever dies between sending and noting it leaves
//! the letter to be sent again, with another ticket, and both work.

mod compose;
mod store;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use function_host::{Errand, Problem, Services};
use futures::{StreamExt, stream};
use mail::{MailError, Mailer, Outgoing};
use people::Letter;
use sqlx::PgPool;
use tenancy::{
    Workspace,
    due::{DueKey, Purpose},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use compose::ComposeError;
use store::Due;

/// Letters taken together, and handed over at once.
const TAKEN: i64 = 20;
const AT_ONCE: usize = 4;
/// Times that letters are taken for one tick; more are for the next.
const ROUNDS: usize = 10;
/// Workspaces whose letters are sent at once.
const WORKSPACES: usize = 8;
/// Longer than handing a batch over takes, unless the server is slow; then a letter may go twice.
const LEASE: Duration = Duration::from_secs(300);
/// Hand-overs in vain before nobody tries any more: the last is a good 8 hours after the first.
const MAX_ATTEMPTS: i32 = 8;
/// Between the first two; each further wait is four times as long.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The clock needs not look more often for letters that are put off.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// The work of sending letters.
pub(crate) struct Post {
    services: Services,
    mailer: Mailer,
    workspaces: Arc<Semaphore>,
}

impl Post {
    pub(crate) fn new(services: Services, mailer: Mailer) -> Self {
        Self { services, mailer, workspaces: Arc::new(Semaphore::new(WORKSPACES)) }
    }
}

#[async_trait]
impl Errand for Post {
    fn purpose(&self) -> Purpose {
        Purpose::Mail
    }

    async fn run(&self, workspace: Arc<Workspace>) -> Result<(), Problem> {
        let full = || Problem::unavailable("not-done-yet", "the letters of others are being sent; ask again");
        let place = self.workspaces.clone().try_acquire_owned().map_err(|_| full())?;
        let pool = self.services.pool(&workspace).await?;
        let (mailer, registry) = (self.mailer.clone(), self.services.registry.clone());
        // A server may take longer than the clock waits for an answer: what is begun is finished.
        let round = self.services.tasks.spawn(async move {
            let _place: OwnedSemaphorePermit = place;
            let wait = send_all(&pool, &workspace, &mailer).await?;
            if let Some(wait) = wait {
                let key = DueKey {
                    workspace: workspace.id.clone(),
                    function: "auth".to_owned(),
                    purpose: Purpose::Mail.as_str().to_owned(),
                    holder: String::new(),
                };
                registry.due().set(&key, wait.max(SHORTEST_WAIT)).await?;
            }
            Ok::<(), sqlx::Error>(())
        });
        Ok(round.await.map_err(|error| Problem::internal(&error))??)
    }
}

/// Sends what is due, within bounds; says when more is.
async fn send_all(pool: &PgPool, workspace: &Workspace, mailer: &Mailer) -> sqlx::Result<Option<Duration>> {
    for _ in 0..ROUNDS {
        let due = store::take(pool, TAKEN, LEASE).await?;
        let last = due.len() < usize::try_from(TAKEN).unwrap_or_default();
        stream::iter(due).for_each_concurrent(AT_ONCE, |due| send_one(pool, workspace, mailer, due)).await;
        if last {
            break;
        }
    }
    store::clear(pool).await?;
    store::next(pool).await
}

/// Sends a letter and notes what became of it. If that can't be noted, its lease ends, and it is sent again.
async fn send_one(pool: &PgPool, workspace: &Workspace, mailer: &Mailer, due: Due) {
    let (id, attempts) = (due.id, due.attempts);
    let noted = match hand_over(pool, workspace, mailer, due).await {
        Ok(true) => store::sent(pool, id).await,
        Ok(false) => store::drop_letter(pool, id).await,
        Err(Failure::Passing(why)) if attempts < MAX_ATTEMPTS => {
            tracing::warn!(workspace = %workspace.id, letter = %id, attempts, why, "a letter is put off");
            store::put_off(pool, id, wait_after(attempts)).await
        }
        Err(Failure::Passing(why) | Failure::Final(why)) => {
            tracing::warn!(workspace = %workspace.id, letter = %id, attempts, why, "a letter is parked");
            store::park(pool, id, &why).await
        }
    };
    if let Err(error) = noted {
        tracing::warn!(workspace = %workspace.id, letter = %id, %error, "what became of a letter can't be noted");
    }
}

/// Why a letter did not go.
#[derive(Debug)]
enum Failure {
    /// It may go later.
    Passing(String),
    /// It never will.
    Final(String),
}

impl From<MailError> for Failure {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Off => Self::Final("mail is off".to_owned()),
            MailError::Rejected(_) => Self::Final(error.to_string()),
            MailError::Later(_) => Self::Passing(error.to_string()),
        }
    }
}

/// False if the letter's reason is gone.
async fn hand_over(pool: &PgPool, workspace: &Workspace, mailer: &Mailer, due: Due) -> Result<bool, Failure> {
    let reason: Letter = serde_json::from_value(due.data)
        .map_err(|error| Failure::Final(format!("this version can't read it: {error}")))?;
    let composed =
        compose::compose(pool, workspace, mailer, &due.recipient, reason).await.map_err(|error| match error {
            ComposeError::Mail(error) => error.into(),
            ComposeError::Database(error) => Failure::Passing(error.to_string()),
            ComposeError::Ticket(error) => Failure::Passing(error.to_string()),
        })?;
    let Some(composed) = composed else { return Ok(false) };
    let outgoing = Outgoing {
        id: due.id,
        to: due.recipient,
        to_name: composed.to_name,
        workspace: workspace.display_name.clone(),
        letter: composed.letter,
    };
    mailer.send(&outgoing).await?;
    Ok(true)
}

/// 5, 20, 80 … seconds.
fn wait_after(attempts: i32) -> Duration {
    FIRST_WAIT * 4_u32.saturating_pow(attempts.max(1).unsigned_abs() - 1).min(10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_fourfold_over_eight_hours() {
        let waits: Vec<u64> = (1..MAX_ATTEMPTS).map(|attempts| wait_after(attempts).as_secs()).collect();
        assert_eq!(waits, [5, 20, 80, 320, 1_280, 5_120, 20_480]);
        assert!(wait_after(i32::MAX) < Duration::from_hours(24));
    }
}
