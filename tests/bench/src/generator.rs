//! The load: posts at a steady rate, whatever the answers do, and every delivery timed from when its post was due. One
//! thread, one poll.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use mio::{Events, Interest, Poll, Token, unix::SourceFd};
use nix::sys::timerfd::TimerFlags;
use uuid::Uuid;

use crate::{
    latency::Latency,
    ledger::{Delivered, ID_LENGTH, Ledger},
    pace::{Pace, micros},
    wire::{Frame, Poster, Reader, Server},
};

/// Keep-alive connections; posts beyond wait here, and their latency counts all the same.
const CONNECTIONS: usize = 128;
/// After the last post was due, for what is under way.
const DRAIN: Duration = Duration::from_secs(10);
/// A poll without news looks at the clock.
const LOOK: Duration = Duration::from_millis(100);
/// The records in the log then have about 330 bytes.
const TEXT: &str = "Thirty-two Glasgow dockers quietly boxed five dozen jugs of wax.";
const TIMER: Token = Token(usize::MAX);

/// Who posts where.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Takes posts.
    pub messages: Server,
    /// Holds sockets.
    pub edge: Server,
    pub handle: String,
    /// A socket each; they post in turn.
    pub tokens: Vec<String>,
    /// Everybody is in all of them; they are posted to in turn.
    pub channels: Vec<Uuid>,
}

/// How much, how long.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub rate: u32,
    /// Posted and checked, not timed.
    pub warm_up: Duration,
    pub seconds: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    pub load: Load,
    pub posts: u64,
    pub acknowledged: u64,
    /// Answers that were no success, by status.
    pub refused: BTreeMap<u16, u64>,
    pub deliveries: u64,
    pub missing: u64,
    pub doubled: u64,
    pub ack: Latency,
    pub delivery: Latency,
    /// From when a post was due until the generator saw it: its own share.
    pub lateness: Latency,
    /// Why the load broke off.
    pub broken: Option<String>,
}

impl Outcome {
    /// Why this run is worth nothing, if it is.
    pub fn fault(&self) -> Option<String> {
        if let Some(broken) = &self.broken {
            return Some(broken.clone());
        }
        let mut faults = Vec::new();
        let refused: u64 = self.refused.values().sum();
        if refused > 0 {
            faults.push(format!("{refused} refused {:?}", self.refused));
        }
        let unanswered = self.posts.saturating_sub(self.acknowledged + refused);
        for (count, what) in
            [(unanswered, "unanswered"), (self.missing, "deliveries missing"), (self.doubled, "deliveries doubled")]
        {
            if count > 0 {
                faults.push(format!("{count} {what}"));
            }
        }
        (!faults.is_empty()).then(|| faults.join(", "))
    }
}

impl Stage {
    /// Posts at the load's rate until everything has come back, or its time is over.
    ///
    /// # Errors
    /// Nothing could be begun.
    pub fn run(&self, load: Load) -> anyhow::Result<Outcome> {
        let posts = |time: Duration| (time.as_secs_f64() * f64::from(load.rate)).round() as u32;
        let warm = posts(load.warm_up);
        let total = warm + posts(load.seconds);
        let readers: Vec<Reader> = self
            .tokens
            .iter()
            .map(|token| Reader::open(&self.edge, &self.handle, token))
            .collect::<anyhow::Result<_>>()?;
        let posters: Vec<Poster> =
            (0..CONNECTIONS).map(|_| Poster::open(&self.messages)).collect::<anyhow::Result<_>>()?;
        let mut run = Run {
            stage: self,
            ledger: Ledger::new(total, u32::try_from(readers.len())?),
            free: (0..posters.len()).collect(),
            posters,
            readers,
            waiting: VecDeque::new(),
            warm,
            total,
            answered: 0,
            pace: Pace::start(load.rate, TimerFlags::TFD_NONBLOCK)?,
            outcome: Outcome {
                load,
                posts: u64::from(total),
                acknowledged: 0,
                refused: BTreeMap::new(),
                deliveries: 0,
                missing: 0,
                doubled: 0,
                ack: Latency::new()?,
                delivery: Latency::new()?,
                lateness: Latency::new()?,
                broken: None,
            },
            request: Vec::new(),
        };
        let broken = run.go().err().map(|error| format!("{error:#}"));
        let Run { ledger, outcome, .. } = run;
        Ok(Outcome {
            acknowledged: ledger.acknowledged(),
            deliveries: ledger.deliveries(),
            missing: ledger.missing(),
            doubled: ledger.doubled(),
            broken,
            ..outcome
        })
    }
}

struct Run<'a> {
    stage: &'a Stage,
    ledger: Ledger,
    posters: Vec<Poster>,
    readers: Vec<Reader>,
    /// Posters with nothing under way: who has rested longest goes first.
    free: VecDeque<usize>,
    /// Posts that are due and have no poster.
    waiting: VecDeque<u32>,
    warm: u32,
    total: u32,
    answered: u32,
    pace: Pace,
    outcome: Outcome,
    request: Vec<u8>,
}

impl Run<'_> {
    fn go(&mut self) -> anyhow::Result<()> {
        let mut poll = Poll::new()?;
        let streams = self.readers.iter_mut().map(|reader| &mut reader.stream);
        let streams = streams.chain(self.posters.iter_mut().map(|poster| &mut poster.stream));
        for (place, stream) in streams.enumerate() {
            poll.registry().register(stream, Token(place), Interest::READABLE)?;
        }
        poll.registry().register(&mut SourceFd(&self.pace.descriptor()), TIMER, Interest::READABLE)?;
        let deadline = self.pace.due(self.total) + DRAIN;
        let mut events = Events::with_capacity(CONNECTIONS + 64);
        let mut next = 0;
        loop {
            let now = Instant::now();
            while next < self.total && self.pace.due(next) <= now {
                if next >= self.warm {
                    self.outcome.lateness.record(micros(self.pace.due(next), now));
                }
                match self.free.pop_front() {
                    Some(poster) => self.post(poster, next)?,
                    None => self.waiting.push_back(next),
                }
                next += 1;
            }
            let over = next == self.total && self.answered == self.total && self.ledger.is_delivered();
            if over || now > deadline {
                return Ok(());
            }
            match poll.poll(&mut events, Some(LOOK)) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                polled => polled?,
            }
            for event in &events {
                match event.token() {
                    TIMER => self.pace.wait()?,
                    Token(place) if place < self.readers.len() => self.receive(place)?,
                    Token(place) => self.answer(place - self.readers.len())?,
                }
            }
        }
    }

    fn post(&mut self, poster: usize, number: u32) -> anyhow::Result<()> {
        let (stage, turn) = (self.stage, number as usize);
        let channel = stage.channels[turn % stage.channels.len()];
        // Everybody posts in every channel.
        let token = &stage.tokens[(turn + turn / stage.channels.len()) % stage.tokens.len()];
        let due = self.pace.due(number);
        let after = due.saturating_duration_since(self.pace.due(0));
        let id = self.ledger.id(number, u64::try_from(after.as_millis())?);
        write_request(&mut self.request, stage, channel, id, token)?;
        self.posters[poster].send(number, &self.request)
    }

    fn answer(&mut self, place: usize) -> anyhow::Result<()> {
        let poster = &mut self.posters[place];
        let Some(status) = poster.answer()? else { return Ok(()) };
        let number = poster.number;
        self.answered += 1;
        if matches!(status, 200 | 201) {
            self.ledger.acknowledge(number);
            if number >= self.warm {
                self.outcome.ack.record(micros(self.pace.due(number), Instant::now()));
            }
        } else {
            *self.outcome.refused.entry(status).or_default() += 1;
        }
        match self.waiting.pop_front() {
            Some(number) => self.post(place, number),
            None => {
                self.free.push_back(place);
                Ok(())
            }
        }
    }

    fn receive(&mut self, place: usize) -> anyhow::Result<()> {
        let reader = &mut self.readers[place];
        if !reader.fill()? {
            bail!("a socket was closed without a word");
        }
        let now = Instant::now();
        let mut pings = Vec::new();
        while let Some(frame) = reader.frame()? {
            match frame {
                Frame::Text(text) => {
                    if let Delivered::First(number) = self.ledger.receive(u32::try_from(place)?, text)
                        && number >= self.warm
                    {
                        self.outcome.delivery.record(micros(self.pace.due(number), now));
                    }
                }
                Frame::Ping(payload) => pings.push(payload.to_vec()),
                Frame::Close(code) => bail!("a socket was closed with {code:?}"),
                Frame::Other => {}
            }
        }
        pings.iter().try_for_each(|payload| reader.pong(payload)).context("answering a ping")
    }
}

fn write_request(into: &mut Vec<u8>, stage: &Stage, channel: Uuid, id: Uuid, token: &str) -> anyhow::Result<()> {
    use std::io::Write;

    let Stage { messages: Server { host, .. }, handle, .. } = stage;
    let (mut channel_text, mut id_text) = ([0; ID_LENGTH], [0; ID_LENGTH]);
    let channel = channel.hyphenated().encode_lower(&mut channel_text);
    let id = id.hyphenated().encode_lower(&mut id_text);
    into.clear();
    write!(
        into,
        "PUT /w/{handle}/v1/channels/{channel}/messages/{id} HTTP/1.1\r\nhost: {host}\r\n\
         authorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n\
         {{\"text\":\"{TEXT}\"}}",
        TEXT.len() + 11
    )?;
    Ok(())
}
