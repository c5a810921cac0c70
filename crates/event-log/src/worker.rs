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
    LogError, ProjectError, Projection, Record,
    admin::topic_ids,
    applier::{Applied, Applier},
    assignments::ProjectorConsumer,
    projection::{Stand, Target},
    start::StartError,
};

/// Records waiting for the task; beyond, the partition is paused.
const QUEUE: usize = 500;
/// Records in one transaction.
const BATCH: usize = 500;
/// First and longest wait after a failure.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));
/// Longest wait for Kafka's answer about the partition.
const ASK: Duration = Duration::from_secs(5);

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
    pub applier: Applier,
    /// The topic's identity, once it has answered.
    pub topic_id: Mutex<Option<Uuid>>,
}

impl Worker {
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
        let topic_id = self.ask_topic_id().await?;
        let marks = self.watermarks().await?;
        let stand = self.target(&self.pool().await?).start(topic_id, marks).await?;
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

    /// Projects a run; tries until all of it is projected or passed over, or somebody else has done it.
    async fn project(&self, from: i64, run: &[Record]) -> i64 {
        let (mut next, mut wait, mut stopped) = (from, BACK_OFF.0, Stopped::of(&*self.projection));
        loop {
            let rest = usize::try_from(next - from).ok().and_then(|done| run.get(done..)).unwrap_or_default();
            let applied = match self.pool().await {
                Ok(pool) => self.applier.project(&self.target(&pool), next, rest).await,
                Err(error) => Applied { next, error: Some(error) },
            };
            let (reached, error) = match applied {
                Applied { next: reached, error: None } => {
                    if reached == next + rest.len() as i64 && !rest.is_empty() {
                        self.store_offset(reached);
                    }
                    return reached;
                }
                Applied { next: reached, error: Some(error) } => (reached, error),
            };
            if reached > next {
                self.store_offset(reached);
                wait = BACK_OFF.0;
            }
            next = reached;
            self.count("threadly_projection_failures_total", 1);
            stopped.say();
            let (topic, partition) = (&self.topic, self.partition);
            tracing::error!(topic, partition, from = next, %error, "projection waits");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(BACK_OFF.1);
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
