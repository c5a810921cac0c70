//! The one tail of this process: follows the partitions of the workspaces that have a room, and hands each record to
//! its room. A room never waits for a socket, so waiting for a room is short.

use std::{collections::HashMap, time::Duration};

use event_log::{LogError, Record, tail::Tail};
use function_host::Services;
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};

/// Records waiting for one room.
const WAITING_RECORDS: usize = 256;
/// Rooms waiting to follow or forget a topic.
const WAITING_COMMANDS: usize = 64;
/// Between two attempts of a client that fails.
const RETRY: Duration = Duration::from_millis(500);

/// The tail has ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FeedError {
    /// Kafka's client refuses.
    #[error(transparent)]
    Log(#[from] LogError),
    /// This process is ending.
    #[error("this process is ending")]
    Ended,
}

/// Asks the tail's task.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    commands: mpsc::Sender<Command>,
}

/// A topic that is followed; what it yields ends when the feed can't go on.
#[derive(Debug)]
pub(crate) struct Followed {
    topic: String,
    route: u64,
    /// In log order within a partition.
    pub records: mpsc::Receiver<Record>,
}

#[derive(Debug)]
enum Command {
    Follow { topic: String, next: Vec<i64>, hints: bool, answer: oneshot::Sender<Result<Followed, LogError>> },
    Forget { topic: String, route: u64 },
}

impl Feed {
    /// Connects, and starts the task; it ends once `services` are told to end and no room follows anything.
    pub(crate) fn start(services: &Services) -> Result<Self, LogError> {
        let tail = Tail::connect(services.log.config())?;
        let (commands, waiting) = mpsc::channel(WAITING_COMMANDS);
        let pump = Pump { tail, routes: HashMap::new(), last_route: 0 };
        let shutdown = services.shutdown.clone();
        services.tasks.spawn(pump.run(waiting, shutdown));
        Ok(Self { commands })
    }

    /// Follows a topic from these next offsets on, one for each partition.
    pub(crate) async fn follow(&self, topic: String, next: Vec<i64>) -> Result<Followed, FeedError> {
        self.ask(topic, next, false).await
    }

    /// The same for a topic of hints: what finds no room is dropped, so that nobody has to read them in time.
    pub(crate) async fn follow_hints(&self, topic: String, next: Vec<i64>) -> Result<Followed, FeedError> {
        self.ask(topic, next, true).await
    }

    async fn ask(&self, topic: String, next: Vec<i64>, hints: bool) -> Result<Followed, FeedError> {
        let (answer, answered) = oneshot::channel();
        let command = Command::Follow { topic, next, hints, answer };
        self.commands.send(command).await.map_err(|_| FeedError::Ended)?;
        Ok(answered.await.map_err(|_| FeedError::Ended)??)
    }

    /// Lets a topic go. Its records are dropped first, so that the tail never waits for whoever waits for the tail.
    pub(crate) async fn forget(&self, followed: Followed) {
        let Followed { topic, route, records } = followed;
        drop(records);
        // The tail's end has let everything go already.
        let _ = self.commands.send(Command::Forget { topic, route }).await;
    }
}

struct Route {
    id: u64,
    partitions: u32,
    /// Its records may be dropped.
    hints: bool,
    records: mpsc::Sender<Record>,
}

/// The task's own state.
struct Pump {
    tail: Tail,
    routes: HashMap<String, Route>,
    last_route: u64,
}

impl Pump {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>, shutdown: tokio_util::sync::CancellationToken) {
        loop {
            let ending = shutdown.is_cancelled();
            if ending && self.routes.is_empty() {
                return;
            }
            tokio::select! {
                () = shutdown.cancelled(), if !ending => {}
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                received = self.tail.recv() => match received {
                    Ok((topic, record)) => self.hand_over(&topic, record).await,
                    Err(error) => {
                        metrics::counter!("threadly_edge_tail_errors_total").increment(1);
                        tracing::warn!(%error, "the tail failed; every room begins anew");
                        self.let_all_go();
                        tokio::time::sleep(RETRY).await;
                    }
                },
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Follow { topic, next, hints, answer } => {
                let followed = self.follow(topic, &next, hints);
                if let Err(Ok(unwanted)) = answer.send(followed) {
                    self.forget(&unwanted.topic, unwanted.route);
                }
            }
            Command::Forget { topic, route } => self.forget(&topic, route),
        }
    }

    fn follow(&mut self, topic: String, next: &[i64], hints: bool) -> Result<Followed, LogError> {
        // A room that was stopped may not have said so yet.
        if let Some(route) = self.routes.get(&topic).map(|route| route.id) {
            self.forget(&topic, route);
        }
        self.tail.follow(&topic, next)?;
        self.last_route += 1;
        let (sender, records) = mpsc::channel(WAITING_RECORDS);
        let partitions = u32::try_from(next.len()).unwrap_or_default();
        self.routes.insert(topic.clone(), Route { id: self.last_route, partitions, hints, records: sender });
        Ok(Followed { topic, route: self.last_route, records })
    }

    fn forget(&mut self, topic: &str, id: u64) {
        if self.routes.get(topic).is_none_or(|route| route.id != id) {
            return;
        }
        if let Some(route) = self.routes.remove(topic)
            && let Err(error) = self.tail.forget(topic, route.partitions)
        {
            tracing::warn!(topic, %error, "a topic can't be let go");
        }
    }

    /// A partition may be silent from here on, and the error doesn't say which.
    fn let_all_go(&mut self) {
        let routes: Vec<(String, u64)> = self.routes.iter().map(|(topic, route)| (topic.clone(), route.id)).collect();
        for (topic, id) in routes {
            self.forget(&topic, id);
        }
    }

    async fn hand_over(&mut self, topic: &str, record: Record) {
        let Some(route) = self.routes.get(topic) else { return };
        let ended = if route.hints {
            matches!(route.records.try_send(record), Err(TrySendError::Closed(_)))
        } else {
            route.records.send(record).await.is_err()
        };
        if ended {
            let id = route.id;
            self.forget(topic, id);
        }
    }
}
