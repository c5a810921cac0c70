//! The event role: one consumer that hands each partition of each workspace to a task of its own, so that one
//! workspace's trouble stays its own. Positions are the database's; Kafka's committed offsets only measure lag.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use rdkafka::{
    Message, TopicPartitionList,
    consumer::Consumer,
    error::{KafkaError, RDKafkaErrorCode},
};
use tenancy::{Databases, Registry, Workspace};
use tokio::{
    sync::{Semaphore, mpsc},
    time::{Instant, MissedTickBehavior},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    KafkaConfig, LogError, Projection, Record, Relay,
    admin::topic_ids,
    assignments::{Assignments, Change, Key, ProjectorConsumer},
    complaint::Complaint,
    range::is_transient,
    worker::{Offered, Worker, WorkerHandle},
};

/// How often the topics are looked at.
const LOOK: Duration = Duration::from_secs(15);
/// Longest wait for the broker's answer about topics.
const ASK: Duration = Duration::from_secs(5);
/// After an error that the client mends by itself.
const PAUSE: Duration = Duration::from_millis(200);
/// Before joining the group again under a name that somebody else has taken.
const FENCED: Duration = Duration::from_secs(1);
/// A join ends with an assignment, even an empty one; whoever is told of none by then subscribes all the same.
const JOIN: Duration = Duration::from_secs(30);
/// Partitions that look for their first offset at once: each needs a connection.
const STARTING: usize = 8;

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
    /// Tells what went to the dead letters.
    pub relay: Relay,
}

impl Projector {
    /// Projects until `shutdown`; batches under way are finished.
    ///
    /// # Errors
    /// The client can't be made, or fails in a way that waiting doesn't mend.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), LogError> {
        loop {
            match self.member(shutdown.clone()).await {
                Err(LogError::Kafka(error)) if is_fenced(&error) => {
                    tracing::warn!(%error, "the group knows another by this instance's name; it is joined anew");
                    shutdown.run_until_cancelled(tokio::time::sleep(FENCED)).await;
                }
                ended => return ended,
            }
        }
    }

    /// The life of one member of the group.
    async fn member(&self, shutdown: CancellationToken) -> Result<(), LogError> {
        let (assignments, changes) = Assignments::new();
        let group = self.kafka.group(self.projection.name());
        let consumer: ProjectorConsumer = self
            .kafka
            .member(self.projection.name())
            .set("group.instance.id", format!("{group}.{}", self.kafka.instance))
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("session.timeout.ms", "10000")
            .set("heartbeat.interval.ms", "2000")
            .set("enable.auto.commit", "true")
            .set("auto.commit.interval.ms", "2000")
            .create_with_context(assignments)?;
        let tasks = TaskTracker::new();
        let workers = Workers {
            projector: self,
            consumer: Arc::new(consumer),
            given: HashMap::new(),
            topics: HashSet::new(),
            joining: None,
            starting: Arc::new(Semaphore::new(STARTING)),
            tasks: tasks.clone(),
            shutdown,
        };
        let result = workers.run(changes).await;
        tasks.close();
        tasks.wait().await;
        result
    }
}

/// A member that asks twice to join, because the broker went away before its answer, fences itself. If it is another
/// process of the same name, both take turns: positions are the database's, so that is slow and not wrong.
fn is_fenced(error: &KafkaError) -> bool {
    matches!(error, KafkaError::MessageConsumptionFatal(RDKafkaErrorCode::FencedInstanceId))
}

/// The loop's own state: which partitions it has been given, and which task each one has.
struct Workers<'a> {
    projector: &'a Projector,
    consumer: Arc<ProjectorConsumer>,
    /// `None` while the partition can't be projected: its workspace is gone, or of another schema version.
    given: HashMap<Key, Option<WorkerHandle>>,
    /// What is subscribed to.
    topics: HashSet<String>,
    /// Since when the group is being joined.
    joining: Option<Instant>,
    starting: Arc<Semaphore>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Workers<'_> {
    async fn run(mut self, mut changes: mpsc::Receiver<Change>) -> Result<(), LogError> {
        let mut registry = self.projector.registry.subscribe();
        self.subscribe(&mut changes)?;
        let (away, mut ids) = (Complaint::default(), HashMap::new());
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let consumer = self.consumer.clone();
            tokio::select! {
                () = self.shutdown.cancelled() => return Ok(()),
                Some(change) = changes.recv() => {
                    self.take_up(change);
                    self.subscribe(&mut changes)?;
                }
                changed = registry.changed() => {
                    if changed.is_err() { return Ok(()); }
                    registry.mark_unchanged();
                    self.subscribe(&mut changes)?;
                    self.renew();
                }
                received = consumer.recv() => match received {
                    Ok(message) => self.hand_over(&message),
                    Err(error @ KafkaError::MessageConsumptionFatal(_)) => return Err(error.into()),
                    // Not a pause for each: they queue up much faster, and records would wait behind them.
                    Err(error) if is_transient(&error) => {
                        if away.is_due() {
                            tracing::warn!(%error, "the log is away; projection waits");
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the log does not answer as it should; projection waits");
                        tokio::time::sleep(PAUSE).await;
                    }
                },
                _ = looks.tick() => {
                    self.subscribe(&mut changes)?;
                    self.look_at_topics(&mut ids).await;
                }
            }
        }
    }

    /// Starts anew what projects a topic that was made anew: it will find that its log is lost.
    async fn look_at_topics(&mut self, known: &mut HashMap<String, Uuid>) {
        let (consumer, names) = (self.consumer.clone(), self.topics.iter().cloned().collect::<Vec<_>>());
        let asked = tokio::task::spawn_blocking(move || topic_ids(consumer.client(), &names, ASK)).await;
        let Ok(Ok(ids)) = asked else { return };
        let anew: HashSet<&String> = ids
            .iter()
            .filter(|(name, id)| known.get(*name).is_some_and(|known| known != *id))
            .map(|(name, _)| name)
            .collect();
        let keys: Vec<Key> = self.given.keys().filter(|(topic, _)| anew.contains(topic)).cloned().collect();
        for key in keys {
            tracing::error!(topic = key.0, partition = key.1, "the topic was made anew");
            let worker = self.start(&key);
            self.given.insert(key, worker);
        }
        known.extend(ids);
    }

    /// Subscribes to the topics of all workspaces, if they are others than before. Not while a join is under way: then the
    /// client may end the process (an assertion on the state of its group, in librdkafka 2.12).
    fn subscribe(&mut self, changes: &mut mpsc::Receiver<Change>) -> Result<(), LogError> {
        // What is decided already says whether one is.
        while let Ok(change) = changes.try_recv() {
            self.take_up(change);
        }
        if self.joining.is_some_and(|since| since.elapsed() < JOIN) {
            return Ok(());
        }
        let kind = self.projector.projection.topic();
        let snapshot = self.projector.registry.subscribe().borrow().clone();
        let topics: HashSet<String> = snapshot.workspaces().map(|workspace| workspace.topic(kind)).collect();
        if topics == self.topics {
            return Ok(());
        }
        let names: Vec<&str> = topics.iter().map(String::as_str).collect();
        if names.is_empty() {
            self.consumer.unsubscribe();
        } else {
            self.consumer.subscribe(&names)?;
            self.joining = Some(Instant::now());
        }
        tracing::info!(projection = self.projector.projection.name(), topics = names.len(), "subscribed");
        self.topics = topics;
        Ok(())
    }

    fn take_up(&mut self, change: Change) {
        match change {
            Change::Given(keys) => {
                self.joining = None;
                for key in keys {
                    let worker = self.start(&key);
                    self.given.insert(key, worker);
                }
            }
            Change::Taken(keys) => {
                // It is joined anew after this, unless there is nothing left to join for.
                self.joining = (!self.topics.is_empty()).then(Instant::now);
                for key in keys {
                    self.given.remove(&key);
                }
            }
        }
    }

    /// Starts what could not be started before, and starts anew what belongs to an older epoch or schema.
    fn renew(&mut self) {
        let outdated: Vec<Key> = self
            .given
            .iter()
            .filter(|((topic, _), worker)| {
                let running = worker.as_ref().map(|worker| &worker.workspace);
                self.workspace_of(topic).as_ref().map(version) != running.map(version)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in outdated {
            let worker = self.start(&key);
            self.given.insert(key, worker);
        }
    }

    fn workspace_of(&self, topic: &str) -> Option<Arc<Workspace>> {
        let id = topic.strip_prefix("t.")?.split('.').next()?.parse().ok()?;
        self.projector.registry.by_id(&id)
    }

    fn start(&self, (topic, partition): &Key) -> Option<WorkerHandle> {
        let workspace = self.workspace_of(topic)?;
        let worker = Worker {
            consumer: self.consumer.clone(),
            projection: self.projector.projection.clone(),
            workspace,
            databases: self.projector.databases.clone(),
            topic: topic.clone(),
            partition: u32::try_from(*partition).unwrap_or_default(),
            starting: self.starting.clone(),
            relay: self.projector.relay.clone(),
            dead_letters: Worker::budget(),
            topic_id: Mutex::default(),
        };
        let (handle, task) = worker.task(self.shutdown.child_token());
        self.tasks.spawn(task);
        Some(handle)
    }

    fn hand_over(&mut self, message: &rdkafka::message::BorrowedMessage<'_>) {
        let key = (message.topic().to_owned(), message.partition());
        let Some(Some(worker)) = self.given.get(&key) else { return };
        match worker.offer(Record::of(message)) {
            Offered::Taken => {}
            Offered::Full => {
                let mut list = TopicPartitionList::new();
                list.add_partition(message.topic(), message.partition());
                match self.consumer.pause(&list) {
                    // Said after it is so: a task that is quick must not resume before.
                    Ok(()) => worker.paused(),
                    Err(error) => tracing::warn!(%error, "a partition can't be paused"),
                }
            }
            Offered::Ended => {
                tracing::error!(topic = key.0, partition = key.1, "a partition's task ended; it is started anew");
                let worker = self.start(&key);
                self.given.insert(key, worker);
            }
        }
    }
}

/// What a task must agree with the registry about.
fn version(workspace: &Arc<Workspace>) -> (u32, i32) {
    (workspace.epoch, workspace.schema_version)
}
