//! The way out to one client. Its room writes straight to the stream; what the stream does not take waits here, bounded in
//! bytes, for the socket's own task. The room never waits: a line that is full ends its socket.

use std::{
    convert::Infallible,
    io,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    net::TcpStream,
    sync::Notify,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    frame::Frame,
    waiting::{Stream, Waiting, Written},
};

/// For a client to take the next [`PACE_BYTES`] of what waits for it, or all of it.
const PACE_LIMIT: Duration = Duration::from_secs(10);
/// What a client that is no slow reader takes within [`PACE_LIMIT`].
const PACE_BYTES: usize = 64 << 10;

/// Why a line is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// It is read too slowly.
    SlowReader,
    /// The room stops; another may be opened at once.
    GoingAway,
    /// Its session or its workspace is closed to it.
    NotAllowed,
    /// Its workspace is suspended, and may be resumed.
    Suspended,
    /// Nobody is at the other end.
    Gone,
}

/// Why a frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The line was full; it is closed now.
    Full,
    /// It was closed before.
    Closed,
}

/// What lines count together.
#[derive(Clone, Debug)]
pub(crate) struct Meters {
    frames: metrics::Counter,
    bytes: metrics::Counter,
}

impl Meters {
    pub(crate) fn new() -> Self {
        let (frames, bytes) =
            (metrics::counter!("threadly_edge_frames_total"), metrics::counter!("threadly_edge_bytes_total"));
        Self { frames, bytes }
    }

    fn count(&self, written: Written) {
        self.frames.increment(written.frames);
        self.bytes.increment(written.bytes as u64);
    }
}

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// The socket's task, what the client has missed: everything else waits behind it.
    Beginning,
    /// The room, straight to the stream.
    Straight,
    /// The socket's task, as soon as the stream takes something again.
    Stalled(Pace),
}

/// How fast a stalled client has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace {
    until: Instant,
    bytes: usize,
}

impl Pace {
    fn of(waiting: &Waiting) -> Self {
        Self { until: Instant::now() + PACE_LIMIT, bytes: waiting.bytes().min(PACE_BYTES) }
    }
}

struct State {
    mode: Mode,
    waiting: Waiting,
    closing: Option<Closing>,
}

/// A client's stream, and what waits for it. Shared by its room and its task.
pub(crate) struct Line<S = TcpStream> {
    stream: S,
    limit: usize,
    meters: Meters,
    state: Mutex<State>,
    /// Wakes the socket's task: the stream stalls, or the line is closed.
    wake: Notify,
}

impl<S: Stream> Line<S> {
    /// A line on which at most `limit` bytes wait, and nothing is written before [`Line::begin`].
    pub(crate) fn new(stream: S, limit: usize, meters: Meters) -> Self {
        let state = State { mode: Mode::Beginning, waiting: Waiting::default(), closing: None };
        Self { stream, limit, meters, state: Mutex::new(state), wake: Notify::new() }
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a frame, or closes the line if it does not fit. True if it has to be flushed.
    pub(crate) fn push(&self, frame: Frame) -> Result<bool, Refused> {
        let mut state = self.state();
        if state.closing.is_some() {
            return Err(Refused::Closed);
        }
        if state.mode == Mode::Straight && state.waiting.bytes() + frame.len() > self.limit {
            // The round is larger than the queue: what the stream takes now need not wait.
            self.write(&mut state);
            if state.closing.is_some() {
                return Err(Refused::Closed);
            }
        }
        if state.waiting.bytes() + frame.len() > self.limit {
            drop(state);
            self.close(Closing::SlowReader);
            return Err(Refused::Full);
        }
        let first = state.waiting.is_empty();
        state.waiting.push(frame);
        Ok(first && state.mode == Mode::Straight)
    }

    /// Writes what waits, merged, as far as the stream takes it; the rest is the task's.
    pub(crate) fn flush(&self) {
        let mut state = self.state();
        if state.mode == Mode::Straight {
            self.write(&mut state);
        }
    }

    /// A frame of the socket's own. Whether it finds the line closed is [`Line::attend`]'s to say.
    pub(crate) fn say(&self, frame: Frame) {
        if self.push(frame) == Ok(true) {
            self.flush();
        }
    }

    fn write(&self, state: &mut State) {
        match state.waiting.write_to(&self.stream) {
            Ok(written) => {
                self.meters.count(written);
                state.mode = match state.mode {
                    _ if state.waiting.is_empty() => Mode::Straight,
                    Mode::Stalled(pace) if written.bytes < pace.bytes => {
                        Mode::Stalled(Pace { bytes: pace.bytes - written.bytes, ..pace })
                    }
                    _ => Mode::Stalled(Pace::of(&state.waiting)),
                };
                if state.mode != Mode::Straight {
                    self.wake.notify_one();
                }
            }
            Err(_) => {
                state.closing.get_or_insert(Closing::Gone);
                self.wake.notify_one();
            }
        }
    }

    /// Closes the line: what waits is dropped, the task is told why.
    pub(crate) fn close(&self, closing: Closing) {
        let mut state = self.state();
        state.closing.get_or_insert(closing);
        state.waiting.cut();
        drop(state);
        self.wake.notify_one();
    }

    /// Lets the room write.
    fn straighten(&self) {
        let mut state = self.state();
        if state.mode == Mode::Beginning {
            state.mode = Mode::Straight;
            self.write(&mut state);
        }
    }
}

impl Line {
    /// Writes what comes before everything from the room.
    pub(crate) async fn begin(&self, mut first: Waiting, limit: Duration) -> Result<(), Closing> {
        let written = timeout(limit, self.write_first(&mut first)).await.unwrap_or(Err(Closing::SlowReader));
        match written {
            Ok(()) => self.straighten(),
            Err(closing) => {
                // The rest of a half-written frame stands before the last one.
                self.close(closing);
                first.cut();
                self.state().waiting = first;
            }
        }
        written
    }

    async fn write_first(&self, first: &mut Waiting) -> Result<(), Closing> {
        loop {
            if let Some(closing) = self.state().closing {
                return Err(closing);
            }
            self.meters.count(first.write_to(&self.stream).map_err(|_| Closing::Gone)?);
            if first.is_empty() {
                return Ok(());
            }
            tokio::select! {
                ready = self.stream.writable() => ready.map_err(|_| Closing::Gone)?,
                () = self.wake.notified() => {}
            }
        }
    }

    /// The task's part: writes whenever the stream stalls, until the line is closed.
    pub(crate) async fn attend(&self) -> Result<Infallible, Closing> {
        loop {
            let mode = {
                let state = self.state();
                if let Some(closing) = state.closing {
                    return Err(closing);
                }
                state.mode
            };
            let Mode::Stalled(pace) = mode else {
                self.wake.notified().await;
                continue;
            };
            tokio::select! {
                ready = timeout_at(pace.until, self.stream.writable()) => match ready {
                    Ok(Ok(())) => self.write(&mut self.state()),
                    Ok(Err(_)) => self.close(Closing::Gone),
                    Err(_) => self.close(Closing::SlowReader),
                },
                () = self.wake.notified() => {}
            }
        }
    }

    /// Ends with a frame, behind a half-written one only.
    pub(crate) async fn finish(&self, last: Frame, limit: Duration) {
        self.close(Closing::Gone);
        let mut rest = std::mem::take(&mut self.state().waiting);
        rest.push(last);
        let writing = async {
            loop {
                rest.write_to(&self.stream)?;
                if rest.is_empty() {
                    return Ok::<(), io::Error>(());
                }
                self.stream.writable().await?;
            }
        };
        // Whoever does not take it has ended already.
        let _ = timeout(limit, writing).await;
    }
}

/// The room's end of a line; a room that lets go says that it goes away.
pub(crate) struct RoomEnd(pub Arc<Line>);

impl Deref for RoomEnd {
    type Target = Line;

    fn deref(&self) -> &Line {
        &self.0
    }
}

impl Drop for RoomEnd {
    fn drop(&mut self) {
        self.0.close(Closing::GoingAway);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waiting::tests::Trickle;

    fn frame(bytes: usize) -> Frame {
        Frame::encoded(&vec![b'x'; bytes])
    }

    fn line(allowed: usize) -> Line<Trickle> {
        let line = Line::new(Trickle::default(), 100, Meters::new());
        *line.stream.allowed.lock().unwrap() = allowed;
        line
    }

    fn taken(line: &Line<Trickle>) -> usize {
        line.stream.taken.lock().unwrap().len()
    }

    #[test]
    fn nothing_is_written_before_the_beginning_is() {
        let line = line(1_000);
        assert_eq!(line.push(frame(60)), Ok(false));
        line.flush();
        assert_eq!(taken(&line), 0);
        line.straighten();
        assert_eq!(taken(&line), 60);
    }

    #[test]
    fn frames_of_one_round_leave_together_and_only_the_first_asks_for_a_flush() {
        let line = line(1_000);
        line.straighten();
        assert_eq!(line.push(frame(20)), Ok(true));
        assert_eq!(line.push(frame(20)), Ok(false));
        assert_eq!(taken(&line), 0);
        line.flush();
        assert_eq!(taken(&line), 40);
        assert_eq!(line.push(frame(20)), Ok(true));
    }

    #[test]
    fn a_stalled_line_leaves_writing_to_its_task_until_it_is_empty() {
        let line = line(30);
        line.straighten();
        line.say(frame(40));
        assert_eq!(taken(&line), 30);
        *line.stream.allowed.lock().unwrap() = 1_000;
        assert_eq!(line.push(frame(10)), Ok(false));
        line.flush();
        assert_eq!(taken(&line), 30);
        line.write(&mut line.state());
        assert_eq!(taken(&line), 50);
        assert_eq!(line.push(frame(10)), Ok(true));
    }

    #[test]
    fn a_client_keeps_pace_by_what_it_takes_not_by_being_awake() {
        let line = line(0);
        line.straighten();
        line.say(frame(80));
        let Mode::Stalled(first) = line.state().mode else { panic!("not stalled") };
        *line.stream.allowed.lock().unwrap() = 30;
        line.write(&mut line.state());
        let Mode::Stalled(then) = line.state().mode else { panic!("not stalled") };
        assert_eq!((then.until, then.bytes), (first.until, 50));
    }

    #[test]
    fn a_full_line_is_closed_but_for_the_frame_that_is_under_way() {
        let line = line(10);
        line.straighten();
        line.say(frame(60));
        assert_eq!(line.push(frame(50)), Ok(false));
        assert_eq!(line.push(frame(1)), Err(Refused::Full));
        assert_eq!(line.push(frame(1)), Err(Refused::Closed));
        assert_eq!(line.state().closing, Some(Closing::SlowReader));
        assert_eq!(line.state().waiting.bytes(), 50);
    }

    #[test]
    fn the_first_reason_stands() {
        let line = line(0);
        line.close(Closing::NotAllowed);
        line.close(Closing::GoingAway);
        assert_eq!(line.state().closing, Some(Closing::NotAllowed));
    }

    #[tokio::test]
    async fn a_line_of_a_room_that_is_dropped_says_going_away() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let line = Arc::new(Line::new(stream, 100, Meters::new()));
        drop(RoomEnd(line.clone()));
        assert!(matches!(line.attend().await, Err(Closing::GoingAway)));
    }
}
