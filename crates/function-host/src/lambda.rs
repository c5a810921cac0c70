//! AWS Lambda as the host: its runtime hands over one event at a time, an HTTP request or a batch of Kafka's records, and
//! freezes the process in between. So whatever an event begins is done before it is answered, and what would be followed
//! elsewhere is looked at when an event comes.

mod kafka;
mod request;

use std::{
    env,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::anyhow;
use axum::Router;
use event_log::up_to::UpTo;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout};
use utoipa_axum::router::OpenApiRouter;

use crate::{Function, HostConfig, Services, http, roles, telemetry, tick};

/// Where the runtime API is; its being there says that this is Lambda.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";
/// Names the sandbox: unique among those that run, unlike the settings, which all of a function share.
const LOG_STREAM: &str = "AWS_LAMBDA_LOG_STREAM_NAME";
/// The registry is read again by the first event after this time.
const RENEWAL: Duration = Duration::from_secs(5);
/// For servers that are looked at before an event is taken up.
const LOOK: Duration = Duration::from_secs(2);
/// For what an event has begun, after its answer is known.
const SETTLE: Duration = Duration::from_secs(5);
/// For projecting what an event tells of, if Lambda says nothing else.
const PROJECT: Duration = Duration::from_secs(20);
/// Kept of Lambda's own limit, for what comes after projecting.
const MARGIN: Duration = Duration::from_secs(10);

/// Whether this process runs on Lambda.
pub(crate) fn is_here() -> bool {
    env::var_os(RUNTIME_API).is_some()
}

/// Takes events until SIGTERM.
///
/// # Errors
/// The control database is away or a setting is unusable: Lambda says so and starts another sandbox at the next event.
/// Later, the runtime API's.
pub(crate) async fn host<F: Function>(host: &HostConfig, config: &F::Config) -> anyhow::Result<()> {
    let shutdown = roles::shutdown_signal()?;
    let host = HostConfig { instance: sandbox_name(), connections_per_workspace: 1, ..host.clone() };
    let services = Services::connect_once(&host, F::NAME, F::LOGIN, shutdown.clone()).await?;
    if !matches!(timeout(LOOK, services.log.warm()).await, Ok(Ok(()))) {
        tracing::warn!("Kafka does not answer yet");
    }
    let api = if host.role.http() { F::routes(&services, config)? } else { OpenApiRouter::new() };
    let projections = if host.role.events() { F::projections() } else { Vec::new() };
    let app = http::app(api, tick::routes(F::NAME, services.clone(), F::errands(&services, config)?))
        .merge(roles::readiness(shutdown.clone()));
    let Services { registry, databases, ranges, relay, .. } = services.clone();
    let up_to = UpTo::new(projections, registry, databases, ranges, relay);
    let sandbox = Arc::new(Sandbox { app, up_to, services, in_vain: Mutex::default() });
    tracing::info!(function = F::NAME, instance = host.instance, "taking events");
    let taking = lambda_runtime::run(service_fn(|event| sandbox.clone().take(event)));
    let ended = shutdown.run_until_cancelled(Box::pin(taking)).await;
    sandbox.services.log.flush().await;
    sandbox.services.databases.close().await;
    ended.unwrap_or(Ok(())).map_err(|error| anyhow!("the runtime API failed: {error}"))
}

/// The last part of the log stream's name, or something random.
fn sandbox_name() -> String {
    let stream = env::var(LOG_STREAM).unwrap_or_default();
    let last: String = stream.rsplit([']', '/']).next().unwrap_or_default().chars().take(40).collect();
    if last.is_empty() { uuid::Uuid::new_v4().simple().to_string() } else { last }
}

/// What one process serves; one event at a time.
struct Sandbox {
    app: Router,
    up_to: UpTo,
    services: Services,
    /// When the registry could last not be read, by this machine's clock: others may stand still meanwhile.
    in_vain: Mutex<Option<SystemTime>>,
}

/// What tells Kafka's events from all others.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    event_source: Option<String>,
}

/// An answer to either kind of event.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Http(Box<request::LambdaAnswer>),
    Projected(()),
}

impl Sandbox {
    async fn take(self: Arc<Self>, event: LambdaEvent<Box<RawValue>>) -> Result<Answer, lambda_runtime::Error> {
        let (deadline, text) = (deadline(event.context.deadline), event.payload.get());
        self.look().await;
        // An event of another shape is an HTTP request, or refused as none.
        let source = serde_json::from_str(text).ok().and_then(|source: Source| source.event_source);
        let answer = match source.as_deref() {
            Some("aws:kafka" | "SelfManagedKafka") => {
                kafka::project(&self.up_to, text, deadline).await.map(Answer::Projected)
            }
            _ => request::answer(self.app.clone(), text, event.context)
                .await
                .map(|answer| Answer::Http(Box::new(answer))),
        };
        self.settle().await;
        answer
    }

    /// Looks at what may have changed while the process was frozen.
    async fn look(&self) {
        let in_vain = *self.in_vain();
        // Not before every event while the control database is away.
        if in_vain.and_then(|at| at.elapsed().ok()).is_none_or(|elapsed| elapsed > RENEWAL) {
            let renewed = matches!(timeout(LOOK, self.services.registry.renew(RENEWAL)).await, Ok(Ok(())));
            *self.in_vain() = (!renewed).then(SystemTime::now);
            if !renewed {
                tracing::warn!("the control registry can't be renewed; the last snapshot serves on");
            }
        }
        if !self.services.log.is_reachable() {
            // That it answers again is noted by the asking.
            let _ = timeout(LOOK, self.services.log.warm()).await;
        }
    }

    fn in_vain(&self) -> MutexGuard<'_, Option<SystemTime>> {
        self.in_vain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for what the event has begun: an outbox that is relayed, a picture that is deleted. What is not done in time
    /// stands among what is due, and is the clock's to ask for.
    async fn settle(&self) {
        let tasks = &self.services.tasks;
        tasks.close();
        if self.services.log.is_reachable() && timeout(SETTLE, tasks.wait()).await.is_err() {
            tracing::warn!(left = tasks.len(), "some tasks did not finish before the answer");
        }
        tasks.reopen();
        self.services.log.flush().await;
        telemetry::keep_up_once();
    }
}

/// Lambda's own, in milliseconds since 1970, less a margin. One that has passed already says nothing (emulators).
fn deadline(millis: u64) -> Instant {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let left = Duration::from_millis(millis).saturating_sub(now);
    Instant::now() + if left.is_zero() { PROJECT } else { left.saturating_sub(MARGIN) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_leaves_time_to_say_so_and_one_that_has_passed_says_nothing() {
        let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
        assert!(deadline(now + 60_000) > Instant::now() + Duration::from_secs(30));
        assert!(deadline(now + 60_000) < Instant::now() + Duration::from_secs(59));
        assert!(deadline(now + 1_000) <= Instant::now());
        assert!(deadline(600_000) > Instant::now() + PROJECT / 2);
    }
}
