//! What a process answers while the servers that it needs are away: that it lives, and is not ready. One that ended
//! instead would be started again later and later.

use std::time::Duration;

use axum::{Router, routing::get};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{Problem, ServeLimits, serve};

/// For answers under way when the waiting is over.
const DRAIN: Duration = Duration::from_secs(1);

/// Does `work`, and answers on `listener` meanwhile; hands the listener back.
///
/// # Errors
/// The listener can't be shared.
pub(crate) async fn answer_while<T>(
    listener: TcpListener,
    work: impl Future<Output = T>,
) -> std::io::Result<(TcpListener, T)> {
    let listener = listener.into_std()?;
    let over = CancellationToken::new();
    let limits = ServeLimits { drain: DRAIN, ..ServeLimits::default() };
    let answering = serve(TcpListener::from_std(listener.try_clone()?)?, app(), limits, over.clone());
    let work = async {
        let done = work.await;
        over.cancel();
        done
    };
    let (done, ()) = tokio::join!(work, answering);
    Ok((TcpListener::from_std(listener)?, done))
}

fn app() -> Router {
    let waiting = || async { Problem::unavailable("not-ready", "this process waits for its servers; try again") };
    Router::new().route("/healthz", get(|| async { "ok\n" })).fallback(waiting)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::oneshot,
    };

    use super::*;

    async fn ask(address: std::net::SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_process_that_waits_lives_and_is_not_ready_and_its_listener_serves_on() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (go, gone) = oneshot::channel::<()>();
        let waiting = tokio::spawn(answer_while(listener, gone));
        assert!(ask(address, "/healthz").await.starts_with("HTTP/1.1 200"));
        for path in ["/readyz", "/w/acme/v1/channels"] {
            let answer = ask(address, path).await;
            assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("not-ready"), "{answer}");
        }
        go.send(()).unwrap();
        let (listener, done) = waiting.await.unwrap().unwrap();
        assert!(done.is_ok());
        let served = tokio::spawn(async move { listener.accept().await.map(drop) });
        TcpStream::connect(address).await.unwrap();
        served.await.unwrap().unwrap();
    }
}
