//! Frames that wait for their stream, and leave it merged into few writes.

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
};

use tokio::net::TcpStream;

use crate::frame::Frame;

/// Frames of one write.
const MERGED: usize = 32;
/// Room for frames that is kept by a socket for which nothing waits.
const KEPT: usize = 8;

/// What takes bytes without waiting for it.
pub(crate) trait Stream {
    /// Writes some bytes, or fails with `WouldBlock`.
    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;
}

impl Stream for TcpStream {
    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.try_write_vectored(slices)
    }
}

/// Frames in order, of which the first may be half written.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    frames: VecDeque<Frame>,
    /// Bytes of the first frame that are written.
    sent: usize,
    /// Bytes that are not.
    bytes: usize,
}

/// What a write has achieved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Frames whose last byte was taken.
    pub frames: u64,
    /// Bytes that were taken.
    pub bytes: usize,
}

impl Waiting {
    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(crate) fn push(&mut self, frame: Frame) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    /// Writes until nothing waits or the stream takes no more.
    pub(crate) fn write_to(&mut self, stream: &impl Stream) -> io::Result<Written> {
        let mut written = Written::default();
        while !self.frames.is_empty() {
            let taken = match self.write_some(stream) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => taken,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            };
            written.bytes += taken;
            written.frames += self.advance(taken);
        }
        if self.frames.is_empty() {
            self.frames.shrink_to(KEPT);
        }
        Ok(written)
    }

    fn write_some(&self, stream: &impl Stream) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); MERGED];
        let (mut count, mut skip) = (0, self.sent);
        for (slice, frame) in slices.iter_mut().zip(&self.frames) {
            *slice = IoSlice::new(frame.bytes().get(skip..).unwrap_or_default());
            (count, skip) = (count + 1, 0);
        }
        stream.try_write(&slices[..count])
    }

    /// Drops what was written; answers how many frames that were.
    fn advance(&mut self, taken: usize) -> u64 {
        self.bytes -= taken;
        self.sent += taken;
        let mut frames = 0;
        while let Some(first) = self.frames.front()
            && first.len() <= self.sent
        {
            self.sent -= first.len();
            self.frames.pop_front();
            frames += 1;
        }
        frames
    }

    /// Drops what waits, but for the rest of a frame whose beginning can't be taken back.
    pub(crate) fn cut(&mut self) {
        self.frames.truncate(usize::from(self.sent > 0));
        self.bytes = self.frames.front().map_or(0, |first| first.len() - self.sent);
    }
}

impl FromIterator<Frame> for Waiting {
    fn from_iter<I: IntoIterator<Item = Frame>>(frames: I) -> Self {
        let mut waiting = Self::default();
        frames.into_iter().for_each(|frame| waiting.push(frame));
        waiting
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Mutex;

    use proptest::prelude::*;

    use super::*;

    /// Takes as many bytes as it is allowed to.
    #[derive(Debug, Default)]
    pub(crate) struct Trickle {
        pub allowed: Mutex<usize>,
        pub taken: Mutex<Vec<u8>>,
    }

    impl Stream for Trickle {
        fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            let mut allowed = self.allowed.lock().unwrap();
            let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).take(*allowed).collect();
            *allowed -= bytes.len();
            self.taken.lock().unwrap().extend(&bytes);
            if bytes.is_empty() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(bytes.len()) }
        }
    }

    proptest! {
        #[test]
        fn every_byte_leaves_once_in_order_whatever_the_stream_takes(
            ops in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..40), 0usize..100), 1..60),
            cut in prop::option::weighted(0.3, 0usize..60),
        ) {
            let (mut waiting, stream) = (Waiting::default(), Trickle::default());
            let (mut all, mut ends, mut frames) = (Vec::<u8>::new(), vec![0], 0);
            for (turn, (bytes, allowed)) in ops.into_iter().enumerate() {
                all.extend(&bytes);
                ends.push(all.len());
                waiting.push(Frame::encoded(&bytes));
                *stream.allowed.lock().unwrap() = allowed;
                let written = waiting.write_to(&stream).unwrap();
                frames += written.frames;
                let taken = stream.taken.lock().unwrap().len();
                prop_assert_eq!(waiting.bytes(), all.len() - taken);
                prop_assert_eq!(waiting.is_empty(), all.len() == taken);
                prop_assert_eq!(frames, ends.iter().filter(|end| **end > 0 && **end <= taken).count() as u64);
                if cut == Some(turn) {
                    waiting.cut();
                    let whole = ends.iter().copied().find(|end| *end >= taken).unwrap();
                    all.truncate(whole);
                    ends.retain(|end| *end <= whole);
                    prop_assert_eq!(waiting.bytes(), whole - taken);
                }
            }
            *stream.allowed.lock().unwrap() = usize::MAX;
            waiting.write_to(&stream).unwrap();
            prop_assert_eq!(&*stream.taken.lock().unwrap(), &all);
        }
    }
}
