//! A WebSocket client that merges cursors as a good client does.

use std::time::Duration;

use anyhow::{Context, bail};
use domain::{Cursor, Position};
use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest, http::Response},
};

/// Longest wait for the answer to the upgrade.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// A frame from the edge.
#[derive(Clone, Debug)]
pub struct Frame {
    /// `event`, `ready`, `ping` or `reset`.
    pub kind: String,
    /// The whole frame.
    pub json: Value,
}

/// How a socket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the socket was closed with {code:?}")]
pub struct Closed {
    /// The close code, if one came.
    pub code: Option<u16>,
}

/// An open socket.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Where this client stands.
    pub cursor: Option<Cursor>,
}

impl Socket {
    /// Opens one.
    ///
    /// # Errors
    /// It is refused, or nothing answers.
    pub async fn open(edge: &str, handle: &str, token: &str, cursor: Option<&str>) -> anyhow::Result<Self> {
        match Self::try_open(edge, handle, token, cursor).await? {
            Ok(socket) => Ok(socket),
            Err(refused) => bail!("the socket is refused with {}", refused.status()),
        }
    }

    /// Opens one; a refusal is the HTTP answer.
    ///
    /// # Errors
    /// Nothing answers.
    pub async fn try_open(
        edge: &str,
        handle: &str,
        token: &str,
        cursor: Option<&str>,
    ) -> anyhow::Result<Result<Self, Response<Option<Vec<u8>>>>> {
        let query = cursor.map(|cursor| format!("?cursor={cursor}")).unwrap_or_default();
        let url = format!("{}/w/{handle}/v1/socket{query}", edge.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        let protocols =
            if token.is_empty() { "threadly.v1".to_owned() } else { format!("threadly.v1, bearer.{token}") };
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse()?);
        match timeout(OPEN_LIMIT, tokio_tungstenite::connect_async(request)).await.context("no answer")? {
            Ok((stream, _)) => {
                let cursor = cursor.map(str::parse).transpose()?;
                Ok(Ok(Self { stream, cursor }))
            }
            Err(Error::Http(response)) => Ok(Err(*response)),
            Err(error) => Err(error.into()),
        }
    }

    /// The next frame.
    ///
    /// # Errors
    /// [`Closed`], or nothing came within `limit`.
    pub async fn next(&mut self, limit: Duration) -> anyhow::Result<Frame> {
        loop {
            let message = timeout(limit, self.stream.next()).await.context("no frame came in time")?;
            match message {
                Some(Ok(Message::Text(text))) => return self.read(&text),
                Some(Ok(Message::Close(frame))) => return Err(Closed { code: frame.map(|f| f.code.into()) }.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Closed { code: None }.into()),
            }
        }
    }

    fn read(&mut self, text: &str) -> anyhow::Result<Frame> {
        let json: Value = serde_json::from_str(text)?;
        let kind = json["type"].as_str().context("a frame without a type")?.to_owned();
        if let Some(cursor) = json["cursor"].as_str() {
            self.cursor = Some(cursor.parse()?);
        }
        if let (Some(position), Some(cursor)) = (json["position"].as_str(), &mut self.cursor) {
            cursor.advance_past(&position.parse::<Position>()?);
        }
        Ok(Frame { kind, json })
    }

    /// The next frame of a kind; others before it are dropped.
    ///
    /// # Errors
    /// As [`Socket::next`].
    pub async fn next_of(&mut self, kind: &str, limit: Duration) -> anyhow::Result<Frame> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            let frame = self.next(left).await.with_context(|| format!("waiting for a {kind} frame"))?;
            if frame.kind == kind {
                return Ok(frame);
            }
        }
    }

    /// Waits until the connection is closed, whatever comes before; its code, if one was sent.
    ///
    /// # Errors
    /// It stays open.
    pub async fn closed(&mut self, limit: Duration) -> anyhow::Result<Option<u16>> {
        loop {
            if let Err(error) = self.next(limit).await {
                return Ok(error.downcast::<Closed>()?.code);
            }
        }
    }

    /// Sends text.
    ///
    /// # Errors
    /// The socket is closed.
    pub async fn send(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.stream.send(Message::text(text)).await?)
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// The socket is closed.
    pub async fn send_bytes(&mut self, bytes: Vec<u8>) -> anyhow::Result<()> {
        Ok(self.stream.send(Message::binary(bytes)).await?)
    }

    /// Closes cleanly.
    pub async fn close(mut self) {
        let _ = self.stream.close(None).await;
    }
}
