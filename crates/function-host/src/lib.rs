//! Hosts a function: configuration, HTTP and event roles, limits, errors, telemetry and shutdown; on hyper and rdkafka, or
//! on AWS Lambda.
//!
//! A function is a type that implements [`Function`]; its `main` is `function_host::run::<ThatType>()`.

mod admission;
pub mod client;
pub mod codes;
pub mod config;
pub mod etag;
pub mod extract;
pub mod http;
mod lambda;
pub mod page;
pub mod problem;
pub mod rates;
pub mod roles;
mod serve;
pub mod services;
mod stall;
pub mod telemetry;
pub mod tick;
mod waiting;

use std::{process::ExitCode, sync::Arc};

use anyhow::Context;
use clap::Parser;
use event_log::Projection;
use tenancy::credentials::LoginRole;
use tokio::net::TcpListener;
use utoipa_axum::router::OpenApiRouter;

pub use access::On;
pub use config::{HostConfig, Roles};
pub use extract::{Json, Path, Query};
pub use problem::Problem;
pub use serve::{ServeLimits, into_tcp, serve};
pub use services::Services;
pub use tick::{Errand, Errands};

/// One function: its endpoints and what it makes of events.
pub trait Function: Send + Sync + 'static {
    /// Its name in configuration, logs and metrics.
    const NAME: &'static str;
    /// The Postgres login whose grants it needs.
    const LOGIN: LoginRole;
    /// What it is told beyond [`HostConfig`]; `clap::Args`, or [`NoConfig`].
    type Config: clap::Args + Send + Sync;

    /// Its endpoints, with their OpenAPI operations.
    ///
    /// # Errors
    /// The configuration is unusable.
    fn routes(services: &Services, config: &Self::Config) -> anyhow::Result<OpenApiRouter>;

    /// What it does when the clock asks, beyond its outbox; nothing by default.
    ///
    /// # Errors
    /// The configuration is unusable.
    fn errands(_services: &Services, _config: &Self::Config) -> anyhow::Result<Errands> {
        Ok(Errands::new())
    }

    /// What it projects; nothing by default.
    fn projections() -> Vec<Arc<dyn Projection>> {
        Vec::new()
    }
}

/// For functions that need no configuration of their own.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct NoConfig {}

#[derive(Parser)]
struct Program<C: clap::Args> {
    #[command(flatten)]
    host: HostConfig,
    #[command(flatten)]
    function: C,
}

/// The whole `main` of a function: reads the configuration, starts the roles asked for, and serves until SIGTERM; on AWS
/// Lambda, where its runtime API is in the environment, it takes what that calls it with.
#[must_use]
pub fn run<F: Function>() -> ExitCode {
    let program = Program::<F::Config>::parse();
    finish(telemetry::block_on(&program.host, F::NAME, host::<F>(&program.host, &program.function)))
}

/// Turns the end of a program into its exit code, with the causes on standard error.
#[must_use]
pub fn finish(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("threadly: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn host<F: Function>(host: &HostConfig, config: &F::Config) -> anyhow::Result<()> {
    if lambda::is_here() {
        return Box::pin(lambda::host::<F>(host, config)).await;
    }
    let shutdown = roles::shutdown_signal()?;
    let listener = TcpListener::bind(host.listen).await.with_context(|| format!("can't listen on {}", host.listen))?;
    let connecting = shutdown.run_until_cancelled(Services::connect(host, F::NAME, F::LOGIN, shutdown.clone()));
    let (listener, connected) = waiting::answer_while(listener, Box::pin(connecting)).await?;
    let Some(services) = connected else { return Ok(()) };
    let services = services?;
    tracing::info!(function = F::NAME, listen = %listener.local_addr()?, "serving");
    let api = if host.role.http() { F::routes(&services, config)? } else { OpenApiRouter::new() };
    let projections = if host.role.events() { F::projections() } else { Vec::new() };
    let app = http::app(api, tick::routes(F::NAME, services.clone(), F::errands(&services, config)?));
    roles::run(services, app, projections, listener, shutdown).await
}
