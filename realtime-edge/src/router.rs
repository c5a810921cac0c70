//! Who receives what: the pure state of one workspace's delivery, as of one place in its log.

use std::collections::HashMap;

use domain::{
    ChannelId, Cursor, DecodeError, Event, Position, UserId,
    fold::MessageEvent,
    membership::{Membership, MembershipChange, fold_membership, marker},
};
use event_log::Record;

use crate::{
    frame::{self, Frame},
    past::{Past, Refill},
    recent::{Recent, Step},
    ring::{Entry, Ring},
};

/// A socket within its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SocketId(u64);

/// A frame and whom it goes to.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub entry: Entry,
    pub recipients: Vec<SocketId>,
}

/// What a record means for delivery.
#[derive(Debug)]
pub(crate) enum Routed {
    /// Something that readers see.
    Deliver(Delivery),
    /// Nothing: a repetition, or of no channel.
    Nothing,
    /// It can't be read, now or ever.
    Malformed(DecodeError),
}

/// Why delivery can't go on from here.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// Records are missing.
    #[error("the log goes on at {found} where {expected} was expected")]
    Gap {
        /// What comes next in the log.
        expected: Position,
        /// What came.
        found: Position,
    },
    /// A newer version wrote it: this one must not skip it.
    #[error("the record at {at} is of a kind that this version doesn't know: {source}")]
    UnknownKind {
        /// Where.
        at: Position,
        /// Which.
        source: DecodeError,
    },
    /// The topic has more partitions than the registry says.
    #[error("the log has an unexpected partition {0}")]
    Partition(u32),
}

/// Memberships, sockets, and the place up to which both are true.
#[derive(Debug)]
pub(crate) struct Router {
    cursor: Cursor,
    channels: HashMap<ChannelId, HashMap<UserId, Membership>>,
    recent: Recent,
    /// The version of each channel's properties that was told last.
    described: HashMap<ChannelId, i64>,
    people: HashMap<UserId, Vec<SocketId>>,
    sockets: HashMap<SocketId, UserId>,
    /// Cursors of sockets that have seen, elsewhere, more than this room has.
    ahead: HashMap<SocketId, Cursor>,
    last_socket: u64,
}

impl Router {
    /// The state as of `cursor`.
    pub(crate) fn new(
        cursor: Cursor,
        memberships: impl IntoIterator<Item = (ChannelId, UserId, Membership)>,
        recent: Recent,
    ) -> Self {
        let mut channels: HashMap<_, HashMap<_, _>> = HashMap::new();
        for (channel, user, membership) in memberships {
            channels.entry(channel).or_default().insert(user, membership);
        }
        Self {
            cursor,
            channels,
            recent,
            described: HashMap::new(),
            people: HashMap::new(),
            sockets: HashMap::new(),
            ahead: HashMap::new(),
            last_socket: 0,
        }
    }

    /// The next record of every partition.
    pub(crate) fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// Gives a person one more socket, which has seen what is before `seen`.
    pub(crate) fn seat(&mut self, user: UserId, seen: Option<&Cursor>) -> SocketId {
        self.last_socket += 1;
        let socket = SocketId(self.last_socket);
        self.sockets.insert(socket, user);
        self.people.entry(user).or_default().push(socket);
        if let Some(seen) = seen.filter(|seen| self.is_behind(seen)) {
            self.ahead.insert(socket, seen.clone());
        }
        socket
    }

    /// Takes a socket away.
    pub(crate) fn leave(&mut self, socket: SocketId) {
        self.ahead.remove(&socket);
        let Some(user) = self.sockets.remove(&socket) else { return };
        if let Some(sockets) = self.people.get_mut(&user) {
            sockets.retain(|other| *other != socket);
            if sockets.is_empty() {
                self.people.remove(&user);
            }
        }
    }

    /// Whether the reader of `cursor` has seen, elsewhere, more of some partition than this room has.
    pub(crate) fn is_behind(&self, cursor: &Cursor) -> bool {
        cursor.next.iter().zip(&self.cursor.next).any(|(theirs, ours)| theirs > ours)
    }

    /// Where a socket stands that has been sent everything so far.
    pub(crate) fn cursor_of(&self, socket: SocketId) -> Cursor {
        let mut cursor = self.cursor.clone();
        if let Some(ahead) = self.ahead.get(&socket) {
            for (ours, theirs) in cursor.next.iter_mut().zip(&ahead.next) {
                *ours = (*ours).max(*theirs);
            }
        }
        cursor
    }

    /// Sockets that stand elsewhere than the room.
    pub(crate) fn is_ahead(&self, socket: SocketId) -> bool {
        self.ahead.contains_key(&socket)
    }

    /// What a person has missed since `cursor`, where `ring` reaches back to it: of the channels that they are in now,
    /// from their last join on, and every marker of their own.
    pub(crate) fn missed(&self, user: UserId, cursor: &Cursor, ring: &Ring) -> Vec<Frame> {
        ring.since(cursor).filter(|entry| self.receives(user, entry)).map(|entry| entry.frame.clone()).collect()
    }

    fn receives(&self, user: UserId, entry: &Entry) -> bool {
        let membership = self.channels.get(&entry.channel).and_then(|members| members.get(&user));
        entry.subject == Some(user)
            || membership.is_some_and(|member| member.active && !member.joined.is_after(&entry.position))
    }

    /// Puts what was read again from the log into the ring, without what no reader saw.
    pub(crate) fn fill(&self, ring: &mut Ring, mut refill: Refill) {
        let was_seen = |past: &Past| {
            past.message.is_none_or(|(key, step)| self.recent.was_seen(key, step, past.entry.position.offset))
        };
        for piece in &mut refill.pieces {
            piece.pasts.retain(was_seen);
        }
        ring.extend_back(refill);
    }

    /// Takes the next record of a partition.
    pub(crate) fn route(&mut self, record: &Record) -> Result<Routed, Stop> {
        let position = Position { epoch: self.cursor.epoch, partition: record.partition, offset: record.offset };
        let Some(next) = self.cursor.next.get(record.partition as usize).copied() else {
            return Err(Stop::Partition(record.partition));
        };
        if record.offset < next {
            return Ok(Routed::Nothing);
        }
        if record.offset > next {
            return Err(Stop::Gap { expected: Position { offset: next, ..position }, found: position });
        }
        let routed =
            match Event::decode(&record.value) {
                Err(source @ DecodeError::UnknownKind(_)) => return Err(Stop::UnknownKind { at: position, source }),
                Err(error) => Routed::Malformed(error),
                Ok(event) => self.apply(&event, position).map_or(Routed::Nothing, |(channel, subject, recipients)| {
                    match frame::event(&position, record.time, &record.value) {
                        Some(frame) => {
                            Routed::Deliver(Delivery { entry: Entry { position, channel, subject, frame }, recipients })
                        }
                        None => Routed::Nothing,
                    }
                }),
            };
        self.cursor.advance_past(&position);
        if !self.ahead.is_empty() {
            let cursor = &self.cursor;
            self.ahead.retain(|_, seen| seen.next.iter().zip(&cursor.next).any(|(theirs, ours)| theirs > ours));
        }
        Ok(routed)
    }

    /// Changes the state; says who sees the event, if anybody may.
    fn apply(&mut self, event: &Event, at: Position) -> Option<(ChannelId, Option<UserId>, Vec<SocketId>)> {
        let channel = event.channel()?;
        if let Some(message) = MessageEvent::of(event) {
            let seen = self.recent.apply(message.key(), Step::of(&message), at.offset);
            return seen.then(|| (channel, None, self.audience(channel, &at)));
        }
        if let Event::MessageRejected(rejected) = event {
            self.recent.forget((channel, rejected.message_id));
            return Some((channel, None, self.audience(channel, &at)));
        }
        if let Event::ChannelChanged(changed) = event {
            let fresh = is_newer(&mut self.described, channel, changed.version);
            return fresh.then(|| (channel, None, self.audience(channel, &at)));
        }
        let (user, version, active) = marker(event)?;
        let mut state = self.channels.get(&channel).and_then(|members| members.get(&user)).copied();
        let change = fold_membership(&mut state, version, active, at);
        // Whoever leaves is told so as the last of the channel, whoever comes is told so as the first.
        let before = (change == MembershipChange::Left).then(|| self.audience(channel, &at));
        if let Some(membership) = state {
            self.channels.entry(channel).or_default().insert(user, membership);
        }
        if change == MembershipChange::Ignored {
            return None;
        }
        Some((channel, Some(user), before.unwrap_or_else(|| self.audience(channel, &at))))
    }

    /// The sockets of the members of a channel, found from whichever there are fewer of: members or people connected.
    fn audience(&self, channel: ChannelId, at: &Position) -> Vec<SocketId> {
        let Some(members) = self.channels.get(&channel) else { return Vec::new() };
        let mut sockets = Vec::new();
        if members.len() <= self.people.len() {
            for user in members.iter().filter_map(|(user, member)| member.active.then_some(user)) {
                sockets.extend(self.people.get(user).into_iter().flatten());
            }
        } else {
            for (user, theirs) in &self.people {
                if members.get(user).is_some_and(|member| member.active) {
                    sockets.extend(theirs);
                }
            }
        }
        if !self.ahead.is_empty() {
            sockets.retain(|socket| self.ahead.get(socket).is_none_or(|seen| !seen.has_seen(at)));
        }
        sockets
    }

    #[cfg(test)]
    pub(crate) fn check_invariants(&self) {
        assert_eq!(self.sockets.len(), self.people.values().map(Vec::len).sum::<usize>());
        for (user, sockets) in &self.people {
            assert!(!sockets.is_empty());
            assert!(sockets.iter().all(|socket| self.sockets.get(socket) == Some(user)));
        }
        for (socket, seen) in &self.ahead {
            assert!(self.sockets.contains_key(socket));
            assert!(self.is_behind(seen));
        }
        for member in self.channels.values().flat_map(HashMap::values) {
            assert!(self.cursor.has_seen(&member.joined));
        }
        self.recent.check_invariants();
    }
}

/// Notes a version of a channel's properties; false if it, or a newer one, was told before.
pub(crate) fn is_newer(described: &mut HashMap<ChannelId, i64>, channel: ChannelId, version: i64) -> bool {
    let told = described.entry(channel).or_insert(i64::MIN);
    let newer = version > *told;
    *told = version.max(*told);
    newer
}

#[cfg(test)]
mod damaged;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod tests;
