//! The server against clients that misbehave.

use std::time::Duration;

use axum::{Router, routing::get};
use function_host::{ServeLimits, http::around, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_client_that_reads_nothing_loses_its_place() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = ServeLimits { connections: 1, write: Duration::from_millis(300), ..ServeLimits::default() };
    // More than the kernel takes on both sides.
    let router = around(Router::new().route("/large", get(|| async { vec![0; 64 << 20] })));
    let shutdown = CancellationToken::new();
    let server = tokio::spawn(serve(listener, router, limits, shutdown.clone()));

    let mut greedy = TcpStream::connect(address).await.unwrap();
    greedy.write_all(b"GET /large HTTP/1.1\r\nhost: t\r\n\r\n").await.unwrap();
    let mut next = TcpStream::connect(address).await.unwrap();
    next.write_all(b"GET /healthz HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    let answered = timeout(Duration::from_secs(30), next.read_to_string(&mut answer)).await;
    answered.expect("the place is not free again").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    shutdown.cancel();
    server.await.unwrap();
}
