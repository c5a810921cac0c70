//! One open socket: what its room has for it is written, what the client says is heard, and it ends for a reason.

use std::{future::pending, sync::Arc, time::Duration};

use access::{Access, Caller, Denied, token::Unauthenticated};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use chrono::Utc;
use domain::{Cursor, policy::Action};
use futures::{SinkExt, future::BoxFuture};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

use crate::{
    frame::{self, ClientFrame, Frame},
    places::Place,
    queue::{self, Closing},
    replay::{Arrival, Welcome},
    rooms::{Lease, Rooms},
    router::SocketId,
};

/// The largest frame of a client; a token has at most 4,096 bytes.
const MAX_HEARD_BYTES: usize = 8 << 10;
/// Frames that a client may send between two pings.
const MAX_HEARD: u32 = 100;
/// Bytes written at once of what was missed.
const WRITE_BYTES: usize = 64 << 10;
/// For one write.
const WRITE_LIMIT: Duration = Duration::from_secs(10);
/// For a client to take all that it has missed, which is held for it alone.
const BEGIN_LIMIT: Duration = Duration::from_secs(30);
/// For the close frame, behind what is being written.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);
/// For the client to answer the close frame.
const CLOSE_ANSWER: Duration = Duration::from_secs(1);
/// Pings that a client may leave unanswered.
const MISSED_PINGS: u32 = 3;

/// Somebody with a right to a socket.
pub(crate) struct Visitor {
    pub rooms: Arc<Rooms>,
    pub lease: Lease,
    pub caller: Caller,
    pub cursor: Option<Cursor>,
    /// Held as long as the socket is open.
    pub place: Place,
}

/// How a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The client went.
    Gone,
    /// It is told a code and a reason.
    Close(u16, &'static str),
}

impl End {
    const PROTOCOL: Self = Self::Close(1002, "not a WebSocket frame");
    const NOT_UNDERSTOOD: Self = Self::Close(1008, "not understood");
    const TOO_MANY: Self = Self::Close(1008, "too many frames");
    const SILENT: Self = Self::Close(1008, "no answer to pings");
    const TOO_LARGE: Self = Self::Close(1009, "frame too large");
    const GOING_AWAY: Self = Self::Close(1012, "going away; come again with your cursor");
    const TOKEN_EXPIRED: Self = Self::Close(4401, "token expired");
    const NOT_ALLOWED: Self = Self::Close(4403, "no longer allowed");
    const SLOW_READER: Self = Self::Close(4408, "slow reader");
}

impl From<Closing> for End {
    fn from(closing: Closing) -> Self {
        match closing {
            Closing::SlowReader => Self::SLOW_READER,
            Closing::GoingAway => Self::GOING_AWAY,
            Closing::NotAllowed => Self::NOT_ALLOWED,
        }
    }
}

/// Serves a socket until it ends.
pub(crate) async fn serve(mut socket: WebSocket, visitor: Visitor) {
    let arrival = Arrival { rooms: &visitor.rooms, lease: &visitor.lease, caller: &visitor.caller };
    let end = match arrival.take_seat(visitor.cursor.as_ref()).await {
        Ok(welcome) => {
            let seat = welcome.seat.socket;
            let lease = visitor.lease.clone();
            let end = Box::pin(converse(&mut socket, &visitor, welcome)).await;
            lease.leave(seat).await;
            end
        }
        Err(error) => {
            tracing::warn!(workspace = %visitor.caller.workspace.id, %error, "a client can't be seated");
            End::GOING_AWAY
        }
    };
    metrics::counter!("threadly_edge_sockets_ended_total", "code" => code(end)).increment(1);
    drop(visitor.lease);
    close(socket, end).await;
    drop(visitor.place);
}

fn code(end: End) -> String {
    match end {
        End::Gone => "gone".to_owned(),
        End::Close(code, _) => code.to_string(),
    }
}

async fn close(mut socket: WebSocket, end: End) {
    let frame = match end {
        End::Gone => None,
        End::Close(code, reason) => Some(CloseFrame { code, reason: reason.into() }),
    };
    if matches!(timeout(CLOSE_LIMIT, socket.send(Message::Close(frame))).await, Ok(Ok(()))) {
        // Ending before the client has answered could cost it the frames that are still under way.
        let _ = timeout(CLOSE_ANSWER, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
    }
}

async fn converse(socket: &mut WebSocket, visitor: &Visitor, welcome: Welcome) -> End {
    let Welcome { seat, reset } = welcome;
    let conversation = Conversation {
        rooms: &visitor.rooms,
        lease: &visitor.lease,
        caller: visitor.caller.clone(),
        seat: seat.socket,
        queue: seat.queue,
        heard: Instant::now(),
        heard_frames: 0,
    };
    let mut first = seat.missed;
    first.extend(reset.map(|reason| frame::reset(reason, &seat.cursor)));
    first.push(frame::ready(&seat.cursor));
    match timeout(BEGIN_LIMIT, conversation.begin(socket, first)).await {
        Ok(Ok(())) => conversation.go_on(socket).await,
        Ok(Err(end)) => end,
        Err(_) => End::SLOW_READER,
    }
}

struct Conversation<'a> {
    rooms: &'a Rooms,
    lease: &'a Lease,
    caller: Caller,
    seat: SocketId,
    queue: queue::Receiver,
    /// When the client last gave a sign of life.
    heard: Instant,
    heard_frames: u32,
}

impl Conversation<'_> {
    async fn begin(&self, socket: &mut WebSocket, first: Vec<Frame>) -> Result<(), End> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        for frame in first {
            bytes += frame.len();
            batch.push(frame);
            if bytes >= WRITE_BYTES {
                self.write(socket, &mut batch).await?;
                bytes = 0;
            }
        }
        self.write(socket, &mut batch).await
    }

    async fn go_on(mut self, socket: &mut WebSocket) -> End {
        let shutdown = self.rooms.services.shutdown.clone();
        let period = self.rooms.config.ping();
        // Spread, so that sockets that came together don't ask the database together.
        let mut looks = interval_at(Instant::now() + period.mul_f64(0.5 + rand::random::<f64>() / 2.0), period);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut verdict: Option<BoxFuture<'static, Result<(), Denied>>> = None;
        let (mut expiry, mut drain) = (expiry(&self.caller), None);
        let mut batch = Vec::new();
        loop {
            let step = tokio::select! {
                taken = self.queue.next(&mut batch) => match taken {
                    Ok(()) => self.write(socket, &mut batch).await,
                    Err(closing) => Err(closing.into()),
                },
                message = socket.recv() => {
                    let heard = self.hear(message).await;
                    expiry = self::expiry(&self.caller);
                    heard
                }
                _ = looks.tick() => {
                    if verdict.is_none() {
                        verdict = Some(Box::pin(look(self.rooms.services.access.clone(), self.caller.clone())));
                    }
                    self.look_for_life(socket).await
                }
                decided = decision(&mut verdict) => {
                    verdict = None;
                    if matches!(decided, Err(Denied::Refused(_))) { Err(End::NOT_ALLOWED) } else { Ok(()) }
                }
                () = sleep_until(expiry) => Err(End::TOKEN_EXPIRED),
                () = shutdown.cancelled(), if drain.is_none() => {
                    drain = Some(Instant::now() + self.rooms.config.drain().mul_f64(rand::random()));
                    Ok(())
                }
                () = sleep_until(drain.unwrap_or(expiry)), if drain.is_some() => Err(End::GOING_AWAY),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Writes frames together; a client that does not take them in time is a slow reader.
    async fn write(&self, socket: &mut WebSocket, batch: &mut Vec<Frame>) -> Result<(), End> {
        let (frames, bytes) = (batch.len(), batch.iter().map(|frame| frame.len()).sum::<usize>());
        let writing = async {
            for frame in batch.drain(..) {
                socket.feed(Message::Text(frame)).await?;
            }
            socket.flush().await
        };
        tokio::select! {
            written = timeout(WRITE_LIMIT, writing) => match written {
                Ok(Ok(())) => {
                    metrics::counter!("threadly_edge_frames_total").increment(frames as u64);
                    metrics::counter!("threadly_edge_bytes_total").increment(bytes as u64);
                    Ok(())
                }
                Ok(Err(_)) => Err(End::Gone),
                Err(_) => Err(End::SLOW_READER),
            },
            closing = self.queue.closed() => Err(closing.into()),
        }
    }

    /// A WebSocket ping, which browsers answer by themselves; and whether the last ones were.
    async fn look_for_life(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        self.heard_frames = 0;
        if self.heard.elapsed() > self.rooms.config.ping() * MISSED_PINGS {
            return Err(End::SILENT);
        }
        match timeout(WRITE_LIMIT, socket.send(Message::Ping(Default::default()))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::SLOW_READER),
        }
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.heard = Instant::now();
        self.heard_frames += 1;
        if self.heard_frames > MAX_HEARD {
            return Err(End::TOO_MANY);
        }
        match message {
            None | Some(Ok(Message::Close(_))) => Err(End::Gone),
            // The library's own type is not within reach here; it ends the connection whatever we say.
            Some(Err(error)) if error.to_string().contains("too long") => Err(End::TOO_LARGE),
            Some(Err(_)) => Err(End::PROTOCOL),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Binary(_))) => Err(End::NOT_UNDERSTOOD),
            Some(Ok(Message::Text(text))) if text.len() > MAX_HEARD_BYTES => Err(End::TOO_LARGE),
            Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                Ok(ClientFrame::Token { access_token }) => self.renew(&access_token).await,
                Err(_) => Err(End::NOT_UNDERSTOOD),
            },
        }
    }

    /// Takes a fresh token of the same person in the same workspace.
    async fn renew(&mut self, token: &str) -> Result<(), End> {
        let access = &self.rooms.services.access;
        let caller = match access.authenticate(self.caller.workspace.clone(), token) {
            Ok(caller) if caller.user == self.caller.user => caller,
            Err(Unauthenticated::Expired) => return Err(End::TOKEN_EXPIRED),
            Ok(_) | Err(_) => return Err(End::NOT_ALLOWED),
        };
        if caller.session != self.caller.session && self.lease.renew(self.seat, caller.session).await.is_err() {
            return Err(End::GOING_AWAY);
        }
        self.caller = caller;
        Ok(())
    }
}

async fn look(access: Access, caller: Caller) -> Result<(), Denied> {
    access.authorise(&caller, None, Action::UseWorkspace).await
}

async fn decision(verdict: &mut Option<BoxFuture<'static, Result<(), Denied>>>) -> Result<(), Denied> {
    match verdict {
        Some(verdict) => verdict.await,
        None => pending().await,
    }
}

/// When the caller's token ends.
fn expiry(caller: &Caller) -> Instant {
    let now = u64::try_from(Utc::now().timestamp_millis()).unwrap_or_default();
    Instant::now() + Duration::from_millis(caller.expires_at.saturating_mul(1_000).saturating_sub(now))
}
