//! Clients that come, go and change edges while edges lag, restart and trim their rings, against a model that knows the
//! whole log.

use std::collections::{HashMap, HashSet};

use domain::{
    ChannelRole, MessageId,
    events::{MemberAdded, MemberRemoved, MessageCreated, MessageDeleted, MessageEdited},
    fold::{Change, fold},
};
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::*;
use crate::{past::Reading, recent::Remembered};

const PARTITIONS: u32 = 2;
const EPOCH: u32 = 3;

#[derive(Clone, Copy, Debug)]
enum Write {
    Message(u8, u8, Step),
    /// In or out; the next version, or the last again.
    Marker(u8, u8, bool, bool),
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Advance(usize, u32),
    Connect(usize, usize),
    Ping(usize),
    /// A new process, whose projection had reached these fractions (of 255) of the partitions.
    Restart(usize, [u8; 2]),
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let step = prop_oneof![4 => Just(Step::Created), 2 => Just(Step::Edited), 1 => Just(Step::Deleted)];
    let write = prop_oneof![
        3 => (0u8..3, 0u8..6, step).prop_map(|(channel, message, step)| Write::Message(channel, message, step)),
        2 => (0u8..3, 0u8..3, any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(channel, user, active, again)| Write::Marker(channel, user, active, again)),
    ];
    prop::collection::vec(write, 1..80)
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        12 => (0usize..2, 0..PARTITIONS).prop_map(|(edge, partition)| Act::Advance(edge, partition)),
        3 => (0usize..3, 0usize..2).prop_map(|(client, edge)| Act::Connect(client, edge)),
        1 => (0usize..2).prop_map(Act::Ping),
        1 => (0usize..2, any::<[u8; 2]>()).prop_map(|(edge, reached)| Act::Restart(edge, reached)),
    ];
    prop::collection::vec(act, 1..200)
}

fn channel(n: u8) -> ChannelId {
    ChannelId(Uuid::from_u128(100 + u128::from(n)))
}

fn user(n: u8) -> UserId {
    UserId(Uuid::from_u128(200 + u128::from(n)))
}

/// The whole log, and for every record who may see it.
struct World {
    log: Vec<Vec<Record>>,
    /// Members as of each record; nothing where no reader sees it.
    audience: HashMap<Position, (ChannelId, HashSet<UserId>)>,
    /// Markers that change nothing.
    repeats: HashSet<Position>,
    /// Whom the other markers are about.
    subjects: HashMap<Position, UserId>,
    last: HashMap<(ChannelId, UserId), Membership>,
}

fn position(record: &Record) -> Position {
    Position { epoch: EPOCH, partition: record.partition, offset: record.offset }
}

fn event(write: Write, versions: &mut HashMap<(u8, u8), i64>, created: &mut HashSet<(u8, u8)>) -> Option<Event> {
    let message_id = |n: u8| MessageId(Uuid::from_u128(n.into()));
    match write {
        Write::Message(c, m, step) => {
            let (channel_id, message_id, user_id) = (channel(c), message_id(m), user(0));
            if step != Step::Created && !created.contains(&(c, m)) {
                return None;
            }
            created.insert((c, m));
            Some(match step {
                Step::Created => Event::MessageCreated(MessageCreated {
                    message_id,
                    channel_id,
                    parent_message_id: None,
                    user_id,
                    text: "a".into(),
                }),
                Step::Edited => {
                    Event::MessageEdited(MessageEdited { message_id, channel_id, user_id, text: "b".into() })
                }
                Step::Deleted => Event::MessageDeleted(MessageDeleted { message_id, channel_id, user_id }),
            })
        }
        Write::Marker(c, u, active, again) => {
            let version = versions.entry((c, u)).or_insert(0);
            *version += i64::from(!again || *version == 0);
            let (channel_id, user_id, version) = (channel(c), user(u), *version);
            Some(if active {
                Event::MemberAdded(MemberAdded { channel_id, user_id, role: ChannelRole::Member, version })
            } else {
                Event::MemberRemoved(MemberRemoved { channel_id, user_id, version })
            })
        }
    }
}

impl World {
    fn new(writes: Vec<Write>) -> Self {
        let (mut versions, mut created) = (HashMap::new(), HashSet::new());
        let mut world = Self {
            log: vec![Vec::new(); PARTITIONS as usize],
            audience: HashMap::new(),
            repeats: HashSet::new(),
            subjects: HashMap::new(),
            last: HashMap::new(),
        };
        let mut messages = HashMap::new();
        for write in writes {
            let Some(event) = event(write, &mut versions, &mut created) else { continue };
            let channel = event.channel().unwrap();
            let partition = (channel.0.as_u128() % u128::from(PARTITIONS)) as u32;
            let records = &mut world.log[partition as usize];
            let record = Record {
                partition,
                offset: records.len() as i64,
                time: chrono::DateTime::default(),
                value: event.encode().unwrap(),
            };
            let at = position(&record);
            records.push(record);
            let members = |last: &HashMap<(ChannelId, UserId), Membership>| -> HashSet<UserId> {
                last.iter().filter(|((c, _), m)| *c == channel && m.active).map(|((_, user), _)| *user).collect()
            };
            if let Some(change) = MessageEvent::of(&event) {
                let state = messages.entry(change.key()).or_insert(None);
                if fold(state, change, at, chrono::DateTime::default()) != Change::Ignored {
                    let audience = members(&world.last);
                    world.audience.insert(at, (channel, audience));
                }
            } else if let Some((user, version, active)) = marker(&event) {
                let mut audience = members(&world.last);
                let mut state = world.last.get(&(channel, user)).copied();
                let change = fold_membership(&mut state, version, active, at);
                world.last.insert((channel, user), state.unwrap());
                audience.extend(members(&world.last));
                if change == MembershipChange::Ignored {
                    world.repeats.insert(at);
                } else {
                    world.audience.insert(at, (channel, audience));
                    world.subjects.insert(at, user);
                }
            }
        }
        world
    }

    fn end(&self) -> Vec<i64> {
        self.log.iter().map(|records| records.len() as i64).collect()
    }

    /// What the database holds once projections have reached `next`.
    fn snapshot(&self, next: Vec<i64>) -> Router {
        let (mut members, mut messages) = (HashMap::new(), HashMap::new());
        for (records, next) in self.log.iter().zip(&next) {
            for record in &records[..*next as usize] {
                let event = Event::decode(&record.value).unwrap();
                if let Some(change) = MessageEvent::of(&event) {
                    let state = messages.entry(change.key()).or_insert(None);
                    fold(state, change, position(record), record.time);
                } else if let Some((user, version, active)) = marker(&event) {
                    let state = members.entry((event.channel().unwrap(), user)).or_insert(None);
                    fold_membership(state, version, active, position(record));
                }
            }
        }
        let mut recent = Recent::new(1_000);
        for (key, message) in messages {
            let message = message.unwrap();
            let deleted = matches!(message.content, domain::fold::Content::Deleted { .. });
            let deleted = deleted.then_some(message.changed.offset);
            recent.remember(key, Remembered { created: Some(message.created.offset), deleted });
        }
        let members = members.into_iter().map(|((channel, user), state)| (channel, user, state.unwrap()));
        Router::new(Cursor { epoch: EPOCH, next }, members, recent)
    }
}

struct Edge {
    router: Router,
    ring: Ring,
    /// Which client a socket is.
    clients: HashMap<SocketId, usize>,
}

struct Client {
    user: UserId,
    cursor: Option<Cursor>,
    /// Where its first connection began.
    since: Option<Cursor>,
    connected: Option<(usize, SocketId)>,
    seen: Vec<Position>,
    connections: u32,
}

impl Client {
    fn receive(&mut self, frame: &Frame) {
        let json: Value = serde_json::from_str(frame.json()).unwrap();
        let position: Position = json["position"].as_str().unwrap().parse().unwrap();
        self.seen.push(position);
        if let Some(cursor) = &mut self.cursor {
            cursor.advance_past(&position);
        }
    }
}

struct Run {
    world: World,
    edges: Vec<Edge>,
    clients: Vec<Client>,
    ring_bytes: usize,
}

impl Run {
    fn new(world: World, ring_bytes: usize) -> Self {
        let clients = (0..3).map(|n| Client {
            user: user(n),
            cursor: None,
            since: None,
            connected: None,
            seen: Vec::new(),
            connections: 0,
        });
        let mut run = Self { world, edges: Vec::new(), clients: clients.collect(), ring_bytes };
        for _ in 0..2 {
            let edge = run.fresh(vec![0; PARTITIONS as usize]);
            run.edges.push(edge);
        }
        run
    }

    fn fresh(&self, next: Vec<i64>) -> Edge {
        let router = self.world.snapshot(next);
        let ring = Ring::new(router.cursor(), self.ring_bytes);
        Edge { router, ring, clients: HashMap::new() }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Advance(edge, partition) => self.advance(edge, partition),
            Act::Connect(client, edge) => self.connect(client, edge),
            Act::Ping(edge) => {
                for (socket, client) in &self.edges[edge].clients {
                    self.clients[*client].cursor = Some(self.edges[edge].router.cursor_of(*socket));
                }
            }
            Act::Restart(edge, reached) => {
                let ends = self.world.end().into_iter().zip(reached);
                let fresh = self.fresh(ends.map(|(end, part)| end * i64::from(part) / 255).collect());
                for client in self.edges[edge].clients.values() {
                    self.clients[*client].connected = None;
                }
                self.edges[edge] = fresh;
            }
        }
        for edge in &self.edges {
            edge.router.check_invariants();
            edge.ring.check_invariants();
        }
    }

    fn advance(&mut self, edge: usize, partition: u32) {
        let edge = &mut self.edges[edge];
        let next = edge.router.cursor().next[partition as usize];
        let Some(record) = self.world.log[partition as usize].get(next as usize) else { return };
        if let Routed::Deliver(delivery) = edge.router.route(record).unwrap() {
            for socket in &delivery.recipients {
                self.clients[edge.clients[socket]].receive(&delivery.entry.frame);
            }
            edge.ring.push(delivery.entry);
        }
        // The log may repeat itself; nobody notices.
        assert!(matches!(edge.router.route(record), Ok(Routed::Nothing)));
    }

    fn connect(&mut self, client: usize, at: usize) {
        let theirs = &mut self.clients[client];
        if let Some((edge, socket)) = theirs.connected.take() {
            self.edges[edge].router.leave(socket);
            self.edges[edge].clients.remove(&socket);
        }
        let edge = &mut self.edges[at];
        if let Some(cursor) = theirs.cursor.clone() {
            if !edge.ring.reaches(&cursor) {
                let pieces = (0u32..).zip(edge.ring.floors()).map(|(partition, floor)| {
                    let from = cursor.next[partition as usize].min(floor);
                    let mut reading = Reading::new(EPOCH, from, floor, 1_000);
                    let records = &self.world.log[partition as usize];
                    records[from as usize..floor as usize].iter().for_each(|record| reading.take(record));
                    reading.finish()
                });
                edge.router.fill(&mut edge.ring, Refill { pieces: pieces.collect() });
            }
            assert!(edge.ring.reaches(&cursor));
            for frame in edge.router.missed(theirs.user, &cursor, &edge.ring) {
                theirs.receive(&frame);
            }
            edge.ring.trim();
        }
        let socket = edge.router.seat(theirs.user, theirs.cursor.as_ref());
        let ready = edge.router.cursor_of(socket);
        if let Some(cursor) = &theirs.cursor {
            assert!(cursor.next.iter().zip(&ready.next).all(|(before, after)| before <= after));
        }
        theirs.since.get_or_insert_with(|| ready.clone());
        theirs.cursor = Some(ready);
        theirs.connected = Some((at, socket));
        theirs.connections += 1;
        edge.clients.insert(socket, client);
    }

    fn check(&self) {
        for client in self.clients.iter().filter(|client| client.since.is_some()) {
            let mut latest: HashMap<u32, i64> = HashMap::new();
            for at in &client.seen {
                let before = latest.insert(at.partition, at.offset);
                assert!(before.is_none_or(|before| before < at.offset), "twice or out of order: {at}");
                if self.world.repeats.contains(at) {
                    // A repeated marker whose first was before the cursor can't be told from it; clients go by versions.
                    continue;
                }
                let (_, audience) = self.world.audience.get(at).expect("what no reader sees was delivered");
                assert!(audience.contains(&client.user), "delivered to somebody outside: {at}");
            }
            let since = client.since.as_ref().unwrap();
            for (at, (channel, audience)) in &self.world.audience {
                let member = self.world.last.get(&(*channel, client.user));
                let in_now = member.is_some_and(|member| member.active && !member.joined.is_after(at));
                let stayed = client.connections == 1 && audience.contains(&client.user);
                let own = self.world.subjects.get(at) == Some(&client.user);
                if (in_now || stayed || own) && !since.has_seen(at) {
                    assert!(client.seen.contains(at), "lost: {at}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]
    #[test]
    fn once_in_order_to_members_only_whatever_edges_and_clients_do(
        writes in writes(),
        acts in acts(),
        ring_bytes in 0usize..6_000,
    ) {
        let mut run = Run::new(World::new(writes), ring_bytes);
        for act in acts {
            run.act(act);
        }
        for client in 0..3 {
            // Whoever stayed at a live edge stays.
            let at = run.clients[client].connected.map(|(edge, _)| edge);
            if at.is_none() && run.clients[client].since.is_some() {
                run.act(Act::Connect(client, 0));
            }
        }
        for (edge, partition) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            for _ in 0..run.world.log[partition as usize].len() {
                run.act(Act::Advance(edge, partition));
            }
        }
        run.check();
    }
}
