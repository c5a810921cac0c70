//! Frames on their way from a room to one socket, bounded in bytes. The room never waits: a queue that is full ends its
//! socket.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::frame::Frame;

/// Bytes taken at once, to be merged into one write.
const BATCH_BYTES: usize = 64 << 10;

/// Why a room ends a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// It reads too slowly.
    SlowReader,
    /// The room stops; another may be opened at once.
    GoingAway,
    /// Its session or its workspace is closed to it.
    NotAllowed,
}

/// Why a frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The queue was full; it is closed now.
    Full,
    /// Nobody reads it any more.
    Gone,
}

#[derive(Default)]
struct State {
    frames: VecDeque<Frame>,
    bytes: usize,
    closing: Option<Closing>,
    reader_gone: bool,
}

struct Shared {
    state: Mutex<State>,
    wake: Notify,
    limit: usize,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, closing: Closing) {
        let mut state = self.state();
        state.closing.get_or_insert(closing);
        (state.frames, state.bytes) = (VecDeque::new(), 0);
        drop(state);
        self.wake.notify_one();
    }
}

/// The room's end.
pub(crate) struct Sender(Arc<Shared>);

/// The socket's end.
pub(crate) struct Receiver(Arc<Shared>);

/// A queue that holds at most `limit` bytes of frames.
pub(crate) fn queue(limit: usize) -> (Sender, Receiver) {
    let shared = Arc::new(Shared { state: Mutex::default(), wake: Notify::new(), limit });
    (Sender(shared.clone()), Receiver(shared))
}

impl Sender {
    /// Appends a frame, or closes the queue if it does not fit.
    pub(crate) fn push(&self, frame: Frame) -> Result<(), Refused> {
        let mut state = self.0.state();
        if state.reader_gone || state.closing.is_some() {
            return Err(Refused::Gone);
        }
        if state.bytes + frame.len() > self.0.limit {
            drop(state);
            self.0.close(Closing::SlowReader);
            return Err(Refused::Full);
        }
        state.bytes += frame.len();
        state.frames.push_back(frame);
        let first = state.frames.len() == 1;
        drop(state);
        if first {
            self.0.wake.notify_one();
        }
        Ok(())
    }

    /// Ends the queue: what waits is dropped, the reader is told why.
    pub(crate) fn close(&self, closing: Closing) {
        self.0.close(closing);
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.close(Closing::GoingAway);
    }
}

impl Receiver {
    /// Waits for frames and moves some of them into `batch`.
    pub(crate) async fn next(&mut self, batch: &mut Vec<Frame>) -> Result<(), Closing> {
        loop {
            if self.take(batch)? {
                return Ok(());
            }
            self.0.wake.notified().await;
        }
    }

    /// Waits until the queue is closed, for a reader that is busy with a batch.
    pub(crate) async fn closed(&self) -> Closing {
        loop {
            if let Some(closing) = self.0.state().closing {
                return closing;
            }
            self.0.wake.notified().await;
        }
    }

    fn take(&mut self, batch: &mut Vec<Frame>) -> Result<bool, Closing> {
        let mut state = self.0.state();
        if let Some(closing) = state.closing {
            return Err(closing);
        }
        let mut taken = 0;
        while taken < BATCH_BYTES
            && let Some(frame) = state.frames.pop_front()
        {
            taken += frame.len();
            batch.push(frame);
        }
        state.bytes -= taken;
        Ok(taken > 0)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.reader_gone = true;
        (state.frames, state.bytes) = (VecDeque::new(), 0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(bytes: usize) -> Frame {
        "x".repeat(bytes).into()
    }

    fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        let mut future = std::pin::pin!(future);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        }
    }

    #[test]
    fn a_slow_reader_is_closed_and_its_frames_are_dropped() {
        let (sender, mut receiver) = queue(100);
        assert_eq!(sender.push(frame(60)), Ok(()));
        assert_eq!(sender.push(frame(41)), Err(Refused::Full));
        assert_eq!(sender.push(frame(1)), Err(Refused::Gone));
        assert_eq!(now(receiver.closed()), Some(Closing::SlowReader));
        assert_eq!(now(receiver.next(&mut Vec::new())), Some(Err(Closing::SlowReader)));
    }

    #[test]
    fn the_first_reason_stands_and_a_dropped_room_says_going_away() {
        let (sender, mut receiver) = queue(100);
        drop(sender);
        assert_eq!(now(receiver.next(&mut Vec::new())), Some(Err(Closing::GoingAway)));
        let (sender, receiver) = queue(100);
        sender.close(Closing::NotAllowed);
        drop(sender);
        assert_eq!(now(receiver.closed()), Some(Closing::NotAllowed));
    }

    #[test]
    fn a_queue_without_a_reader_takes_nothing() {
        let (sender, receiver) = queue(100);
        drop(receiver);
        assert_eq!(sender.push(frame(1)), Err(Refused::Gone));
    }

    #[tokio::test]
    async fn a_wake_lost_to_a_busy_reader_is_not_missed() {
        let (sender, mut receiver) = queue(100);
        assert_eq!(now(receiver.closed()), None);
        assert_eq!(sender.push(frame(1)), Ok(()));
        // The busy reader consumes the wake-up of a frame.
        assert_eq!(now(receiver.closed()), None);
        let mut batch = Vec::new();
        assert_eq!(now(receiver.next(&mut batch)), Some(Ok(())));
        assert_eq!(batch.len(), 1);
    }

    proptest! {
        #[test]
        fn frames_come_out_whole_in_order_and_are_counted(ops in prop::collection::vec(prop::option::weighted(0.7, 1usize..40_000), 1..60)) {
            let limit = 120_000;
            let (sender, mut receiver) = queue(limit);
            let (mut waiting, mut batch) = (VecDeque::new(), Vec::new());
            for op in ops {
                match op {
                    Some(bytes) => {
                        let fits = waiting.iter().sum::<usize>() + bytes <= limit;
                        prop_assert_eq!(sender.push(frame(bytes)).is_ok(), fits);
                        if !fits { return Ok(()); }
                        waiting.push_back(bytes);
                    }
                    None => {
                        let taken = now(receiver.next(&mut batch));
                        prop_assert_eq!(taken.is_none(), waiting.is_empty());
                        for frame in batch.drain(..) {
                            prop_assert_eq!(Some(frame.len()), waiting.pop_front());
                        }
                    }
                }
            }
        }
    }
}
