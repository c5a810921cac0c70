//! The rooms of this process: one for each workspace that has a client here, opened at the first, let go some time after
//! the last.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Cursor, WorkspaceId, ids::TopicKind};
use event_log::LogError;
use function_host::{Problem, Services};
use tenancy::Workspace;
use tokio::{
    sync::{OnceCell, Semaphore, mpsc, oneshot, watch},
    time::timeout,
};

use crate::{
    EdgeConfig,
    feed::{Feed, FeedError, Followed},
    line::Meters,
    room::{Opening, Room},
    router::SocketId,
    seating::{Command, Join, Seating},
    store::{self, SnapshotError},
};

/// Sockets waiting for their room's answer.
const WAITING_COMMANDS: usize = 256;
/// For a workspace's database to tell its deliveries.
const SNAPSHOT_LIMIT: Duration = Duration::from_secs(3);
/// For Kafka to tell where topics end.
const ENDS_LIMIT: Duration = Duration::from_secs(2);
/// For a room to have caught up with the log; it goes on for whoever comes next.
const OPEN_WAIT: Duration = Duration::from_secs(3);
/// Readers of the log at once, for clients that resume: each has a Kafka client of its own.
const READERS: usize = 4;
/// Sockets being opened at once: a crowd that comes back waits here, not for a connection to its workspace's database.
const OPENINGS: usize = 8;

/// All rooms, and what they share.
#[derive(Debug)]
pub(crate) struct Rooms {
    pub services: Services,
    pub config: EdgeConfig,
    pub feed: Feed,
    /// Who may read the log now.
    pub readers: Semaphore,
    /// Who may ask the database to be let in now.
    pub openings: Semaphore,
    /// Kibibytes that may be held for clients that have missed much.
    pub resuming: Arc<Semaphore>,
    /// What all sockets count together.
    pub meters: Meters,
    slots: Mutex<Slots>,
}

#[derive(Debug, Default)]
struct Slots {
    by_workspace: HashMap<WorkspaceId, Arc<Slot>>,
    generations: u64,
}

#[derive(Debug)]
struct Slot {
    generation: u64,
    /// Set once the room is open; a failure leaves it empty.
    room: OnceCell<Handle>,
    refilling: tokio::sync::Mutex<()>,
}

/// A way to a room's task.
#[derive(Debug)]
struct Handle {
    commands: mpsc::Sender<Command>,
    open: watch::Receiver<bool>,
}

/// A hold on an open room: it stays while this lives, unless it has to stop.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    slot: Arc<Slot>,
}

/// The room has stopped; another may be opened.
#[derive(Debug, thiserror::Error)]
#[error("the room has stopped")]
pub(crate) struct Stopped;

/// Why there is no room.
#[derive(Debug, thiserror::Error)]
enum OpenError {
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error("the database did not tell the deliveries in time")]
    TooSlow,
    #[error(transparent)]
    Feed(#[from] FeedError),
    #[error("Kafka did not tell where the log ends: {0}")]
    Ends(#[from] LogError),
    #[error("LogLost: partition {partition} was projected up to {next}, and ends at {end}")]
    LogLost { partition: u32, next: i64, end: i64 },
    #[error("the database is of another version: {0}")]
    Database(#[from] tenancy::DatabaseError),
}

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        tracing::warn!(%error, "a workspace can't be followed");
        match error {
            OpenError::Snapshot(SnapshotError::Database(error)) => error.into(),
            OpenError::Database(error) => error.into(),
            OpenError::TooSlow => {
                Self::unavailable("database-unavailable", "the workspace's database does not answer; try again")
            }
            OpenError::Snapshot(SnapshotError::Epoch { .. })
            | OpenError::Feed(_)
            | OpenError::Ends(_)
            | OpenError::LogLost { .. } => {
                Self::unavailable("log-unavailable", "the workspace can't be followed now; try again")
            }
        }
    }
}

impl Rooms {
    pub(crate) fn new(services: Services, config: EdgeConfig, feed: Feed) -> Self {
        let resuming = Arc::new(Semaphore::new(config.resume_bytes as usize >> 10));
        Self {
            services,
            config,
            feed,
            readers: Semaphore::new(READERS),
            openings: Semaphore::new(OPENINGS),
            resuming,
            meters: Meters::new(),
            slots: Mutex::default(),
        }
    }

    /// The room of a workspace, opened if need be. What fails is tried again by the next who asks.
    pub(crate) async fn enter(self: &Arc<Self>, workspace: &Arc<Workspace>) -> Result<Lease, Problem> {
        for _ in 0..2 {
            let lease = self.lease(&workspace.id);
            let open = || self.open(workspace.clone(), lease.slot.generation);
            let mut opened = lease.slot.room.get_or_try_init(open).await?.open.clone();
            match timeout(OPEN_WAIT, opened.wait_for(|open| *open)).await {
                Ok(Ok(_)) => return Ok(lease),
                // It has just stopped, and is about to say so itself.
                Ok(Err(_)) => self.discard(&workspace.id, lease.slot.generation),
                Err(_) => break,
            }
        }
        Err(Problem::unavailable("log-unavailable", "the workspace can't be followed now; try again"))
    }

    async fn open(self: &Arc<Self>, workspace: Arc<Workspace>, generation: u64) -> Result<Handle, OpenError> {
        let pool = self.services.databases.lease(&workspace).await?;
        let (snapshot, directory) = tokio::join!(
            timeout(SNAPSHOT_LIMIT, store::snapshot(&pool, &workspace)),
            self.follow_directory(&workspace)
        );
        let snapshot = snapshot.map_err(|_| OpenError::TooSlow)??;
        let topic = workspace.topic(TopicKind::Messages);
        let ends = timeout(ENDS_LIMIT, self.ends(&topic, &snapshot.cursor))
            .await
            .map_err(|_| LogError::TimedOut(ENDS_LIMIT))??;
        let messages = self.feed.follow(topic, snapshot.cursor.next.clone()).await?;
        let (commands, waiting) = mpsc::channel(WAITING_COMMANDS);
        let (open, opened) = watch::channel(false);
        let opening = Opening { snapshot, messages, directory, ends, open };
        let room = Room::new(self.clone(), workspace, generation, waiting, opening);
        self.services.tasks.spawn(room.run());
        Ok(Handle { commands, open: opened })
    }

    /// Where the log ends now, by partition.
    async fn ends(&self, topic: &str, cursor: &Cursor) -> Result<Vec<i64>, OpenError> {
        let mut ends = Vec::with_capacity(cursor.next.len());
        for (partition, next) in (0u32..).zip(&cursor.next) {
            let (_, end) = self.services.ranges.watermarks(topic, partition, ENDS_LIMIT).await?;
            if end < *next {
                return Err(OpenError::LogLost { partition, next: *next, end });
            }
            ends.push(end);
        }
        Ok(ends)
    }

    /// Revocations from now on. Without them, sockets end at the next look at their session.
    async fn follow_directory(&self, workspace: &Workspace) -> Option<Followed> {
        let topic = workspace.topic(TopicKind::Directory);
        let end = match self.services.ranges.watermarks(&topic, 0, ENDS_LIMIT).await {
            Ok((_, end)) => end,
            Err(error) => {
                tracing::warn!(topic, %error, "revocations are not followed");
                return None;
            }
        };
        match self.feed.follow_hints(topic, vec![end]).await {
            Ok(followed) => Some(followed),
            Err(error) => {
                tracing::warn!(workspace = %workspace.id, %error, "revocations are not followed");
                None
            }
        }
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lease(&self, workspace: &WorkspaceId) -> Lease {
        let mut slots = self.slots();
        if let Some(slot) = slots.by_workspace.get(workspace) {
            return Lease { slot: slot.clone() };
        }
        slots.generations += 1;
        let slot =
            Slot { generation: slots.generations, room: OnceCell::new(), refilling: tokio::sync::Mutex::default() };
        let slot = Arc::new(slot);
        slots.by_workspace.insert(workspace.clone(), slot.clone());
        Lease { slot }
    }

    /// Takes a room away if nobody holds it.
    pub(crate) fn retire(&self, workspace: &WorkspaceId, generation: u64) -> bool {
        let mut slots = self.slots();
        let unused = slots
            .by_workspace
            .get(workspace)
            .is_some_and(|slot| slot.generation == generation && Arc::strong_count(slot) == 1);
        if unused {
            slots.by_workspace.remove(workspace);
        }
        unused
    }

    /// Takes a room away that has stopped.
    pub(crate) fn discard(&self, workspace: &WorkspaceId, generation: u64) {
        let mut slots = self.slots();
        if slots.by_workspace.get(workspace).is_some_and(|slot| slot.generation == generation) {
            slots.by_workspace.remove(workspace);
        }
    }
}

impl Lease {
    async fn tell(&self, command: Command) -> Result<(), Stopped> {
        let room = self.slot.room.get().ok_or(Stopped)?;
        room.commands.send(command).await.map_err(|_| Stopped)
    }

    /// Asks for a seat.
    pub(crate) async fn join(&self, join: impl FnOnce(oneshot::Sender<Seating>) -> Join) -> Result<Seating, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.tell(Command::Join(join(answer))).await?;
        answered.await.map_err(|_| Stopped)
    }

    /// Goes on under another session.
    pub(crate) async fn renew(&self, socket: SocketId, session: domain::SessionId) -> Result<(), Stopped> {
        self.tell(Command::Renew { socket, session }).await
    }

    /// Gives the seat back; a room that has stopped needs nothing.
    pub(crate) async fn leave(&self, socket: SocketId) {
        let _ = self.tell(Command::Leave(socket)).await;
    }

    /// One reads the log back at a time; the next then finds it in memory.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.slot.refilling.lock().await
    }
}
