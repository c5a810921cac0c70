//! A few connections to the SMTP server, kept while letters follow each other.
//!
//! lettre's own pool takes a connection back whose letter was given up in the middle, and the next letter then reads
//! the answers to that one. Here only a connection whose last letter was answered is kept.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lettre::transport::smtp::client::AsyncSmtpConnection;
use tokio::{
    sync::Semaphore,
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};

use crate::{MailError, message::Ready, server::Server, session};

/// Letters that are handed over at a time.
const AT_A_TIME: usize = 4;
/// How long a connection waits for a next letter.
const IDLE: Duration = Duration::from_secs(5);
/// For a connection's farewell.
const QUIT: Duration = Duration::from_secs(2);

/// Connections to one server.
pub(crate) struct Pool {
    server: Server,
    places: Semaphore,
    idle: Arc<Mutex<Idle>>,
}

/// At most [`AT_A_TIME`], since each had a place when it was parked.
#[derive(Default)]
struct Idle {
    parked: Vec<Parked>,
    /// Closes what has been idle for long; ends when nothing is left.
    closer: Option<JoinHandle<()>>,
}

struct Parked {
    connection: AsyncSmtpConnection,
    until: Instant,
}

impl Pool {
    pub(crate) fn new(server: Server) -> Self {
        Self { server, places: Semaphore::new(AT_A_TIME), idle: Arc::default() }
    }

    /// Hands one message over, within the limits for a place, a connection and the message.
    pub(crate) async fn send(&self, ready: &Ready) -> Result<(), MailError> {
        let place = timeout(self.server.send_limit, self.places.acquire()).await;
        let Ok(Ok(_place)) = place else { return Err(late("all connections are busy")) };
        let mut connection = match self.parked().await {
            Some(connection) => connection,
            None => timeout(self.server.connect_limit, session::open(&self.server))
                .await
                .map_err(|_| late("connecting takes too long"))??,
        };
        match timeout(self.server.send_limit, session::say(&mut connection, ready)).await {
            Ok(Ok(())) => {
                self.park(connection);
                Ok(())
            }
            Ok(Err(error)) => {
                quit(connection).await;
                Err(error)
            }
            // It may be in the middle of anything: no farewell.
            Err(_) => Err(late("the server takes too long to answer")),
        }
    }

    /// A connection that still answers.
    async fn parked(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let mut connection = lock(&self.idle).parked.pop()?.connection;
            if timeout(QUIT, connection.test_connected()).await == Ok(true) {
                return Some(connection);
            }
        }
    }

    fn park(&self, connection: AsyncSmtpConnection) {
        let mut idle = lock(&self.idle);
        idle.parked.push(Parked { connection, until: Instant::now() + IDLE });
        if idle.closer.as_ref().is_none_or(JoinHandle::is_finished) {
            idle.closer = Some(tokio::spawn(close(Arc::clone(&self.idle))));
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if let Some(closer) = lock(&self.idle).closer.take() {
            closer.abort();
        }
    }
}

async fn close(idle: Arc<Mutex<Idle>>) {
    loop {
        let (over, next) = {
            let mut idle = lock(&idle);
            let now = Instant::now();
            let over: Vec<Parked> = idle.parked.extract_if(.., |parked| parked.until <= now).collect();
            let next = idle.parked.iter().map(|parked| parked.until).min();
            if next.is_none() && over.is_empty() {
                idle.closer = None;
                return;
            }
            (over, next)
        };
        for parked in over {
            quit(parked.connection).await;
        }
        if let Some(next) = next {
            sleep_until(next).await;
        }
    }
}

async fn quit(mut connection: AsyncSmtpConnection) {
    // Whether it is heard does not matter.
    let _ = timeout(QUIT, connection.abort()).await;
}

fn late(why: &str) -> MailError {
    MailError::Later(why.to_owned())
}

/// A list of connections is right whatever a holder of the lock did.
fn lock(idle: &Mutex<Idle>) -> std::sync::MutexGuard<'_, Idle> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
