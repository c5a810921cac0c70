//! One workspace's delivery: a task that owns the router and the ring, and never waits for a socket.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::Utc;
use domain::{Event, SessionId, UserId};
use event_log::Record;
use tenancy::Workspace;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout},
};

use crate::{
    feed::Followed,
    frame::{self, Frame},
    line::{Closing, Refused, RoomEnd},
    ring::Ring,
    rooms::Rooms,
    router::{Delivery, Routed, Router, SocketId, Stop},
    seating::{Command, Join, Seat, Seating},
    store::Snapshot,
};

/// Records routed before other things get their turn.
const BATCH: usize = 64;
/// For routing what lies between the projection and the log's end; a projection further behind is in trouble.
const CATCH_UP_LIMIT: Duration = Duration::from_secs(120);
/// After sockets should have ended at shutdown, how much longer a room waits for them.
const DRAIN_GRACE: Duration = Duration::from_secs(1);

struct Outlet {
    line: RoomEnd,
    user: UserId,
    session: SessionId,
}

/// The room's state.
pub(crate) struct Room {
    rooms: Arc<Rooms>,
    workspace: Arc<Workspace>,
    generation: u64,
    router: Router,
    ring: Ring,
    outlets: HashMap<SocketId, Outlet>,
    /// Have frames of this round.
    unflushed: Vec<SocketId>,
    fan_out: metrics::Histogram,
    commands: mpsc::Receiver<Command>,
    messages: Followed,
    directory: Option<Followed>,
    ends: Vec<i64>,
    open: watch::Sender<bool>,
}

/// What a room begins with.
pub(crate) struct Opening {
    /// Deliveries as of the projection's place.
    pub snapshot: Snapshot,
    /// The log from there on.
    pub messages: Followed,
    /// Revocations, if the directory's topic could be followed: they may only end sockets earlier.
    pub directory: Option<Followed>,
    /// Where the log ended when the room was opened: up to there memberships must be known, or somebody who has been
    /// removed since the projection's place would still receive what came before the removal.
    pub ends: Vec<i64>,
    /// Told once the room has got there.
    pub open: watch::Sender<bool>,
}

/// Why a room ends.
enum End {
    /// Nobody has been there for a while.
    Idle,
    /// Its sockets are to be told this.
    Closed(Closing),
}

impl Room {
    pub(crate) fn new(
        rooms: Arc<Rooms>,
        workspace: Arc<Workspace>,
        generation: u64,
        commands: mpsc::Receiver<Command>,
        opening: Opening,
    ) -> Self {
        let Opening { snapshot, messages, directory, ends, open } = opening;
        let ring = Ring::new(&snapshot.cursor, rooms.config.ring_bytes as usize);
        let router = Router::new(snapshot.cursor, snapshot.memberships, snapshot.recent);
        Self {
            rooms,
            workspace,
            generation,
            router,
            ring,
            outlets: HashMap::new(),
            unflushed: Vec::new(),
            fan_out: metrics::histogram!("threadly_edge_fan_out_seconds"),
            commands,
            messages,
            directory,
            ends,
            open,
        }
    }

    /// Delivers until nobody is there, the workspace changes, or the log can't be followed.
    pub(crate) async fn run(mut self) {
        metrics::gauge!("threadly_edge_rooms").increment(1);
        tracing::info!(workspace = %self.workspace.id, cursor = %self.router.cursor(), "following");
        let end = match timeout(CATCH_UP_LIMIT, self.catch_up()).await {
            Ok(Ok(())) => {
                self.open.send_replace(true);
                self.deliver().await
            }
            Ok(Err(end)) => end,
            Err(_) => End::Closed(Closing::GoingAway),
        };
        if let End::Closed(closing) = end {
            for (_, outlet) in self.outlets.drain() {
                outlet.line.close(closing);
            }
        }
        self.rooms.discard(&self.workspace.id, self.generation);
        self.rooms.feed.forget(self.messages).await;
        if let Some(directory) = self.directory {
            self.rooms.feed.forget(directory).await;
        }
        tracing::info!(workspace = %self.workspace.id, "no longer following");
        metrics::gauge!("threadly_edge_rooms").decrement(1);
    }

    /// Routes what the log held when the room was opened. Nobody is there yet.
    async fn catch_up(&mut self) -> Result<(), End> {
        let shutdown = self.rooms.services.shutdown.clone();
        let mut records = Vec::with_capacity(BATCH);
        while self.router.cursor().next.iter().zip(&self.ends).any(|(next, end)| next < end) {
            let received = shutdown.run_until_cancelled(self.messages.records.recv_many(&mut records, BATCH)).await;
            if received.unwrap_or_default() == 0 {
                return Err(End::Closed(Closing::GoingAway));
            }
            self.route_all(&mut records)?;
        }
        Ok(())
    }

    fn route_all(&mut self, records: &mut Vec<Record>) -> Result<(), End> {
        for record in records.drain(..) {
            if let Err(stop) = self.route(&record) {
                metrics::counter!("threadly_edge_rooms_stopped_total").increment(1);
                tracing::error!(workspace = %self.workspace.id, %stop, "delivery stops");
                return Err(End::Closed(Closing::GoingAway));
            }
        }
        self.flush();
        Ok(())
    }

    async fn deliver(&mut self) -> End {
        let shutdown = self.rooms.services.shutdown.clone();
        let mut registry = self.rooms.services.registry.subscribe();
        let mut pings = every(self.rooms.config.ping());
        let mut looks = every(self.rooms.config.idle() / 4);
        let (mut idle_since, mut deadline) = (Instant::now(), None);
        let mut records = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                received = self.messages.records.recv_many(&mut records, BATCH) => {
                    if received == 0 {
                        return End::Closed(Closing::GoingAway);
                    }
                    if let Err(end) = self.route_all(&mut records) {
                        return end;
                    }
                }
                command = self.commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return End::Idle,
                },
                Some(record) = next_of(&mut self.directory) => self.heed(&record),
                _ = pings.tick() => self.ping(),
                _ = looks.tick() => {
                    if !self.outlets.is_empty() {
                        idle_since = Instant::now();
                    } else if idle_since.elapsed() >= self.rooms.config.idle()
                        && self.rooms.retire(&self.workspace.id, self.generation)
                    {
                        return End::Idle;
                    }
                }
                changed = registry.changed() => {
                    if changed.is_ok()
                        && let Some(closing) = self.outdated()
                    {
                        return End::Closed(closing);
                    }
                }
                () = shutdown.cancelled(), if deadline.is_none() => {
                    deadline = Some(Instant::now() + self.rooms.config.drain() + DRAIN_GRACE);
                }
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    return End::Closed(Closing::GoingAway);
                }
            }
            if deadline.is_some() && self.outlets.is_empty() {
                return End::Closed(Closing::GoingAway);
            }
        }
    }

    /// Why the registry's change ends this room, if it does.
    fn outdated(&self) -> Option<Closing> {
        match self.rooms.services.registry.by_id(&self.workspace.id) {
            None => Some(Closing::NotAllowed),
            Some(now) if now.suspended => Some(Closing::Suspended),
            Some(now) => {
                let same = now.epoch == self.workspace.epoch
                    && now.message_partitions == self.workspace.message_partitions
                    && now.schema_version == self.workspace.schema_version;
                (!same).then_some(Closing::GoingAway)
            }
        }
    }

    fn route(&mut self, record: &Record) -> Result<(), Stop> {
        match self.router.route(record)? {
            Routed::Deliver(delivery) => self.fan_out(delivery, record),
            Routed::Nothing => {}
            Routed::Malformed(error) => {
                metrics::counter!("threadly_edge_malformed_records_total").increment(1);
                let (workspace, partition, offset) = (&self.workspace.id, record.partition, record.offset);
                tracing::error!(%workspace, partition, offset, %error, "a record is passed over");
            }
        }
        Ok(())
    }

    fn fan_out(&mut self, delivery: Delivery, record: &Record) {
        for socket in &delivery.recipients {
            self.push(*socket, delivery.entry.frame.clone());
        }
        if !delivery.recipients.is_empty() {
            let took = (Utc::now() - record.time).to_std().unwrap_or_default();
            self.fan_out.record(took);
        }
        self.ring.push(delivery.entry);
    }

    fn push(&mut self, socket: SocketId, frame: Frame) {
        let Some(outlet) = self.outlets.get(&socket) else { return };
        match outlet.line.push(frame) {
            Ok(true) => self.unflushed.push(socket),
            Ok(false) => {}
            Err(refused) => {
                if refused == Refused::Full {
                    metrics::counter!("threadly_edge_slow_readers_total").increment(1);
                }
                self.leave(socket);
            }
        }
    }

    /// Writes each socket's frames of this round together.
    fn flush(&mut self) {
        for socket in self.unflushed.drain(..) {
            if let Some(outlet) = self.outlets.get(&socket) {
                outlet.line.flush();
            }
        }
    }

    fn leave(&mut self, socket: SocketId) {
        self.outlets.remove(&socket);
        self.router.leave(socket);
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Join(join) => {
                let (answer, seating) = self.seat(join);
                // Whoever has gone meanwhile would keep the stream open.
                if let Err(Seating::Seated(seat)) = answer.send(seating) {
                    self.leave(seat.socket);
                }
            }
            Command::Renew { socket, session } => {
                if let Some(outlet) = self.outlets.get_mut(&socket) {
                    outlet.session = session;
                }
            }
            Command::Leave(socket) => self.leave(socket),
        }
    }

    fn seat(&mut self, join: Join) -> (oneshot::Sender<Seating>, Seating) {
        let Join { user, session, line, cursor, trusted, refill, answer } = join;
        let (mut missed, mut held) = (Vec::new(), None);
        if let Some(cursor) = &cursor {
            let ours = self.router.cursor();
            if cursor.epoch != ours.epoch || cursor.next.len() != ours.next.len() {
                return (answer, Seating::Stale);
            }
            if !trusted && self.router.is_behind(cursor) {
                return (answer, Seating::Ahead);
            }
            let refilled = refill.is_some();
            if let Some(refill) = refill {
                self.router.fill(&mut self.ring, refill);
            }
            if !self.ring.reaches(cursor) {
                return (answer, Seating::Behind { floors: self.ring.floors() });
            }
            missed = self.router.missed(user, cursor, &self.ring);
            self.ring.trim();
            // What the ring has kept is everybody's; what it has just dropped is held for this socket alone.
            if refilled {
                let kibibytes = missed.iter().map(Frame::len).sum::<usize>().div_ceil(1 << 10);
                let permits = u32::try_from(kibibytes).unwrap_or(u32::MAX);
                match self.rooms.resuming.clone().try_acquire_many_owned(permits) {
                    Ok(permit) => held = Some(permit),
                    Err(_) => return (answer, Seating::Crowded),
                }
            }
        }
        let socket = self.router.seat(user, cursor.as_ref());
        self.outlets.insert(socket, Outlet { line: RoomEnd(line), user, session });
        let cursor = self.router.cursor_of(socket);
        (answer, Seating::Seated(Seat { socket, missed, held, cursor }))
    }

    /// Tells every socket how far it has been sent everything, in order with its frames.
    fn ping(&mut self) {
        let shared = frame::ping(self.router.cursor());
        let sockets: Vec<SocketId> = self.outlets.keys().copied().collect();
        for socket in sockets {
            let ping =
                if self.router.is_ahead(socket) { frame::ping(&self.router.cursor_of(socket)) } else { shared.clone() };
            self.push(socket, ping);
        }
        self.flush();
    }

    /// Ends the sockets of a session that was signed out, or of a person who was deactivated.
    fn heed(&mut self, record: &Record) {
        let event = match Event::decode(&record.value) {
            Ok(event) => event,
            // Only a hint: whoever must be told will find the session closed at the next look.
            Err(error) => return tracing::debug!(workspace = %self.workspace.id, %error, "an event is passed over"),
        };
        let gone = |outlet: &Outlet| match &event {
            Event::SessionRevoked(revoked) => outlet.session == revoked.session_id,
            Event::UserChanged(changed) => !changed.active && outlet.user == changed.user_id,
            _ => false,
        };
        let gone: Vec<SocketId> =
            self.outlets.iter().filter(|(_, outlet)| gone(outlet)).map(|(socket, _)| *socket).collect();
        for socket in gone {
            if let Some(outlet) = self.outlets.get(&socket) {
                outlet.line.close(Closing::NotAllowed);
            }
            self.leave(socket);
        }
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

async fn next_of(followed: &mut Option<Followed>) -> Option<Record> {
    match followed {
        Some(followed) => followed.records.recv().await,
        None => None,
    }
}
