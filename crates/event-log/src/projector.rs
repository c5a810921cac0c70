//! The event role: one consumer that hands each partition of each workspace to a task of its own, so that one
//! workspace's trouble stays its own. Positions are the database's; Kafka's committed offsets only measure lag.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use rdkafka::{
    ClientContext, Message,
    consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance, StreamConsumer},
};
use tenancy::{Databases, Registry, Workspace};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    KafkaConfig, LogError, Projection, Record,
    range::is_transient,
    worker::{Worker, WorkerHandle},
};

/// Records waiting for one partition's task; beyond, the partition is paused.
const PARTITION_QUEUE: usize = 2_000;
/// Assignments waiting to be taken up.
const ASSIGNMENTS: usize = 4_096;
/// A registry that only changes in ways that don't touch the list of topics is looked at this often.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// One projection over all workspaces that the registry lists, shared with others of the same group.
#[derive(Debug)]
pub struct Projector {
    /// How to reach Kafka; the instance name makes this a static member.
    pub kafka: KafkaConfig,
    /// Which workspaces there are.
    pub registry: Registry,
    /// The way to their databases.
    pub databases: Arc<Databases>,
    /// What to make of their events.
    pub projection: Arc<dyn Projection>,
}

/// Tells the projector which partitions it has been given.
pub(crate) struct Assignments {
    sender: mpsc::Sender<Change>,
}

#[derive(Debug)]
enum Change {
    Given(Vec<(String, i32)>),
    Taken(Vec<(String, i32)>),
}

impl ClientContext for Assignments {}

impl ConsumerContext for Assignments {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            let list = list.elements().iter().map(|e| (e.topic().to_owned(), e.partition())).collect();
            let _ = self.sender.try_send(Change::Taken(list));
        }
    }

    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            let list = list.elements().iter().map(|e| (e.topic().to_owned(), e.partition())).collect();
            let _ = self.sender.try_send(Change::Given(list));
        }
    }
}

pub(crate) type ProjectorConsumer = StreamConsumer<Assignments>;

impl Projector {
    /// Projects until `shutdown`; batches under way are finished.
    ///
    /// # Errors
    /// The client can't be made, or fails in a way that waiting doesn't mend.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), LogError> {
        let (sender, changes) = mpsc::channel(ASSIGNMENTS);
        let group = self.kafka.group(self.projection.name());
        let consumer: ProjectorConsumer = self
            .kafka
            .consumer(self.projection.name())
            .set("group.instance.id", format!("{group}.{}", self.kafka.instance))
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("session.timeout.ms", "10000")
            .set("heartbeat.interval.ms", "2000")
            .set("enable.auto.commit", "true")
            .set("auto.commit.interval.ms", "2000")
            .create_with_context(Assignments { sender })?;
        let tasks = TaskTracker::new();
        let workers = Workers {
            projector: &self,
            consumer: Arc::new(consumer),
            by_partition: HashMap::new(),
            tasks: tasks.clone(),
            shutdown: shutdown.clone(),
        };
        let result = workers.run(changes).await;
        tasks.close();
        tasks.wait().await;
        result
    }
}

/// The loop's own state: which topics are subscribed, which partition has which task.
struct Workers<'a> {
    projector: &'a Projector,
    consumer: Arc<ProjectorConsumer>,
    by_partition: HashMap<(String, i32), WorkerHandle>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Workers<'_> {
    async fn run(mut self, mut changes: mpsc::Receiver<Change>) -> Result<(), LogError> {
        let mut registry = self.projector.registry.subscribe();
        let mut topics = self.subscribe(HashSet::new())?;
        loop {
            let consumer = self.consumer.clone();
            tokio::select! {
                () = self.shutdown.cancelled() => return Ok(()),
                Some(change) = changes.recv() => self.take_up(change),
                changed = registry.changed() => {
                    if changed.is_err() { return Ok(()); }
                    registry.mark_unchanged();
                    topics = self.subscribe(topics)?;
                }
                received = consumer.recv() => match received {
                    Ok(message) => self.hand_over(&message),
                    Err(error) if is_transient(&error) || is_waiting(&error) => {
                        tracing::warn!(%error, "the log is away or a topic is not there yet; projection waits");
                    }
                    Err(error) => return Err(error.into()),
                },
                () = tokio::time::sleep(MAX_WAIT) => topics = self.subscribe(topics)?,
            }
        }
    }

    /// Subscribes to the topics of all workspaces, if they are others than before.
    fn subscribe(&self, before: HashSet<String>) -> Result<HashSet<String>, LogError> {
        let kind = self.projector.projection.topic();
        let snapshot = self.projector.registry.subscribe().borrow().clone();
        let topics: HashSet<String> = snapshot.workspaces().map(|workspace| workspace.topic(kind)).collect();
        if topics == before {
            return Ok(before);
        }
        let names: Vec<&str> = topics.iter().map(String::as_str).collect();
        if names.is_empty() {
            self.consumer.unsubscribe();
        } else {
            self.consumer.subscribe(&names)?;
        }
        tracing::info!(projection = self.projector.projection.name(), topics = names.len(), "subscribed");
        Ok(topics)
    }

    fn take_up(&mut self, change: Change) {
        match change {
            Change::Given(list) => {
                for (topic, partition) in list {
                    if let Some(workspace) = self.workspace_of(&topic) {
                        self.start(topic, partition, workspace);
                    }
                }
            }
            Change::Taken(list) => {
                for key in list {
                    self.by_partition.remove(&key);
                }
            }
        }
    }

    fn workspace_of(&self, topic: &str) -> Option<Arc<Workspace>> {
        let id = topic.strip_prefix("t.")?.split('.').next()?.parse().ok()?;
        self.projector.registry.by_id(&id)
    }

    fn start(&mut self, topic: String, partition: i32, workspace: Arc<Workspace>) {
        let pool = match self.projector.databases.pool(&workspace) {
            Ok(pool) => pool,
            Err(error) => {
                tracing::error!(workspace = %workspace.id, %error, "not projected");
                return;
            }
        };
        let (records, queue) = mpsc::channel(PARTITION_QUEUE);
        let stop = self.shutdown.child_token();
        let worker = Worker::new(
            self.consumer.clone(),
            self.projector.projection.clone(),
            workspace,
            pool,
            topic.clone(),
            u32::try_from(partition).unwrap_or_default(),
        );
        let handle = WorkerHandle::new(records, worker.pause(), stop.clone());
        self.tasks.spawn(worker.run(queue, stop));
        self.by_partition.insert((topic, partition), handle);
    }

    fn hand_over(&self, message: &rdkafka::message::BorrowedMessage<'_>) {
        let key = (message.topic().to_owned(), message.partition());
        if let Some(worker) = self.by_partition.get(&key)
            && !worker.offer(Record::of(message))
        {
            worker.paused();
            let mut list = rdkafka::TopicPartitionList::new();
            list.add_partition(message.topic(), message.partition());
            if let Err(error) = self.consumer.pause(&list) {
                tracing::warn!(%error, "a partition can't be paused");
            }
        }
    }
}

/// A topic that the registry lists but this client has not heard of yet.
fn is_waiting(error: &rdkafka::error::KafkaError) -> bool {
    use rdkafka::error::RDKafkaErrorCode as Code;
    matches!(
        error.rdkafka_error_code(),
        Some(Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownPartition)
    )
}
