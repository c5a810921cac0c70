//! The task that projects one partition.
//!
//! It knows the offset it wants next. What comes before is skipped; what comes after means that something was dropped
//! (a full queue, a rewound database, a lost log), and it begins anew: asks the database and the log where they stand,
//! and sends the consumer there. So the queue may lose anything at any time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rdkafka::{Offset, TopicPartitionList, consumer::Consumer};
use sqlx::PgPool;
use tenancy::Workspace;
use tokio::sync::{
    Semaphore,
    mpsc::{self, error::TrySendError},
};
use tokio_util::sync::CancellationToken;

use crate::{LogError, ProjectError, Projection, Record, assignments::ProjectorConsumer, projection::Target};

/// Records waiting for the task; beyond, the partition is paused.
const QUEUE: usize = 500;
/// Records in one transaction.
const BATCH: usize = 500;
/// First and longest wait after a failure.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));
/// How often an idle task looks whether its partition was paused.
const IDLE_CHECK: Duration = Duration::from_millis(250);
/// Longest wait for Kafka's answer about the partition.
const ASK: Duration = Duration::from_secs(5);

/// The loop's end of a partition's task; dropping it stops the task.
#[derive(Debug)]
pub(crate) struct WorkerHandle {
    /// As the registry had it when the task was started.
    pub workspace: Arc<Workspace>,
    records: mpsc::Sender<Record>,
    paused: Arc<AtomicBool>,
    stop: CancellationToken,
}

/// What became of an offered record.
pub(crate) enum Offered {
    Taken,
    Full,
    Ended,
}

impl WorkerHandle {
    /// Gives the task a record, if it has room.
    pub(crate) fn offer(&self, record: Record) -> Offered {
        match self.records.try_send(record) {
            Ok(()) => Offered::Taken,
            Err(TrySendError::Full(_)) => Offered::Full,
            Err(TrySendError::Closed(_)) => Offered::Ended,
        }
    }

    /// Says that the partition was paused because of a full queue.
    pub(crate) fn paused(&self) {
        self.paused.store(true, Ordering::Release);
    }
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What a task works on.
pub(crate) struct Worker {
    pub consumer: Arc<ProjectorConsumer>,
    pub projection: Arc<dyn Projection>,
    pub workspace: Arc<Workspace>,
    pub pool: PgPool,
    pub topic: String,
    pub partition: u32,
    pub starting: Arc<Semaphore>,
}

impl Worker {
    /// The task, and the loop's end of it.
    pub(crate) fn task(self, stop: CancellationToken) -> (WorkerHandle, impl Future<Output = ()>) {
        let (records, queue) = mpsc::channel(QUEUE);
        let paused = Arc::new(AtomicBool::new(false));
        let handle =
            WorkerHandle { workspace: self.workspace.clone(), records, paused: paused.clone(), stop: stop.clone() };
        (handle, self.run(queue, paused, stop))
    }

    async fn run(self, mut queue: mpsc::Receiver<Record>, paused: Arc<AtomicBool>, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(mut next) = stop.run_until_cancelled(self.start()).await {
            from_its_return(next, &mut queue, &mut batch);
            loop {
                let (run, gap) = wanted_run(next, &mut batch);
                let Some(reached) = stop.run_until_cancelled(self.project(next, &run)).await else { return };
                if gap || reached != next + run.len() as i64 {
                    break;
                }
                next = reached;
                if queue.is_empty() && paused.swap(false, Ordering::AcqRel) {
                    break;
                }
                let received = tokio::select! {
                    () = stop.cancelled() => return,
                    received = tokio::time::timeout(IDLE_CHECK, queue.recv_many(&mut batch, BATCH)) => received,
                };
                if received == Ok(0) {
                    return;
                }
            }
        }
    }

    /// The first offset to project, once the database and the log agree that it can exist and the consumer is there.
    async fn start(&self) -> i64 {
        let (mut wait, mut said) = (BACK_OFF.0, String::new());
        loop {
            match self.first_offset().await {
                Ok(next) => return next,
                Err(error) => {
                    let error = error.to_string();
                    if error != said {
                        tracing::warn!(
                            topic = self.topic,
                            partition = self.partition,
                            error,
                            "projection can't start yet"
                        );
                        said = error;
                    }
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(BACK_OFF.1);
        }
    }

    async fn first_offset(&self) -> Result<i64, StartError> {
        let _place = self.starting.acquire().await.map_err(|_| LogError::TimedOut(ASK))?;
        let next = self.target().next_offset().await?;
        let (low, high) = self.watermarks().await?;
        let lost = match next {
            _ if next > high => Some("LogLost"),
            _ if next < low => Some("HistoryGap"),
            _ => None,
        };
        if let Some(reason) = lost {
            metrics::counter!("threadly_projection_halted_total", "projection" => self.projection.name()).increment(1);
            self.target().halt(reason).await?;
            return Err(StartError::Halted { reason, next, low, high });
        }
        self.seek_and_resume(next).await?;
        Ok(next)
    }

    /// Asks the broker in a thread of its own, as the client's call blocks.
    async fn watermarks(&self) -> Result<(i64, i64), LogError> {
        let (consumer, topic, partition) = (self.consumer.clone(), self.topic.clone(), self.sql_partition());
        let asked = tokio::task::spawn_blocking(move || consumer.fetch_watermarks(&topic, partition, ASK)).await;
        Ok(asked.map_err(|_| LogError::TimedOut(ASK))??)
    }

    /// A partition that was paused before it was taken away comes back paused.
    async fn seek_and_resume(&self, next: i64) -> Result<(), LogError> {
        let (consumer, topic, partition) = (self.consumer.clone(), self.topic.clone(), self.sql_partition());
        let asked = tokio::task::spawn_blocking(move || {
            consumer.seek(&topic, partition, Offset::Offset(next), ASK)?;
            consumer.resume(&one(&topic, partition))
        });
        Ok(asked.await.map_err(|_| LogError::TimedOut(ASK))??)
    }

    fn target(&self) -> Target<'_> {
        Target {
            projection: &*self.projection,
            workspace: &self.workspace,
            pool: &self.pool,
            partition: self.partition,
        }
    }

    fn sql_partition(&self) -> i32 {
        i32::try_from(self.partition).unwrap_or_default()
    }

    /// Projects a run; tries until it succeeds or somebody else has done it.
    async fn project(&self, from: i64, run: &[Record]) -> i64 {
        let mut wait = BACK_OFF.0;
        loop {
            match self.target().project(from, run).await {
                Ok(next) => {
                    metrics::counter!("threadly_projected_records_total", "projection" => self.projection.name())
                        .increment(run.len() as u64);
                    self.store_offset(next);
                    return next;
                }
                Err(ProjectError::Moved { next }) => return next,
                Err(error) => {
                    metrics::counter!("threadly_projection_failures_total", "projection" => self.projection.name())
                        .increment(1);
                    tracing::error!(topic = self.topic, partition = self.partition, from, %error, "projection waits");
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(BACK_OFF.1);
        }
    }

    /// For lag metrics and autoscaling only.
    fn store_offset(&self, next: i64) {
        if let Err(error) = self.consumer.store_offset(&self.topic, self.sql_partition(), next - 1) {
            tracing::debug!(topic = self.topic, %error, "no offset stored: the partition was taken away");
        }
    }
}

/// Takes what is queued since the consumer was sent to `next`; what was queued before says nothing about what comes there.
fn from_its_return(next: i64, queue: &mut mpsc::Receiver<Record>, batch: &mut Vec<Record>) {
    batch.clear();
    while let Ok(record) = queue.try_recv() {
        if record.offset == next {
            batch.clear();
        }
        batch.push(record);
    }
    if batch.first().is_some_and(|record| record.offset != next) {
        batch.clear();
    }
}

/// Takes the records that continue at `next` out of what came, and says whether something was missing.
fn wanted_run(next: i64, batch: &mut Vec<Record>) -> (Vec<Record>, bool) {
    let (mut run, mut gap) = (Vec::with_capacity(batch.len()), false);
    for record in batch.drain(..) {
        let wanted = next + run.len() as i64;
        if record.offset == wanted {
            run.push(record);
        } else if record.offset > wanted {
            gap = true;
        }
    }
    (run, gap)
}

fn one(topic: &str, partition: i32) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    list.add_partition(topic, partition);
    list
}

#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Position(#[from] ProjectError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("{reason}: the database stands at offset {next}, the log holds {low} to {high}")]
    Halted { reason: &'static str, next: i64, low: i64, high: i64 },
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn record(offset: i64) -> Record {
        Record { partition: 0, offset, time: DateTime::UNIX_EPOCH, value: Vec::new() }
    }

    proptest! {
        #[test]
        fn a_run_continues_where_it_should_and_a_gap_is_noticed(next in 0i64..20, offsets in prop::collection::vec(0i64..30, 0..40)) {
            let mut batch: Vec<Record> = offsets.iter().copied().map(record).collect();
            let (run, gap) = wanted_run(next, &mut batch);
            let found: Vec<i64> = run.iter().map(|record| record.offset).collect();
            let dense: Vec<i64> = (next..).take(found.len()).collect();
            prop_assert_eq!(&found, &dense);
            let mut wanted = next;
            let mut ahead = false;
            for offset in offsets {
                ahead |= offset > wanted;
                wanted += i64::from(offset == wanted);
            }
            prop_assert_eq!((wanted, ahead), (next + found.len() as i64, gap));
        }
    }
}
