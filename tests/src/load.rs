//! A steady load of posts, and readers that never give up.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use domain::{ChannelId, MessageId, Position, UserId};
use serde_json::Value;
use testkit::Person;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::checker::{Placed, Reader, Stay};

/// Between two tries of the same post, and two tries to connect.
const RETRY: Duration = Duration::from_millis(50);
/// A quiet socket is looked at this often for the end of the run.
const LOOK: Duration = Duration::from_millis(100);

/// What a poster did.
#[derive(Debug, Default)]
pub struct Posted {
    /// Answered with success.
    pub acknowledged: Vec<Placed>,
    /// Tried.
    pub attempted: HashSet<MessageId>,
    /// Tries that were not answered with success.
    pub retries: usize,
    /// The same by the code of the problem; "" where nothing answered.
    pub refusals: BTreeMap<String, usize>,
    /// Of which some try may or may not be in the log.
    pub unknown: HashSet<MessageId>,
}

impl Posted {
    fn refused(&mut self, id: MessageId, code: &str) {
        self.retries += 1;
        *self.refusals.entry(code.to_owned()).or_default() += 1;
        if matches!(code, "" | "outcome-unknown") {
            self.unknown.insert(id);
        }
    }
}

/// Posts to `channels` in turn, every `pace`, through `urls` in turn, until `stop`; a post under way is retried with the
/// same id, through the next URL, until it is acknowledged.
///
/// # Errors
/// An answer that is neither success nor a passing failure.
pub async fn post(
    person: Person,
    urls: Vec<String>,
    channels: Vec<ChannelId>,
    pace: Duration,
    stop: CancellationToken,
) -> anyhow::Result<Posted> {
    let mut posted = Posted::default();
    let mut ticks = tokio::time::interval(pace);
    let mut turn = rand::random_range(0..urls.len());
    for number in 0_usize.. {
        ticks.tick().await;
        if stop.is_cancelled() {
            break;
        }
        let (id, channel) = (MessageId::random(), channels[number % channels.len()]);
        posted.attempted.insert(id);
        loop {
            turn += 1;
            let answer = person.try_post(&urls[turn % urls.len()], channel, id, &format!("message {number}")).await;
            match answer {
                Ok(answer) if answer.status.is_success() => {
                    let position = answer.json["position"].as_str().context("no position")?.parse()?;
                    posted.acknowledged.push(Placed { channel, id, position });
                    break;
                }
                Ok(answer) if answer.status.as_u16() == 503 => posted.refused(id, answer.code()),
                Ok(answer) => anyhow::bail!("a post was answered {}: {}", answer.status, answer.json),
                Err(_) => posted.refused(id, ""),
            }
            sleep(RETRY).await;
        }
    }
    Ok(posted)
}

/// A membership marker at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Marker {
    channel: ChannelId,
    user: UserId,
    joins: bool,
    position: Position,
}

/// What a reader writes down.
#[derive(Clone, Copy, Debug)]
enum Noted {
    Created(Placed),
    Marker(Marker),
}

/// A reader's book, readable while the reader runs.
#[derive(Clone, Debug)]
pub struct Book {
    reader: Arc<Mutex<Reader>>,
    markers: Arc<Mutex<Vec<Marker>>>,
    connected: Arc<AtomicBool>,
    frames: Arc<AtomicUsize>,
}

impl Book {
    /// An empty one.
    #[must_use]
    pub fn new(name: &str, stays: HashMap<ChannelId, Vec<Stay>>) -> Self {
        let reader = Reader { name: name.to_owned(), stays, received: Vec::new() };
        Self {
            reader: Arc::new(Mutex::new(reader)),
            markers: Arc::default(),
            connected: Arc::default(),
            frames: Arc::default(),
        }
    }

    /// Whether the reader has been connected once: from then on it misses nothing.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    /// How many frames have come, pings among them.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.frames.load(Ordering::Relaxed)
    }

    /// What stands in it now.
    #[must_use]
    pub fn read(&self) -> Reader {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a message was received.
    #[must_use]
    pub fn has(&self, id: MessageId) -> bool {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.received.iter().rev().any(|placed| placed.id == id)
    }

    /// The stays of `user` in `channel`, by the markers that this reader received.
    #[must_use]
    pub fn stays_of(&self, user: UserId, channel: ChannelId) -> Vec<Stay> {
        let mut stays: Vec<Stay> = Vec::new();
        for marker in self.markers.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            match (marker.joins, stays.last_mut()) {
                _ if (marker.user, marker.channel) != (user, channel) => {}
                (true, _) => stays.push(Stay { from: Some(marker.position), to: None }),
                (false, Some(stay)) => stay.to = Some(marker.position),
                (false, None) => {}
            }
        }
        stays
    }

    fn note(&self, noted: Noted) {
        match noted {
            Noted::Created(placed) => {
                self.reader.lock().unwrap_or_else(PoisonError::into_inner).received.push(placed);
            }
            Noted::Marker(marker) => self.markers.lock().unwrap_or_else(PoisonError::into_inner).push(marker),
        }
    }
}

/// Listens through `edges` in turn, reconnecting with its cursor, until `stop`. Answers how often it connected.
///
/// # Errors
/// A `reset` (nothing was lost that would justify one), or a frame that makes no sense.
pub async fn listen(person: Person, edges: Vec<String>, book: Book, stop: CancellationToken) -> anyhow::Result<usize> {
    let mut cursor: Option<String> = None;
    let mut turn = rand::random_range(0..edges.len());
    let mut connections = 0;
    while !stop.is_cancelled() {
        turn += 1;
        let Ok(mut socket) = person.connect(&edges[turn % edges.len()], cursor.as_deref()).await else {
            sleep(RETRY).await;
            continue;
        };
        connections += 1;
        while !stop.is_cancelled() {
            match socket.next(LOOK).await {
                Ok(frame) if frame.kind == "reset" => anyhow::bail!("a reset: {}", frame.json),
                Ok(frame) => {
                    book.frames.fetch_add(1, Ordering::Relaxed);
                    if frame.kind == "ready" {
                        book.connected.store(true, Ordering::Release);
                    }
                    if let Some(noted) = noted(&frame.json)? {
                        book.note(noted);
                    }
                }
                Err(error) if error.is::<testkit::Closed>() => break,
                // Nothing came within the look.
                Err(_) => {}
            }
        }
        cursor = socket.cursor.as_ref().map(ToString::to_string);
    }
    Ok(connections)
}

fn noted(frame: &Value) -> anyhow::Result<Option<Noted>> {
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a field is missing");
    let Some(event) = frame["event"].as_str() else { return Ok(None) };
    let channel = text(&frame["data"]["channelId"])?.parse()?;
    let position = text(&frame["position"])?.parse()?;
    Ok(match event {
        "THREAD_MESSAGE_CREATED" => {
            let id = text(&frame["data"]["messageId"])?.parse()?;
            Some(Noted::Created(Placed { channel, id, position }))
        }
        "CHANNEL_MEMBER_ADDED" | "CHANNEL_MEMBER_REMOVED" => {
            let user = text(&frame["data"]["userId"])?.parse()?;
            Some(Noted::Marker(Marker { channel, user, joins: event == "CHANNEL_MEMBER_ADDED", position }))
        }
        _ => None,
    })
}

/// Lets `visitor` into `channel` and out again, through `directory`, every `pace` until `stop`, and in at the end.
/// Answers how often.
pub async fn visit(
    host: Person,
    visitor: UserId,
    channel: ChannelId,
    directory: String,
    pace: Duration,
    stop: CancellationToken,
) -> usize {
    let mut changes = 0;
    while !stop.is_cancelled() || changes % 2 == 0 {
        sleep(pace).await;
        let changed = if changes % 2 == 0 {
            host.add_member(&directory, channel, visitor).await
        } else {
            host.remove_member(&directory, channel, visitor).await
        };
        // While the directory is away the next turn tries the same again.
        changes += usize::from(changed.is_ok());
    }
    changes
}
