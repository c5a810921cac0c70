//! The load: a few connections, each of which asks again as soon as it has its answer, for some seconds. So latencies are
//! those of a function that is kept busy, with a queue of at most this many.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::anyhow;

use super::{
    endpoints::{Endpoint, Turn},
    exchange::{Answer, Connection},
    scene::Scene,
};
use crate::{latency::Latency, pace::micros, wire::Server};

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    pub latency: Latency,
    pub requests: u64,
    /// Answers that were no success, by status.
    pub refused: BTreeMap<u16, u64>,
    /// What the first of these said.
    pub said: Option<String>,
    pub took: Duration,
}

/// Connections that ask one endpoint; each knows its last answer.
pub struct Crew {
    workers: Vec<(Connection, Answer)>,
    /// Requests are numbered throughout.
    next: AtomicUsize,
}

impl Crew {
    pub fn open(server: &Server, connections: usize) -> anyhow::Result<Self> {
        let open = |_| Ok((Connection::open(server)?, Answer::default()));
        Ok(Self { workers: (0..connections).map(open).collect::<anyhow::Result<_>>()?, next: AtomicUsize::new(0) })
    }

    /// Asks for so long, or until the endpoint has nothing more to ask for.
    pub fn ask(&mut self, endpoint: &Endpoint, scene: &Scene, time: Duration) -> anyhow::Result<Outcome> {
        let begun = Instant::now();
        let (next, end) = (&self.next, begun + time);
        let parts: Vec<Outcome> = thread::scope(|scope| {
            let workers = self.workers.iter_mut().enumerate();
            let running: Vec<_> = workers
                .map(|(number, worker)| scope.spawn(move || work(endpoint, scene, number, worker, next, end)))
                .collect();
            running
                .into_iter()
                .map(|one| one.join().map_err(|_| anyhow!("a worker panicked"))?)
                .collect::<anyhow::Result<_>>()
        })?;
        let mut all = Outcome { took: begun.elapsed(), ..Outcome::new()? };
        for part in parts {
            all.add(part)?;
        }
        Ok(all)
    }
}

fn work(
    endpoint: &Endpoint,
    scene: &Scene,
    worker: usize,
    (connection, last): &mut (Connection, Answer),
    next: &AtomicUsize,
    end: Instant,
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new()?;
    while Instant::now() < end {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(request) = (endpoint.make)(&Turn { scene, number, worker, last }) else { break };
        let asked = Instant::now();
        *last = connection.ask(&request)?;
        outcome.latency.record(micros(asked, Instant::now()));
        outcome.requests += 1;
        if !last.is_success() {
            *outcome.refused.entry(last.status).or_default() += 1;
            outcome.said.get_or_insert_with(|| String::from_utf8_lossy(&last.body).into_owned());
        }
    }
    Ok(outcome)
}

impl Outcome {
    fn new() -> anyhow::Result<Self> {
        let (latency, refused) = (Latency::new()?, BTreeMap::new());
        Ok(Self { latency, requests: 0, refused, said: None, took: Duration::ZERO })
    }

    fn add(&mut self, part: Self) -> anyhow::Result<()> {
        self.latency.add(&part.latency)?;
        self.requests += part.requests;
        for (status, count) in part.refused {
            *self.refused.entry(status).or_default() += count;
        }
        self.said = self.said.take().or(part.said);
        Ok(())
    }

    /// Why this is worth nothing, if it is.
    pub fn fault(&self) -> Option<String> {
        if self.requests == 0 {
            return Some("nothing was asked".to_owned());
        }
        let said = self.said.as_deref().unwrap_or_default();
        (!self.refused.is_empty()).then(|| format!("refused {:?}: {said}", self.refused))
    }
}
