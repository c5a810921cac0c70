//! The roles of a process: answering requests and projecting events, until it is asked to end.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use axum::{Router, routing::get};
use event_log::{Projection, projector::Projector};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{Problem, ServeLimits, Services, http::method_not_allowed, serve, telemetry};

/// For tasks under way after the server has ended; more than an edge spreads the end of its sockets over.
const TASKS_DRAIN: Duration = Duration::from_secs(8);

/// Cancelled at SIGTERM or SIGINT.
///
/// # Errors
/// The signals can't be caught.
pub fn shutdown_signal() -> anyhow::Result<CancellationToken> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let shutdown = CancellationToken::new();
    let caught = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("ending: requests and batches under way are finished first");
        caught.cancel();
    });
    Ok(shutdown)
}

/// Serves and projects until `shutdown`; a projector that fails for good ends the process.
///
/// # Errors
/// A projector's.
pub async fn run(
    services: Services,
    app: Router,
    projections: Vec<Arc<dyn Projection>>,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let mut projectors = JoinSet::new();
    for projection in projections {
        let projector = Projector {
            kafka: services.log.config().clone(),
            registry: services.registry.clone(),
            databases: services.databases.clone(),
            projection,
            relay: services.relay.clone(),
        };
        projectors.spawn(projector.run(shutdown.clone()));
    }
    services.own("metrics", telemetry::keep_up(shutdown.clone()));
    let relay = services.relay.clone();
    services.own("what was left", async move {
        if let Err(error) = relay.resume().await {
            tracing::warn!(%error, "what an earlier life left to relay is the clock's to ask for");
        }
    });
    let app = app.merge(readiness(shutdown.clone()));
    let server = tokio::spawn(serve(listener, app, ServeLimits::default(), shutdown.clone()));
    let mut outcome = Ok(());
    while let Some(ended) = projectors.join_next().await {
        if let Err(error) = ended.context("a projector panicked").and_then(|result| Ok(result?)) {
            tracing::error!(%error, "a projector failed for good");
            outcome = Err(error);
            shutdown.cancel();
        }
    }
    server.await.context("the server panicked")?;
    services.tasks.close();
    if tokio::time::timeout(TASKS_DRAIN, services.tasks.wait()).await.is_err() {
        tracing::warn!(left = services.tasks.len(), "some tasks did not finish in time");
    }
    services.log.flush().await;
    services.databases.close().await;
    outcome
}

/// `/readyz`: the registry has been read, and the process is not ending. Not whether a server answers: all processes would
/// be taken out of service together, with what they can do without it.
pub(crate) fn readiness(shutdown: CancellationToken) -> Router {
    let check = move || async move {
        if shutdown.is_cancelled() {
            return Err(Problem::unavailable("going-away", "this process is ending; try again"));
        }
        Ok("ready\n")
    };
    Router::new().route("/readyz", get(check)).method_not_allowed_fallback(method_not_allowed)
}
