//! One connection each: a poster's, with keep-alive HTTP/1.1, and a reader's WebSocket, in as few steps as honest work
//! allows, so that the generator's own time stays small beside what it measures.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, bail};
use mio::net::TcpStream as Polled;

/// For opening a connection, and for the answer to an upgrade.
const OPEN_LIMIT: Duration = Duration::from_secs(10);
/// Read at once.
const READ_BYTES: usize = 64 << 10;
/// Headers of an answer, at most.
const MAX_HEADERS: usize = 32;

/// Where a connection goes: an address, and what it is called in the Host header.
#[derive(Clone, Debug)]
pub struct Server {
    pub address: SocketAddr,
    pub host: String,
}

impl Server {
    /// Of `http://host:port`.
    pub fn of(url: &str) -> anyhow::Result<Self> {
        let host = url.strip_prefix("http://").context("a URL begins with http://")?.trim_end_matches('/').to_owned();
        Ok(Self { address: host.parse().with_context(|| format!("{host} is no address and port"))?, host })
    }

    /// A connection that blocks, with a limit.
    pub fn connect(&self) -> anyhow::Result<TcpStream> {
        let stream = TcpStream::connect_timeout(&self.address, OPEN_LIMIT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(OPEN_LIMIT))?;
        Ok(stream)
    }
}

/// Bytes that have come and were not understood yet.
#[derive(Debug, Default)]
struct Incoming {
    bytes: Vec<u8>,
    filled: usize,
    read: usize,
}

impl Incoming {
    /// Reads what is there; false at the end of the stream.
    fn fill(&mut self, stream: &mut impl Read) -> anyhow::Result<bool> {
        self.bytes.copy_within(self.read..self.filled, 0);
        self.filled -= self.read;
        self.read = 0;
        loop {
            if self.bytes.len() < self.filled + READ_BYTES {
                self.bytes.resize(self.filled + READ_BYTES, 0);
            }
            let room = self.bytes.len() - self.filled;
            match stream.read(&mut self.bytes[self.filled..]) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.filled += count;
                    // A stream that gave less than there was room for is empty: the poll tells when there is more.
                    if count < room {
                        return Ok(true);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.read..self.filled]
    }
}

/// A connection that posts, one request at a time.
#[derive(Debug)]
pub struct Poster {
    pub stream: Polled,
    incoming: Incoming,
    /// The post under way.
    pub number: u32,
}

impl Poster {
    pub fn open(server: &Server) -> anyhow::Result<Self> {
        let stream = server.connect()?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream: Polled::from_std(stream), incoming: Incoming::default(), number: 0 })
    }

    pub fn send(&mut self, number: u32, request: &[u8]) -> anyhow::Result<()> {
        self.number = number;
        // Nothing else is under way, so there is room for a whole request.
        let written = self.stream.write(request).context("a request was not taken")?;
        if written == request.len() { Ok(()) } else { bail!("a request was taken in pieces") }
    }

    /// The status of the answer, once all of it has come.
    pub fn answer(&mut self) -> anyhow::Result<Option<u16>> {
        if !self.incoming.fill(&mut self.stream)? {
            bail!("the server closed a connection");
        }
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(head) = response.parse(self.incoming.rest())? else { return Ok(None) };
        let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
        let length: usize = std::str::from_utf8(length.context("an answer without a length")?.value)?.parse()?;
        let status = response.code.context("an answer without a status")?;
        if self.incoming.rest().len() < head + length {
            return Ok(None);
        }
        self.incoming.read += head + length;
        Ok(Some(status))
    }
}

/// A connection that receives.
#[derive(Debug)]
pub struct Reader {
    pub stream: Polled,
    incoming: Incoming,
}

/// A frame from the server.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    Text(&'a [u8]),
    Ping(&'a [u8]),
    Close(Option<u16>),
    Other,
}

impl Reader {
    /// Opens a WebSocket and waits for its `ready` frame.
    pub fn open(server: &Server, handle: &str, token: &str) -> anyhow::Result<Self> {
        let mut stream = server.connect()?;
        // The key is the RFC's own example: nobody caches what comes from a loopback.
        let request = format!(
            "GET /w/{handle}/v1/socket HTTP/1.1\r\nhost: {}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: threadly.v1, bearer.{token}\r\n\r\n",
            server.host
        );
        stream.write_all(request.as_bytes())?;
        let mut incoming = Incoming::default();
        incoming.upgrade(&mut stream)?;
        loop {
            while let Some(frame) = incoming.frame()? {
                match frame {
                    Frame::Text(text) if text.starts_with(br#"{"type":"ready""#) => {
                        stream.set_nonblocking(true)?;
                        return Ok(Self { stream: Polled::from_std(stream), incoming });
                    }
                    Frame::Close(code) => bail!("a socket was closed with {code:?}"),
                    _ => {}
                }
            }
            incoming.more(&mut stream)?;
        }
    }

    /// Reads what is there; false at the end of the stream.
    pub fn fill(&mut self) -> anyhow::Result<bool> {
        self.incoming.fill(&mut self.stream)
    }

    /// The next whole frame of what was read.
    pub fn frame(&mut self) -> anyhow::Result<Option<Frame<'_>>> {
        self.incoming.frame()
    }

    /// Answers a ping, as every client must.
    pub fn pong(&mut self, payload: &[u8]) -> anyhow::Result<()> {
        let payload = &payload[..payload.len().min(125)];
        // Masked with zeros.
        let mut frame = vec![0x8a, 0x80 | u8::try_from(payload.len()).unwrap_or_default(), 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        Ok(self.stream.write_all(&frame)?)
    }
}

impl Incoming {
    /// Blocks for some more.
    fn more(&mut self, stream: &mut TcpStream) -> anyhow::Result<()> {
        let mut some = [0; 4096];
        let count = stream.read(&mut some).context("no answer to an upgrade")?;
        if count == 0 {
            bail!("a connection ended during its upgrade");
        }
        self.bytes.truncate(self.filled);
        self.bytes.extend_from_slice(&some[..count]);
        self.filled = self.bytes.len();
        Ok(())
    }

    fn upgrade(&mut self, stream: &mut TcpStream) -> anyhow::Result<()> {
        loop {
            self.more(stream)?;
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut response = httparse::Response::new(&mut headers);
            if let httparse::Status::Complete(head) = response.parse(self.rest())? {
                if response.code != Some(101) {
                    bail!("a socket is refused: {}", String::from_utf8_lossy(self.rest()));
                }
                self.read += head;
                return Ok(());
            }
        }
    }

    /// RFC 6455, section 5.2; a server's frames are not masked, and Threadly's not fragmented.
    fn frame(&mut self) -> anyhow::Result<Option<Frame<'_>>> {
        let rest = &self.bytes[self.read..self.filled];
        let [first, second, ..] = *rest else { return Ok(None) };
        let (head, length) = match second {
            0..=125 => (2, usize::from(second)),
            126 => match rest.get(2..4) {
                Some(&[high, low]) => (4, usize::from(u16::from_be_bytes([high, low]))),
                _ => return Ok(None),
            },
            127 => match rest.get(2..10) {
                Some(bytes) => (10, usize::try_from(u64::from_be_bytes(bytes.try_into()?))?),
                None => return Ok(None),
            },
            _ => bail!("a server's frame is masked"),
        };
        if first & 0xf0 != 0x80 {
            bail!("a fragment, or reserved bits: {first:#x}");
        }
        let Some(payload) = rest.get(head..head + length) else { return Ok(None) };
        self.read += head + length;
        Ok(Some(match first & 0x0f {
            0x1 => Frame::Text(payload),
            0x8 => Frame::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
            0x9 => Frame::Ping(payload),
            _ => Frame::Other,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming(bytes: &[u8]) -> Incoming {
        Incoming { bytes: bytes.to_vec(), filled: bytes.len(), read: 0 }
    }

    #[test]
    fn frames_of_all_lengths_are_read_and_a_cut_one_waits() {
        for length in [0_usize, 1, 125, 126, 4000, 65_535, 65_536, 70_000] {
            let mut bytes = vec![0x81];
            match length {
                0..=125 => bytes.push(u8::try_from(length).unwrap()),
                126..=65_535 => {
                    bytes.push(126);
                    bytes.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
                }
                _ => {
                    bytes.push(127);
                    bytes.extend_from_slice(&(length as u64).to_be_bytes());
                }
            }
            bytes.extend(vec![b'x'; length]);
            assert_eq!(incoming(&bytes[..bytes.len() - 1]).frame().unwrap(), None);
            bytes.extend_from_slice(&[0x88, 2, 0x11, 0x38]);
            let mut incoming = incoming(&bytes);
            assert_eq!(incoming.frame().unwrap(), Some(Frame::Text(&vec![b'x'; length])));
            assert_eq!(incoming.frame().unwrap(), Some(Frame::Close(Some(4408))));
            assert_eq!(incoming.frame().unwrap(), None);
        }
    }

    #[test]
    fn what_was_not_understood_yet_is_kept_when_more_comes() {
        let mut incoming = incoming(&[0x81, 1, b'a', 0x81, 3, b'b']);
        assert_eq!(incoming.frame().unwrap(), Some(Frame::Text(b"a")));
        assert_eq!(incoming.frame().unwrap(), None);
        assert!(incoming.fill(&mut &b"cd"[..]).unwrap());
        assert_eq!(incoming.frame().unwrap(), Some(Frame::Text(b"bcd")));
    }
}
