//! The task that projects one partition.
//!
//! It knows the offset it wants next. What comes before is skipped; what comes after means that something was dropped
//! (a full queue, a rewound database), and the consumer is sent back. So the queue may lose anything at any time.

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
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{LogError, ProjectError, Projection, Record, projection::Target, projector::ProjectorConsumer};

/// Records in one transaction.
const BATCH: usize = 500;
/// First and longest wait after a failure.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));
/// How often an idle task looks whether it must send the consumer back.
const IDLE_CHECK: Duration = Duration::from_millis(250);
/// Longest wait for the partition's watermarks.
const WATERMARKS: Duration = Duration::from_secs(5);

/// The loop's end of a partition's task; dropping it stops the task after its batch.
#[derive(Debug)]
pub(crate) struct WorkerHandle {
    records: mpsc::Sender<Record>,
    paused: Arc<AtomicBool>,
    stop: CancellationToken,
}

impl WorkerHandle {
    pub(crate) fn new(records: mpsc::Sender<Record>, paused: Arc<AtomicBool>, stop: CancellationToken) -> Self {
        Self { records, paused, stop }
    }

    /// Whether the record found room.
    pub(crate) fn offer(&self, record: Record) -> bool {
        self.records.try_send(record).is_ok()
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

pub(crate) struct Worker {
    consumer: Arc<ProjectorConsumer>,
    projection: Arc<dyn Projection>,
    workspace: Arc<Workspace>,
    pool: PgPool,
    topic: String,
    partition: u32,
    paused: Arc<AtomicBool>,
    /// The consumer was, or has to be, sent to the wanted offset, and nothing came from there yet.
    seek: Seek,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seek {
    No,
    Wanted,
    Sent,
}

impl Worker {
    pub(crate) fn new(
        consumer: Arc<ProjectorConsumer>,
        projection: Arc<dyn Projection>,
        workspace: Arc<Workspace>,
        pool: PgPool,
        topic: String,
        partition: u32,
    ) -> Self {
        let paused = Arc::new(AtomicBool::new(false));
        Self { consumer, projection, workspace, pool, topic, partition, paused, seek: Seek::Wanted }
    }

    pub(crate) fn pause(&self) -> Arc<AtomicBool> {
        self.paused.clone()
    }

    pub(crate) async fn run(mut self, mut queue: mpsc::Receiver<Record>, stop: CancellationToken) {
        let Some(Some(mut next)) = stop.run_until_cancelled(self.start()).await else { return };
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            self.send_back_if_wanted(next, queue.is_empty());
            let received = tokio::select! {
                () = stop.cancelled() => return,
                received = tokio::time::timeout(IDLE_CHECK, queue.recv_many(&mut batch, BATCH)) => received,
            };
            match received {
                Ok(0) => return,
                Ok(_) => {}
                Err(_) => continue,
            }
            let run = self.wanted_run(next, &mut batch);
            if !run.is_empty() {
                match stop.run_until_cancelled(self.project(next, &run)).await {
                    Some(reached) => next = reached,
                    None => return,
                }
            }
        }
    }

    /// The first offset to project, once the database and the log agree that it can exist.
    async fn start(&self) -> Option<i64> {
        let mut wait = BACK_OFF.0;
        loop {
            match self.first_offset().await {
                Ok(next) => return Some(next),
                Err(error) => {
                    tracing::warn!(topic = self.topic, partition = self.partition, %error, "projection can't start yet");
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(BACK_OFF.1);
        }
    }

    async fn first_offset(&self) -> Result<i64, StartError> {
        let next = self.target().next_offset().await?;
        let (consumer, topic, partition) = (self.consumer.clone(), self.topic.clone(), self.sql_partition());
        let watermarks =
            tokio::task::spawn_blocking(move || consumer.fetch_watermarks(&topic, partition, WATERMARKS)).await;
        let (low, high) = match watermarks {
            Ok(result) => result.map_err(LogError::from)?,
            Err(_) => return Err(LogError::TimedOut(WATERMARKS).into()),
        };
        if next > high || next < low {
            metrics::counter!("threadly_projection_log_lost_total", "projection" => self.projection.name())
                .increment(1);
            return Err(StartError::LogLost { next, low, high });
        }
        Ok(next)
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

    /// Takes the records that continue at `next` out of what came.
    fn wanted_run(&mut self, next: i64, batch: &mut Vec<Record>) -> Vec<Record> {
        let mut wanted = next;
        let mut run = Vec::with_capacity(batch.len());
        for record in batch.drain(..) {
            if record.offset == wanted {
                wanted += 1;
                self.seek = Seek::No;
                run.push(record);
            } else if record.offset > wanted && self.seek == Seek::No {
                self.seek = Seek::Wanted;
            }
        }
        run
    }

    fn send_back_if_wanted(&mut self, next: i64, idle: bool) {
        let resume = idle && self.paused.load(Ordering::Acquire);
        if !(resume || self.seek == Seek::Wanted) {
            return;
        }
        // Not yet fetching, right after an assignment: the next round tries again.
        if self.consumer.seek(&self.topic, self.sql_partition(), Offset::Offset(next), Duration::ZERO).is_err() {
            return;
        }
        self.seek = Seek::Sent;
        if self.paused.swap(false, Ordering::AcqRel) {
            let mut list = TopicPartitionList::new();
            list.add_partition(&self.topic, self.sql_partition());
            if let Err(error) = self.consumer.resume(&list) {
                tracing::warn!(topic = self.topic, %error, "a partition can't be resumed");
            }
        }
    }

    /// Projects a run; tries until it succeeds or somebody else has done it.
    async fn project(&mut self, from: i64, run: &[Record]) -> i64 {
        let mut wait = BACK_OFF.0;
        loop {
            match self.target().project(from, run).await {
                Ok(next) => {
                    metrics::counter!("threadly_projected_records_total", "projection" => self.projection.name())
                        .increment(run.len() as u64);
                    self.store_offset(next);
                    return next;
                }
                Err(ProjectError::Moved { next }) => {
                    if next != from + run.len() as i64 {
                        self.seek = Seek::Wanted;
                    }
                    return next;
                }
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

#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Position(#[from] ProjectError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("LogLost: the database stands at offset {next}, the log holds {low} to {high}")]
    LogLost { next: i64, low: i64, high: i64 },
}
