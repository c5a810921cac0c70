//! Asking for what has come due.

use std::time::Duration;

use access::tick::TickKey;
use anyhow::{Context, bail};
use futures::{StreamExt, stream};
use tenancy::{Due, due::DueTask};
use tokio_util::sync::CancellationToken;

use crate::Targets;

/// Between two looks at what is due.
const PACE: Duration = Duration::from_secs(1);
/// Tasks claimed together, and asked for at once.
const CLAIMED: i64 = 64;
const AT_ONCE: usize = 8;
/// For one answer.
const ANSWER: Duration = Duration::from_secs(20);
/// A claimed task is nobody else's for so long; a clock that is killed leaves it to others then.
const LEASE: Duration = Duration::from_secs(30);
/// Longer than a request may last: what an older row announced has been committed or never will be.
const SETTLED: Duration = Duration::from_secs(15);
/// A younger row's work may come yet.
const AGAIN: Duration = Duration::from_secs(5);
/// Longest wait after failures.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);

/// A clock at work.
#[derive(Debug)]
pub struct Clock {
    due: Due,
    key: TickKey,
    targets: Targets,
    client: reqwest::Client,
}

impl Clock {
    /// Asks `targets` for what is in `due`.
    ///
    /// # Errors
    /// The HTTP client can't be made.
    pub fn new(due: Due, key: TickKey, targets: Targets) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().timeout(ANSWER).build()?;
        Ok(Self { due, key, targets, client })
    }

    /// Until `shutdown`; a task under way then is asked for again by another clock, or at the next start.
    pub async fn run(self, shutdown: CancellationToken) {
        shutdown.run_until_cancelled(self.ring()).await;
    }

    async fn ring(&self) {
        loop {
            let claimed = match self.due.claim(CLAIMED, LEASE).await {
                Ok(tasks) => {
                    let count = tasks.len();
                    stream::iter(tasks).for_each_concurrent(AT_ONCE, |task| self.see_to(task)).await;
                    count
                }
                Err(error) => {
                    tracing::warn!(%error, "what is due can't be read");
                    0
                }
            };
            if claimed < usize::try_from(CLAIMED).unwrap_or_default() {
                tokio::time::sleep(PACE).await;
            }
        }
    }

    async fn see_to(&self, task: DueTask) {
        let stored = match self.tick(&task).await {
            Ok(()) if task.age >= SETTLED => self.due.done(&task.key, task.version).await,
            Ok(()) => self.due.put_off(&task, AGAIN, false).await,
            Err(error) => {
                let (workspace, wait) = (&task.key.workspace, back_off(task.attempts));
                let function = &task.key.function;
                metrics::counter!("threadly_clock_failures_total", "function" => function.clone()).increment(1);
                tracing::warn!(%workspace, function, ?wait, error = format!("{error:#}"), "a tick was in vain");
                self.due.put_off(&task, wait, true).await
            }
        };
        if let Err(error) = stored {
            // Its lease ends, and it is asked for once more.
            tracing::warn!(%error, "a tick's outcome can't be noted");
        }
    }

    async fn tick(&self, task: &DueTask) -> anyhow::Result<()> {
        let key = &task.key;
        let base = self.targets.0.get(&key.function).context("the clock was not told where this function is")?;
        let url = format!("{base}{}", function_host::tick::path(&key.function));
        let token = self.key.token(&key.function, &key.workspace, &key.purpose)?;
        let answer = self.client.post(url).bearer_auth(token).send().await?;
        if !answer.status().is_success() {
            bail!("{} answered {}", key.function, answer.status());
        }
        metrics::counter!("threadly_clock_ticks_total", "function" => key.function.clone()).increment(1);
        Ok(())
    }
}

/// 1, 2, 4 … 256, 300 seconds, and up to half of it less.
fn back_off(attempts: u32) -> Duration {
    let doubled = Duration::from_secs(1 << attempts.min(9));
    doubled.min(LONGEST_BACK_OFF).mul_f64(rand::random_range(0.5..1.0))
}
