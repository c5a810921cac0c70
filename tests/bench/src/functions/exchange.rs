//! Requests on a connection that is kept: one at a time, each sent once the answer before has come.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use anyhow::{Context, bail};
use uuid::Uuid;

use crate::{house::WORKSPACE, wire::Server};

/// What this client says that it is.
pub const DEVICE: &str = "bench";
/// Headers of an answer, at most.
const MAX_HEADERS: usize = 32;
const READ_BYTES: usize = 16 << 10;

/// A request to the workspace.
#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    path: String,
    token: Option<String>,
    body: Option<String>,
}

impl Request {
    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    pub fn put(path: impl Into<String>) -> Self {
        Self::new("PUT", path)
    }

    pub fn post(path: impl Into<String>) -> Self {
        Self::new("POST", path)
    }

    pub fn patch(path: impl Into<String>) -> Self {
        Self::new("PATCH", path)
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Self::new("DELETE", path)
    }

    fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), token: None, body: None }
    }

    /// As somebody.
    pub fn by(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    /// With JSON.
    #[allow(clippy::needless_pass_by_value, reason = "bodies are made where they are handed over")]
    pub fn with(self, body: serde_json::Value) -> Self {
        Self { body: Some(body.to_string()), ..self }
    }

    fn text(&self, host: &str) -> String {
        let Self { method, path, token, body } = self;
        let mut text = format!("{method} /w/{WORKSPACE}/v1{path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: {DEVICE}\r\n");
        if let Some(token) = token {
            text.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        if let Some(body) = body {
            text.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        text.push_str(body.as_deref().unwrap_or_default());
        text
    }
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A text of the body by its field's name, wherever it stands first: to read all of it would be the generator's work.
    pub fn text(&self, field: &str) -> Option<&str> {
        let body = std::str::from_utf8(&self.body).ok()?;
        let (_, rest) = body.split_once(&format!("\"{field}\":\""))?;
        rest.split_once('"').map(|(text, _)| text)
    }
}

/// A connection with keep-alive.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    host: String,
}

impl Connection {
    pub fn open(server: &Server) -> anyhow::Result<Self> {
        Ok(Self { stream: server.connect()?, host: server.host.clone() })
    }

    pub fn ask(&mut self, request: &Request) -> anyhow::Result<Answer> {
        self.stream.write_all(request.text(&self.host).as_bytes())?;
        let (mut bytes, mut filled) = (vec![0; READ_BYTES], 0);
        loop {
            if filled == bytes.len() {
                bytes.resize(2 * filled, 0);
            }
            let count = self.stream.read(&mut bytes[filled..])?;
            if count == 0 {
                bail!("the server closed a connection");
            }
            filled += count;
            if let Some(answer) = parse(&bytes[..filled])? {
                return Ok(answer);
            }
        }
    }
}

/// The answer, once all of it is there.
fn parse(bytes: &[u8]) -> anyhow::Result<Option<Answer>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(bytes)? else { return Ok(None) };
    let status = response.code.context("an answer without a status")?;
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length: usize = match length {
        Some(length) => std::str::from_utf8(length.value)?.parse()?,
        // RFC 9110: these never have a body.
        None if matches!(status, 204 | 304) => 0,
        None => bail!("an answer without a length"),
    };
    Ok(bytes.get(head..head + length).map(|body| Answer { status, body: body.to_vec() }))
}

/// An id that nobody has used.
pub fn fresh() -> Uuid {
    Uuid::now_v7()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_once_its_body_has_come() {
        let text = b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"nextCursor\":\"abc\"}";
        for cut in 0..text.len() {
            assert!(parse(&text[..cut]).unwrap().is_none(), "{cut}");
        }
        let answer = parse(text).unwrap().unwrap();
        assert_eq!((answer.status, answer.text("nextCursor")), (200, Some("abc")));
        assert_eq!(answer.text("cursor"), None);
    }

    #[test]
    fn only_an_answer_that_never_has_a_body_may_be_without_a_length() {
        let answer = parse(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap().unwrap();
        assert!(answer.is_success() && answer.body.is_empty());
        assert!(parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
