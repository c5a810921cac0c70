//! One open socket: what its room has for it is written, what the client says is heard, and it ends for a reason.

use std::{future::pending, sync::Arc, time::Duration};

use access::{Access, Caller, Denied, On, token::Unauthenticated};
use domain::{Cursor, policy::Action};
use futures::future::BoxFuture;
use tokio::{
    net::TcpStream,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};

use crate::{
    frame::{self, ClientFrame},
    hearing::{self, Deaf, Heard, Hearing},
    line::{Closing, Line},
    places::Place,
    replay::{Arrival, Welcome},
    rooms::{Lease, Rooms},
    router::SocketId,
};

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
    /// It has said so, and is answered.
    Answer(Option<u16>),
    /// It is told a code and a reason.
    Close(u16, &'static str),
}

impl End {
    const PROTOCOL: Self = Self::Close(1002, "not a WebSocket frame");
    const NOT_TEXT: Self = Self::Close(1007, "not UTF-8");
    const NOT_UNDERSTOOD: Self = Self::Close(1008, "not understood");
    const TOO_MANY: Self = Self::Close(1008, "too many frames");
    const SILENT: Self = Self::Close(1008, "no answer to pings");
    const TOO_LARGE: Self = Self::Close(1009, "frame too large");
    const GOING_AWAY: Self = Self::Close(1012, "going away; come again with your cursor");
    const TOKEN_EXPIRED: Self = Self::Close(4401, "token expired");
    const NOT_ALLOWED: Self = Self::Close(4403, "no longer allowed");
    const SUSPENDED: Self = Self::Close(4423, "workspace suspended");
    const SLOW_READER: Self = Self::Close(4408, "slow reader");

    /// Every end that the client is told of.
    pub(crate) const ALL: [Self; 11] = [
        Self::PROTOCOL,
        Self::NOT_TEXT,
        Self::NOT_UNDERSTOOD,
        Self::TOO_MANY,
        Self::SILENT,
        Self::TOO_LARGE,
        Self::GOING_AWAY,
        Self::TOKEN_EXPIRED,
        Self::NOT_ALLOWED,
        Self::SLOW_READER,
        Self::SUSPENDED,
    ];

    /// The code and the reason that the client is told.
    pub(crate) fn words(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Close(code, reason) => Some((code, reason)),
            Self::Gone | Self::Answer(_) => None,
        }
    }
}

impl From<Closing> for End {
    fn from(closing: Closing) -> Self {
        match closing {
            Closing::SlowReader => Self::SLOW_READER,
            Closing::GoingAway => Self::GOING_AWAY,
            Closing::NotAllowed => Self::NOT_ALLOWED,
            Closing::Suspended => Self::SUSPENDED,
            Closing::Gone => Self::Gone,
        }
    }
}

impl From<Deaf> for End {
    fn from(deaf: Deaf) -> Self {
        match deaf {
            Deaf::Gone => Self::Gone,
            Deaf::Closed(code) => Self::Answer(code),
            Deaf::Protocol => Self::PROTOCOL,
            Deaf::NotText => Self::NOT_TEXT,
            Deaf::TooLarge => Self::TOO_LARGE,
            Deaf::TooMuch => Self::TOO_MANY,
        }
    }
}

/// Serves a socket until it ends.
pub(crate) async fn serve(stream: TcpStream, early: &[u8], visitor: Visitor) {
    let limit = visitor.rooms.config.queue_bytes as usize;
    let line = Arc::new(Line::new(stream, limit, visitor.rooms.meters.clone()));
    let mut hearing = Hearing::new(early);
    let arrival = Arrival { rooms: &visitor.rooms, lease: &visitor.lease, caller: &visitor.caller, line: &line };
    let end = match arrival.take_seat(visitor.cursor.as_ref()).await {
        Ok(welcome) => {
            let seat = welcome.seat.socket;
            let end = Box::pin(converse(&line, &mut hearing, &visitor, welcome)).await;
            visitor.lease.leave(seat).await;
            end
        }
        Err(error) => {
            tracing::warn!(workspace = %visitor.caller.workspace.id, %error, "a client can't be seated");
            End::GOING_AWAY
        }
    };
    metrics::counter!("threadly_edge_sockets_ended_total", "code" => code(end)).increment(1);
    drop(visitor.lease);
    close(&line, &mut hearing, end).await;
    drop(line);
    drop(visitor.place);
}

fn code(end: End) -> String {
    match end {
        End::Gone | End::Answer(_) => "gone".to_owned(),
        End::Close(code, _) => code.to_string(),
    }
}

async fn close(line: &Line, hearing: &mut Hearing, end: End) {
    let (code, reason) = match end {
        End::Gone => return,
        End::Answer(code) => {
            line.finish(frame::close(code, ""), CLOSE_LIMIT).await;
            return hearing::drop_unread(line);
        }
        End::Close(code, reason) => (code, reason),
    };
    line.finish(frame::close(Some(code), reason), CLOSE_LIMIT).await;
    // Ending before the client has answered, or with bytes of it unread, could cost it the frames still under way.
    let understood = ![End::PROTOCOL, End::NOT_TEXT, End::TOO_LARGE].contains(&end);
    let _ = timeout(CLOSE_ANSWER, hearing.closed(line, understood)).await;
}

async fn converse(line: &Line, hearing: &mut Hearing, visitor: &Visitor, welcome: Welcome) -> End {
    let Welcome { seat, reset } = welcome;
    let reset = reset.map(|reason| frame::reset(reason, &seat.cursor));
    let first = seat.missed.into_iter().chain(reset).chain([frame::ready(&seat.cursor)]);
    if let Err(closing) = line.begin(first.collect(), BEGIN_LIMIT).await {
        return closing.into();
    }
    drop(seat.held);
    let conversation = Conversation {
        rooms: &visitor.rooms,
        lease: &visitor.lease,
        caller: visitor.caller.clone(),
        seat: seat.socket,
        line,
        heard: Instant::now(),
    };
    conversation.go_on(hearing).await
}

struct Conversation<'a> {
    rooms: &'a Rooms,
    lease: &'a Lease,
    caller: Caller,
    seat: SocketId,
    line: &'a Line,
    /// When the client last gave a sign of life.
    heard: Instant,
}

impl Conversation<'_> {
    async fn go_on(mut self, hearing: &mut Hearing) -> End {
        let shutdown = self.rooms.services.shutdown.clone();
        let period = self.rooms.config.ping();
        // Spread, so that sockets that came together don't ask the database together.
        let mut looks = interval_at(Instant::now() + period.mul_f64(0.5 + rand::random::<f64>() / 2.0), period);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut verdict: Option<BoxFuture<'static, Result<(), Denied>>> = None;
        let (mut expiry, mut drain) = (self.expiry(), None);
        loop {
            let step = tokio::select! {
                closed = self.line.attend() => closed.map_or_else(|closing| Err(closing.into()), |never| match never {}),
                heard = hearing.next(self.line) => match heard {
                    Ok(heard) => {
                        let heeded = self.heed(heard).await;
                        expiry = self.expiry();
                        heeded
                    }
                    Err(deaf) => Err(deaf.into()),
                },
                _ = looks.tick() => {
                    if verdict.is_none() {
                        verdict = Some(Box::pin(look(self.rooms.services.access.clone(), self.caller.clone())));
                    }
                    hearing.forgive();
                    self.look_for_life()
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

    /// Asks for a sign of life; and whether the last ones came.
    fn look_for_life(&self) -> Result<(), End> {
        if self.heard.elapsed() > self.rooms.config.ping() * MISSED_PINGS {
            return Err(End::SILENT);
        }
        self.line.say(frame::probe());
        Ok(())
    }

    async fn heed(&mut self, heard: Heard) -> Result<(), End> {
        self.heard = Instant::now();
        match heard {
            Heard::Alive => Ok(()),
            Heard::Binary => Err(End::NOT_UNDERSTOOD),
            Heard::Text(text) => match serde_json::from_str(&text) {
                Ok(ClientFrame::Token { access_token }) => self.renew(&access_token).await,
                Err(_) => Err(End::NOT_UNDERSTOOD),
            },
        }
    }

    /// When the caller's token ends.
    fn expiry(&self) -> Instant {
        let now = u64::try_from(self.rooms.services.registry.clock().now_millis()).unwrap_or_default();
        let left = self.caller.expires_at.saturating_mul(1_000).saturating_sub(now);
        Instant::now() + Duration::from_millis(left)
    }

    /// Takes a fresh token of the same person in the same workspace.
    async fn renew(&mut self, token: &str) -> Result<(), End> {
        let access = &self.rooms.services.access;
        let caller = match access.authenticate(self.caller.workspace.clone(), token).await {
            Ok(caller) if caller.user == self.caller.user => caller,
            Err(Denied::Unauthenticated(Unauthenticated::Expired)) => return Err(End::TOKEN_EXPIRED),
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
    access.authorise(&caller, On::Workspace, Action::OpenSocket).await.map(drop)
}

async fn decision(verdict: &mut Option<BoxFuture<'static, Result<(), Denied>>>) -> Result<(), Denied> {
    match verdict {
        Some(verdict) => verdict.await,
        None => pending().await,
    }
}
