//! The HTTP server: bounded connections, slow heads and readers cut off, drained at shutdown.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Bytes};
use hyper::upgrade::Upgraded;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::{Builder, upgrade::downcast},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_http::add_extension::AddExtension;

use crate::{client::Peer, stall::WriteLimited};

/// Bounds of one server.
#[derive(Clone, Copy, Debug)]
pub struct ServeLimits {
    /// Connections at once; beyond, they wait in the kernel's queue.
    pub connections: usize,
    /// For a request's head to arrive.
    pub head: Duration,
    /// For a client to take some of its answer.
    pub write: Duration,
    /// For requests under way after shutdown was asked for.
    pub drain: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            head: Duration::from_secs(10),
            write: Duration::from_secs(30),
            drain: Duration::from_secs(10),
        }
    }
}

/// Serves until `shutdown`, then lets requests under way finish.
pub async fn serve(listener: TcpListener, router: Router, limits: ServeLimits, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let connections = TaskTracker::new();
    while let Some(Ok(place)) = shutdown.run_until_cancelled(places.clone().acquire_owned()).await {
        let accepted = shutdown.run_until_cancelled(listener.accept()).await;
        match accepted {
            None => break,
            Some(Ok((stream, peer))) => {
                let (router, shutdown) = (router.clone(), shutdown.clone());
                connections.spawn(async move {
                    connection(stream, AddExtension::new(router, Peer(peer)), limits, shutdown).await;
                    drop(place);
                });
            }
            Some(Err(error)) => {
                // Out of descriptors, most likely: give some time to come back.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    connections.close();
    if timeout(limits.drain, connections.wait()).await.is_err() {
        tracing::warn!(left = connections.len(), "some connections did not finish in time");
    }
}

/// The stream under an upgraded connection, and what the client has sent behind its request. The server's limits on
/// writing no longer hold; nothing if [`serve`] did not serve it.
#[must_use]
pub fn into_tcp(upgraded: Upgraded) -> Option<(TcpStream, Bytes)> {
    let parts = downcast::<TokioIo<WriteLimited<TcpStream>>>(upgraded).ok()?;
    Some((parts.io.into_inner().into_inner(), parts.read_buf))
}

async fn connection(
    stream: TcpStream,
    service: AddExtension<Router, Peer>,
    limits: ServeLimits,
    shutdown: CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was not set");
    }
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.head);
    let stream = TokioIo::new(WriteLimited::new(stream, limits.write));
    let connection = builder.serve_connection_with_upgrades(stream, TowerToHyperService::new(service));
    tokio::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}
