//! A steady load of posts, and readers that never give up.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use domain::{ChannelId, MessageId};
use serde_json::Value;
use testkit::Person;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::checker::{Placed, Reader};

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
                Ok(answer) if answer.status.as_u16() == 503 => {}
                Ok(answer) => anyhow::bail!("a post was answered {}: {}", answer.status, answer.json),
                Err(_) => {}
            }
            posted.retries += 1;
            sleep(RETRY).await;
        }
    }
    Ok(posted)
}

/// A reader's book, readable while the reader runs.
#[derive(Clone, Debug)]
pub struct Book {
    reader: Arc<Mutex<Reader>>,
    connected: Arc<AtomicBool>,
}

impl Book {
    /// An empty one.
    #[must_use]
    pub fn new(name: &str, member_of: HashSet<ChannelId>) -> Self {
        let reader = Reader { name: name.to_owned(), member_of, received: Vec::new() };
        Self { reader: Arc::new(Mutex::new(reader)), connected: Arc::default() }
    }

    /// Whether the reader has been connected once: from then on it misses nothing.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
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

    fn note(&self, placed: Placed) {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).received.push(placed);
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
                    if frame.kind == "ready" {
                        book.connected.store(true, Ordering::Release);
                    }
                    if let Some(placed) = created(&frame.json)? {
                        book.note(placed);
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

fn created(frame: &Value) -> anyhow::Result<Option<Placed>> {
    if frame["event"] != "THREAD_MESSAGE_CREATED" {
        return Ok(None);
    }
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a field is missing");
    Ok(Some(Placed {
        channel: text(&frame["data"]["channelId"])?.parse()?,
        id: text(&frame["data"]["messageId"])?.parse()?,
        position: text(&frame["position"])?.parse()?,
    }))
}
