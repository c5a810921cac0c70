//! One request on a connection of its own, for what is measured from the very first byte.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::Context;

use crate::wire::Server;

const LIMIT: Duration = Duration::from_secs(10);

/// The status of a GET.
pub fn get(url: &str, path: &str, token: Option<&str>) -> anyhow::Result<u16> {
    request(url, "GET", path, token, None)
}

/// The status of a PUT of JSON.
pub fn put(url: &str, path: &str, token: &str, body: &str) -> anyhow::Result<u16> {
    request(url, "PUT", path, Some(token), Some(body))
}

fn request(url: &str, method: &str, path: &str, token: Option<&str>, body: Option<&str>) -> anyhow::Result<u16> {
    let server = Server::of(url)?;
    let mut stream = TcpStream::connect_timeout(&server.address, LIMIT)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", server.host);
    if let Some(token) = token {
        text.push_str(&format!("authorization: Bearer {token}\r\n"));
    }
    if let Some(body) = body {
        text.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body.unwrap_or_default());
    stream.write_all(text.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let status = answer.get(9..12).context("no answer")?;
    Ok(std::str::from_utf8(status)?.parse()?)
}
