//! A WebSocket client that obeys nothing: TCP, a request, and frames of every wrong kind.

use std::time::Duration;

use anyhow::{Context, ensure};
use testkit::Person;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// For the answer to a request.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// A client's mask; it hides nothing.
const MASK: [u8; 4] = [1, 2, 3, 4];

/// What came over the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// A frame: its kind, and what it carries.
    Frame(u8, Vec<u8>),
    /// The stream has ended, or was reset.
    End,
}

/// An open connection.
pub struct Raw {
    /// The stream itself.
    pub stream: TcpStream,
    unread: Vec<u8>,
}

/// A client's frame: `first` is FIN, the reserved bits and the kind.
#[must_use]
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// The request of an upgrade.
#[must_use]
pub fn request(person: &Person) -> String {
    format!(
        "GET /w/{}/v1/socket HTTP/1.1\r\nHost: edge\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: threadly.v1, bearer.{}\r\n\r\n",
        person.handle, person.token
    )
}

impl Raw {
    /// Connects, with a receive buffer of so many bytes if that is given.
    ///
    /// # Errors
    /// Nothing listens.
    pub async fn connect(edge: &str, buffer: Option<u32>) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        if let Some(buffer) = buffer {
            socket.set_recv_buffer_size(buffer)?;
        }
        let stream = socket.connect(edge.trim_start_matches("http://").parse()?).await?;
        Ok(Self { stream, unread: Vec::new() })
    }

    /// Connects and upgrades.
    ///
    /// # Errors
    /// It is refused.
    pub async fn open(edge: &str, person: &Person) -> anyhow::Result<Self> {
        let mut raw = Self::connect(edge, None).await?;
        raw.send(request(person).as_bytes()).await;
        let (status, head) = raw.answer().await?;
        ensure!(status == 101, "{head}");
        Ok(raw)
    }

    /// Sends; whoever has ended does not get it.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Reads the head of an HTTP answer.
    ///
    /// # Errors
    /// None came whole.
    pub async fn answer(&mut self) -> anyhow::Result<(u16, String)> {
        let end = loop {
            if let Some(end) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            ensure!(timeout(ANSWER_LIMIT, self.read()).await.context("no answer")?, "the answer broke off");
        };
        let head = String::from_utf8_lossy(&self.unread[..end]).into_owned();
        self.unread.drain(..end);
        let status = head.split(' ').nth(1).context("no status")?.parse()?;
        Ok((status, head))
    }

    /// What comes next.
    ///
    /// # Errors
    /// Nothing within `limit`.
    pub async fn next(&mut self, limit: Duration) -> anyhow::Result<Came> {
        loop {
            if let Some((kind, from, to)) = self.parse() {
                let payload = self.unread[from..to].to_vec();
                self.unread.drain(..to);
                return Ok(Came::Frame(kind, payload));
            }
            if !timeout(limit, self.read()).await.context("nothing came in time")? {
                return Ok(Came::End);
            }
        }
    }

    /// Waits for a frame of a kind; nothing if the stream ends first.
    ///
    /// # Errors
    /// Neither comes within `limit`.
    pub async fn next_of(&mut self, kind: u8, limit: Duration) -> anyhow::Result<Option<Vec<u8>>> {
        loop {
            match self.next(limit).await? {
                Came::Frame(other, payload) if other == kind => return Ok(Some(payload)),
                Came::Frame(..) => {}
                Came::End => return Ok(None),
            }
        }
    }

    /// Waits for the end: the code of the close frame, 1005 for one without a code, nothing if the stream just ends.
    ///
    /// # Errors
    /// It does not end within `limit`.
    pub async fn end(&mut self, limit: Duration) -> anyhow::Result<Option<u16>> {
        let Some(payload) = self.next_of(8, limit).await? else { return Ok(None) };
        Ok(Some(payload.get(..2).map_or(1005, |code| u16::from_be_bytes([code[0], code[1]]))))
    }

    /// False at the end of the stream.
    async fn read(&mut self) -> bool {
        self.stream.read_buf(&mut self.unread).await.is_ok_and(|read| read > 0)
    }

    /// Kind, and where the payload begins and ends.
    fn parse(&self) -> Option<(u8, usize, usize)> {
        let bytes = &self.unread;
        let (from, length) = match *bytes.get(1)? {
            126 => (4, u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?).into()),
            127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
            short => (2, usize::from(short)),
        };
        (bytes.len() >= from + length).then_some((bytes[0] & 0x0f, from, from + length))
    }
}
