//! The task that projects one partition.
//!
//! It knows the offset it wants next. What comes before is not expected; what comes after means that something was dropped
//! (a full queue, a rewound database, a lost log); either way it begins anew: asks the database and the log where they
//! stand, and sends the consumer there. So the queue may lose anything at any time.
//!
//! It begins one record early: if that is not the record that was projected last, the log is another one. So it is if the
//! topic has another identity.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rdkafka::{Offset, TopicPartitionList, consumer::Consumer};
use tenancy::{Databases, Lease, Workspace};
use tokio::sync::{
    Notify, Semaphore,
    mpsc::{self, error::TrySendError},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    LogError, ProjectError, Projection, Record, Relay,
    admin::topic_ids,
    assignments::ProjectorConsumer,
    budget::Budget,
    projection::{Rejection, Stand, Target},
};

/// Records waiting for the task; beyond, the partition is paused.
const QUEUE: usize = 500;
/// Records in one transaction.
const BATCH: usize = 500;
/// First and longest wait after a failure.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));
/// Longest wait for Kafka's answer about the partition.
const ASK: Duration = Duration::from_secs(5);
/// Records of one partition that may go to the dead letters within a time. More of them are a fault of ours, most likely:
/// then the partition waits instead.
const DEAD_LETTERS: (u32, Duration) = (100, Duration::from_secs(60));

/// The loop's end of a partition's task; dropping it stops the task.
#[derive(Debug)]
pub(crate) struct WorkerHandle {
    /// As the registry had it when the task was started.
    pub workspace: Arc<Workspace>,
    records: mpsc::Sender<Record>,
    paused: Arc<Notify>,
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
        self.paused.notify_one();
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
    pub databases: Arc<Databases>,
    pub topic: String,
    pub partition: u32,
    pub starting: Arc<Semaphore>,
    pub relay: Relay,
    pub dead_letters: Budget,
    /// The topic's identity, once it has answered.
    pub topic_id: Mutex<Option<Uuid>>,
}

impl Worker {
    /// How many records may go to the dead letters.
    pub(crate) fn budget() -> Budget {
        Budget::new(DEAD_LETTERS.0, DEAD_LETTERS.1)
    }

    /// The task, and the loop's end of it.
    pub(crate) fn task(self, stop: CancellationToken) -> (WorkerHandle, impl Future<Output = ()>) {
        let (records, queue) = mpsc::channel(QUEUE);
        let paused = Arc::new(Notify::new());
        let handle =
            WorkerHandle { workspace: self.workspace.clone(), records, paused: paused.clone(), stop: stop.clone() };
        let work = async move {
            stop.run_until_cancelled(self.run(queue, &paused)).await;
        };
        (handle, work)
    }

    async fn run(self, mut queue: mpsc::Receiver<Record>, paused: &Notify) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let stand = self.start().await;
            let (mut next, mut known, mut is_paused) = (stand.read_from(), stand.last_digest, false);
            from_its_return(next, &mut queue, &mut batch);
            loop {
                let (run, strays) = wanted_run(next, &mut batch);
                let mut run = run.as_slice();
                if let (Some(digest), Some((last, rest))) = (known, run.split_first()) {
                    if last.digest() != digest {
                        self.halt("LogLost").await;
                        break;
                    }
                    (next, known, run) = (stand.next, None, rest);
                }
                let reached = self.project(next, run).await;
                if strays || reached != next + run.len() as i64 {
                    break;
                }
                next = reached;
                if is_paused && queue.is_empty() {
                    break;
                }
                tokio::select! {
                    () = paused.notified() => is_paused = true,
                    received = queue.recv_many(&mut batch, BATCH) => if received == 0 { return },
                }
            }
        }
    }

    /// Where to go on, once the database and the log agree that it can exist and the consumer is there.
    async fn start(&self) -> Stand {
        let (mut wait, mut said, mut stopped) = (BACK_OFF.0, String::new(), Stopped::of(&*self.projection));
        loop {
            match self.find_stand().await {
                Ok(stand) => return stand,
                Err(error) => {
                    stopped.say();
                    let error = error.to_string();
                    if error != said {
                        let (topic, partition) = (&self.topic, self.partition);
                        tracing::warn!(topic, partition, error, "projection can't start yet");
                        said = error;
                    }
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(BACK_OFF.1);
        }
    }

    async fn find_stand(&self) -> Result<Stand, StartError> {
        let _place = self.starting.acquire().await.map_err(|_| LogError::TimedOut(ASK))?;
        let pool = self.pool().await?;
        let target = self.target(&pool);
        let mut stand = target.stand().await?;
        let topic_id = self.ask_topic_id().await?;
        let (low, high) = self.watermarks().await?;
        if !stand.begun && self.workspace.epoch > 1 && low > 0 {
            target.begin_at(low).await?;
            stand.next = low;
        }
        let lost = match stand.next {
            _ if stand.topic_id.is_some_and(|known| known != topic_id) => Some("LogLost"),
            next if next > high => Some("LogLost"),
            next if next < low => Some("HistoryGap"),
            _ => None,
        };
        if let Some(reason) = lost {
            target.halt(reason).await?;
            return Err(StartError::Halted { reason, next: stand.next, low, high });
        }
        if stand.read_from() < low {
            // Its last record has aged out: nothing to know the log by.
            stand.last_digest = None;
        }
        self.seek_and_resume(stand.read_from()).await?;
        Ok(stand)
    }

    /// Where that fails, the next start finds the same.
    async fn halt(&self, reason: &'static str) {
        let halted = async { self.target(&self.pool().await?).halt(reason).await };
        if let Err(error) = halted.await {
            tracing::error!(topic = self.topic, partition = self.partition, %error, "projection is not halted yet");
        }
    }

    async fn ask_topic_id(&self) -> Result<Uuid, LogError> {
        let (consumer, names) = (self.consumer.clone(), vec![self.topic.clone()]);
        let asked = tokio::task::spawn_blocking(move || topic_ids(consumer.client(), &names, ASK)).await;
        let ids = asked.map_err(|_| LogError::TimedOut(ASK))??;
        let id = ids.get(&self.topic).copied().ok_or(LogError::TimedOut(ASK))?;
        *self.topic_id.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
        Ok(id)
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

    /// For one batch: a partition at rest holds none.
    async fn pool(&self) -> Result<Lease, ProjectError> {
        Ok(self.databases.lease(&self.workspace).await?)
    }

    fn target<'a>(&'a self, pool: &'a Lease) -> Target<'a> {
        Target {
            projection: &*self.projection,
            workspace: &self.workspace,
            pool,
            partition: self.partition,
            topic_id: *self.topic_id.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    fn sql_partition(&self) -> i32 {
        i32::try_from(self.partition).unwrap_or_default()
    }

    /// Projects a run; tries until all of it is projected or passed over, or somebody else has done it. A record that is
    /// refused is found by halving.
    async fn project(&self, from: i64, run: &[Record]) -> i64 {
        let (mut next, mut parts) = (from, vec![run]);
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            match self.project_part(next, part).await {
                Some(reached) if reached == next + part.len() as i64 => next = reached,
                Some(reached) => return reached,
                None => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
            }
        }
        next
    }

    /// The next offset, or `None` if one of several records is at fault.
    async fn project_part(&self, from: i64, part: &[Record]) -> Option<i64> {
        let (mut wait, mut stopped) = (BACK_OFF.0, Stopped::of(&*self.projection));
        loop {
            let projected = async { self.target(&self.pool().await?).project(from, part).await };
            match projected.await {
                Ok(next) => {
                    self.count("threadly_projected_records_total", part.len());
                    self.store_offset(next);
                    return Some(next);
                }
                Err(ProjectError::Moved { next }) => {
                    if next < from {
                        let (topic, partition) = (&self.topic, self.partition);
                        tracing::warn!(
                            topic,
                            partition,
                            from,
                            next,
                            "the database was rolled back: the log is replayed"
                        );
                        self.count("threadly_projection_rewound_total", 1);
                    }
                    return Some(next);
                }
                Err(error) if error.is_of_a_record() && part.len() > 1 => return None,
                Err(error) => {
                    if let (Some(rejection), [record]) = (error.rejection(), part)
                        && let Some(next) = self.pass_over(record, rejection, &error.to_string()).await
                    {
                        return Some(next);
                    }
                    self.count("threadly_projection_failures_total", 1);
                    stopped.say();
                    let (topic, partition) = (&self.topic, self.partition);
                    tracing::error!(topic, partition, from, %error, "projection waits");
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(BACK_OFF.1);
        }
    }

    /// The next offset once the record is among the dead letters; `None` while it can't be.
    async fn pass_over(&self, record: &Record, rejection: Rejection, detail: &str) -> Option<i64> {
        let (topic, partition, offset, reason) = (&self.topic, self.partition, record.offset, rejection.as_str());
        if !self.dead_letters.spend() {
            tracing::error!(topic, partition, offset, reason, "too many dead letters: the partition waits");
            return None;
        }
        let done = async {
            let news = self.relay.expect(&self.workspace).await?;
            let passed = self.target(&self.pool().await?).pass_over(record, rejection, detail).await;
            news.committed().await;
            passed
        };
        match done.await {
            Ok(next) => {
                tracing::error!(topic, partition, offset, reason, detail, "a record went to the dead letters");
                let labels = [("projection", self.projection.name()), ("reason", reason)];
                metrics::counter!("threadly_dead_letters_total", &labels).increment(1);
                Some(next)
            }
            Err(ProjectError::Moved { next }) => Some(next),
            Err(error) => {
                tracing::error!(topic, partition, offset, %error, "a record can't be put among the dead letters yet");
                None
            }
        }
    }

    fn count(&self, metric: &'static str, records: usize) {
        metrics::counter!(metric, "projection" => self.projection.name()).increment(records as u64);
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

/// Takes the records that continue at `next` out of what came, and says whether others were among them.
fn wanted_run(next: i64, batch: &mut Vec<Record>) -> (Vec<Record>, bool) {
    let (mut run, mut strays) = (Vec::with_capacity(batch.len()), false);
    for record in batch.drain(..) {
        if record.offset == next + run.len() as i64 {
            run.push(record);
        } else {
            strays = true;
        }
    }
    (run, strays)
}

/// Counts a partition among those that wait for something, from its first word until it is dropped: what alerts go by.
struct Stopped {
    projection: &'static str,
    said: bool,
}

impl Stopped {
    fn of(projection: &dyn Projection) -> Self {
        Self { projection: projection.name(), said: false }
    }

    fn say(&mut self) {
        if !self.said {
            self.said = true;
            metrics::gauge!("threadly_projection_stopped", "projection" => self.projection).increment(1.0);
        }
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        if self.said {
            metrics::gauge!("threadly_projection_stopped", "projection" => self.projection).decrement(1.0);
        }
    }
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
        fn a_run_continues_where_it_should_and_strays_are_noticed(next in 0i64..20, offsets in prop::collection::vec(0i64..30, 0..40)) {
            let mut batch: Vec<Record> = offsets.iter().copied().map(record).collect();
            let (run, strays) = wanted_run(next, &mut batch);
            let found: Vec<i64> = run.iter().map(|record| record.offset).collect();
            let dense: Vec<i64> = (next..).take(found.len()).collect();
            prop_assert_eq!(&found, &dense);
            prop_assert_eq!(strays, found.len() < offsets.len());
        }
    }
}
