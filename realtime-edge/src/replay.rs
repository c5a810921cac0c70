//! Resuming: a client with a cursor gets what it has missed from its room's memory; what memory does not hold is read
//! again from the log into it, so that a crowd of clients that come back reads the log once.

use std::{sync::Arc, time::Duration};

use access::Caller;
use domain::{Cursor, ids::TopicKind};
use event_log::{LogError, range::RangeLimits};
use tokio::time::{Instant, timeout};

use crate::{
    frame::Reset,
    line::Line,
    past::{Piece, Reading, Refill},
    rooms::{Lease, Rooms, Stopped},
    seating::{Join, Seat, Seating},
};

/// Records read again for one client; further behind, it has to begin anew.
const MAX_RECORDS: i64 = 20_000;
/// Bytes of records read again for one client.
const MAX_BYTES: usize = 32 << 20;
/// Records of one read.
const PAGE: usize = 2_000;
/// Time for reading once it is a client's turn.
const READ_LIMIT: Duration = Duration::from_secs(5);
/// Time for everything, turns included.
const RESUME_LIMIT: Duration = Duration::from_secs(20);
/// For Kafka to tell where a partition ends.
const WATERMARK_LIMIT: Duration = Duration::from_secs(2);
/// Rounds with the room before a client that can't catch up has to begin anew.
const ROUNDS: u32 = 6;

/// A seat, and whether the client has to forget what it knows.
pub(crate) struct Welcome {
    pub seat: Seat,
    pub reset: Option<Reset>,
}

/// Why there is no seat now; the client comes again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoSeat {
    /// The room.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Too many others.
    #[error("it was not this client's turn in time")]
    Busy,
}

/// How a client goes on.
enum Resumed {
    Seat(Seat, &'static str),
    Reset(Reset),
}

/// A client that comes to a room.
pub(crate) struct Arrival<'a> {
    pub rooms: &'a Rooms,
    pub lease: &'a Lease,
    pub caller: &'a Caller,
    pub line: &'a Arc<Line>,
}

impl Arrival<'_> {
    /// Takes a seat, with what was missed since `cursor` if there is one.
    pub(crate) async fn take_seat(&self, cursor: Option<&Cursor>) -> Result<Welcome, NoSeat> {
        let Some(cursor) = cursor else {
            return Ok(Welcome { seat: self.begin().await?, reset: None });
        };
        let resumed = timeout(RESUME_LIMIT, self.resume(cursor)).await.map_err(|_| NoSeat::Busy)??;
        let (welcome, source) = match resumed {
            Resumed::Seat(seat, source) => (Welcome { seat, reset: None }, source),
            Resumed::Reset(reason) => (Welcome { seat: self.begin().await?, reset: Some(reason) }, reason.as_str()),
        };
        metrics::counter!("threadly_edge_resumes_total", "source" => source).increment(1);
        Ok(welcome)
    }

    async fn begin(&self) -> Result<Seat, NoSeat> {
        match self.join(None, false, None).await? {
            Seating::Seated(seat) => Ok(seat),
            _ => Err(Stopped.into()),
        }
    }

    async fn join(&self, cursor: Option<&Cursor>, trusted: bool, refill: Option<Refill>) -> Result<Seating, Stopped> {
        let (user, session, cursor) = (self.caller.user, self.caller.session, cursor.cloned());
        let line = self.line.clone();
        self.lease.join(|answer| Join { user, session, line, cursor, trusted, refill, answer }).await
    }

    async fn resume(&self, cursor: &Cursor) -> Result<Resumed, NoSeat> {
        if cursor.epoch != self.caller.workspace.epoch {
            return Ok(Resumed::Reset(Reset::EpochChanged));
        }
        let (mut trusted, mut turn, mut refill, mut source) = (false, None, None, "ring");
        for _ in 0..ROUNDS {
            match self.join(Some(cursor), trusted, refill.take()).await? {
                Seating::Seated(seat) => return Ok(Resumed::Seat(seat, source)),
                Seating::Stale => return Err(Stopped.into()),
                Seating::Crowded => return Ok(Resumed::Reset(Reset::TooFarBehind)),
                Seating::Ahead => {
                    if !self.log_reaches(cursor).await? {
                        return Ok(Resumed::Reset(Reset::AheadOfLog));
                    }
                    trusted = true;
                }
                // Whoever had the turn before may have read what is missing here.
                Seating::Behind { .. } if turn.is_none() => turn = Some(self.lease.turn().await),
                Seating::Behind { floors } => match self.read(cursor, &floors).await? {
                    Ok(read) => (refill, source) = (Some(read), "log"),
                    Err(reason) => return Ok(Resumed::Reset(reason)),
                },
            }
        }
        Ok(Resumed::Reset(Reset::TooFarBehind))
    }

    /// Whether the log holds, or held, everything that this cursor claims to have seen.
    async fn log_reaches(&self, cursor: &Cursor) -> Result<bool, LogError> {
        let topic = self.caller.workspace.topic(TopicKind::Messages);
        for (partition, next) in (0u32..).zip(&cursor.next) {
            let (_, end) = self.rooms.services.ranges.watermarks(&topic, partition, WATERMARK_LIMIT).await?;
            if *next > end {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads what lies between the cursor and the room's memory.
    async fn read(&self, cursor: &Cursor, floors: &[i64]) -> Result<Result<Refill, Reset>, NoSeat> {
        let missing: i64 = cursor.next.iter().zip(floors).map(|(next, floor)| (floor - next).max(0)).sum();
        if missing > MAX_RECORDS {
            return Ok(Err(Reset::TooFarBehind));
        }
        let _reader = self.rooms.readers.acquire().await.map_err(|_| NoSeat::Busy)?;
        let mut budget = Budget { deadline: Instant::now() + READ_LIMIT, bytes: MAX_BYTES };
        let mut refill = Refill::default();
        for (partition, (next, floor)) in (0u32..).zip(cursor.next.iter().zip(floors)) {
            match self.read_piece(partition, (*next).min(*floor), *floor, &mut budget).await? {
                Ok(piece) => refill.pieces.push(piece),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        Ok(Ok(refill))
    }

    async fn read_piece(
        &self,
        partition: u32,
        from: i64,
        to: i64,
        budget: &mut Budget,
    ) -> Result<Result<Piece, Reset>, LogError> {
        let topic = self.caller.workspace.topic(TopicKind::Messages);
        let capacity = usize::try_from(to - from).unwrap_or_default();
        let mut reading = Reading::new(self.caller.workspace.epoch, from, to, capacity);
        let mut next = from;
        while next < to {
            let left = budget.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Err(Reset::TooFarBehind));
            }
            let limits = RangeLimits { records: PAGE, time: left };
            let records = self.rooms.services.ranges.read(&topic, partition, next, to, limits).await?.records;
            // The log begins later than this client's cursor: what it has missed has expired.
            let Some(last) = records.last().filter(|_| records.first().is_some_and(|first| first.offset == next))
            else {
                return Ok(Err(Reset::HistoryExpired));
            };
            next = last.offset + 1;
            for record in &records {
                let Some(left) = budget.bytes.checked_sub(record.value.len()) else {
                    return Ok(Err(Reset::TooFarBehind));
                };
                budget.bytes = left;
                reading.take(record);
            }
        }
        Ok(Ok(reading.finish()))
    }
}

/// What reading may still take.
struct Budget {
    deadline: Instant,
    bytes: usize,
}
