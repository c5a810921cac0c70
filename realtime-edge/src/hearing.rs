//! What a client says: tungstenite judges each byte, and its pongs leave by the line.

use std::io::{self, Read, Write};

use tokio::task::yield_now;
use tungstenite::{
    Error, Message, Utf8Bytes,
    error::ProtocolError,
    protocol::{Role, WebSocketConfig, WebSocketContext},
};

use crate::{frame::Frame, line::Line};

/// Kept for each socket; a client says little.
const READ_BUFFER: usize = 512;
/// The largest message of a client, whole or in fragments; a token has at most 4,096 bytes.
const MAX_MESSAGE: usize = 8 << 10;
/// Messages that a client may send between two pings.
const MAX_HEARD: u32 = 100;
/// Bytes, whatever they are: empty fragments are no messages.
const MAX_HEARD_BYTES: usize = 256 << 10;
/// Bytes before others get their turn.
const TURN: usize = 16 << 10;

/// Something of a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A text.
    Text(Utf8Bytes),
    /// Bytes.
    Binary,
    /// A sign of life.
    Alive,
}

/// Why nothing more can be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deaf {
    /// The client has closed; what to answer.
    Closed(Option<u16>),
    /// The client went without a word.
    Gone,
    /// RFC 6455 has no such frame.
    Protocol,
    /// A text that is not UTF-8.
    NotText,
    /// A message, or what is announced as one, is too large.
    TooLarge,
    /// It says too much.
    TooMuch,
}

impl From<Error> for Deaf {
    fn from(error: Error) -> Self {
        match error {
            Error::Capacity(_) => Self::TooLarge,
            Error::Utf8(_) => Self::NotText,
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Gone,
            Error::Protocol(_) => Self::Protocol,
            _ => Self::Gone,
        }
    }
}

/// The client's side of one socket.
pub(crate) struct Hearing {
    context: WebSocketContext,
    messages: u32,
    bytes: usize,
}

impl Hearing {
    /// `early` came behind the request.
    pub(crate) fn new(early: &[u8]) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let context = WebSocketContext::from_partially_read(early.to_vec(), Role::Server, Some(config));
        Self { context, messages: 0, bytes: 0 }
    }

    /// A client may speak again as much as it may between two pings.
    pub(crate) fn forgive(&mut self) {
        (self.messages, self.bytes) = (0, 0);
    }

    /// Waits for the next message. Nothing is lost if the wait is given up.
    pub(crate) async fn next(&mut self, line: &Line) -> Result<Heard, Deaf> {
        loop {
            let mut turn = Turn { line, left: TURN };
            let read = self.context.read(&mut turn);
            let left = turn.left;
            self.bytes += TURN - left;
            match read {
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => {
                    self.messages += 1;
                    let heard = read?;
                    if self.messages > MAX_HEARD {
                        return Err(Deaf::TooMuch);
                    }
                    return match heard {
                        Message::Text(text) => Ok(Heard::Text(text)),
                        Message::Binary(_) => Ok(Heard::Binary),
                        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(Heard::Alive),
                        Message::Close(answer) => Err(Deaf::Closed(answer.map(|close| close.code.into()))),
                    };
                }
            }
            if self.bytes > MAX_HEARD_BYTES {
                return Err(Deaf::TooMuch);
            }
            if left == 0 {
                yield_now().await;
            } else {
                line.stream().readable().await.map_err(|_| Deaf::Gone)?;
            }
        }
    }

    /// Waits for the client to answer our close, or to end; whatever else it says is dropped unread.
    pub(crate) async fn closed(&mut self, line: &Line, mut understood: bool) {
        loop {
            if understood {
                self.forgive();
                match self.next(line).await {
                    Ok(_) => {}
                    Err(Deaf::Closed(_) | Deaf::Gone) => return,
                    Err(_) => understood = false,
                }
            } else {
                match skip(line) {
                    Ok(0) => return,
                    Ok(_) => yield_now().await,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        if line.stream().readable().await.is_err() {
                            return;
                        }
                    }
                    Err(_) => return,
                }
            }
        }
    }
}

/// Drops what has come already: unread, it would cost the client the answer to its close.
pub(crate) fn drop_unread(line: &Line) {
    let mut skipped = 0;
    while skipped < MAX_HEARD_BYTES
        && let Ok(more @ 1..) = skip(line)
    {
        skipped += more;
    }
}

/// Reads without looking. A function of its own, so that no socket's task holds the buffer.
fn skip(line: &Line) -> io::Result<usize> {
    line.stream().try_read(&mut [0; 4 << 10])
}

/// One turn at the stream.
struct Turn<'a> {
    line: &'a Line,
    left: usize,
}

impl Read for Turn<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.left);
        if most == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let read = self.line.stream().try_read(&mut buffer[..most])?;
        self.left -= read;
        Ok(read)
    }
}

impl Write for Turn<'_> {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        self.line.say(Frame::encoded(frames));
        Ok(frames.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
