//! Logs and metrics of one process, and its runtime.

use std::{sync::OnceLock, time::Duration};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::{HostConfig, config::LogFormat};

/// Bounds of the histogram of request durations, in seconds.
const DURATION_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Between two emptyings of the histograms' buffers, which grow until then.
const UPKEEP: Duration = Duration::from_secs(5);

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Sets up logs and metrics, and runs a program on a runtime of its own.
///
/// # Errors
/// The program's, or the runtime can't be made.
pub fn block_on(
    config: &HostConfig,
    name: &'static str,
    program: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    start(&config.log, config.log_format, name)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(program)
}

/// Sets up logs and metrics once per process.
///
/// # Errors
/// The filter is unreadable, or somebody else set them up.
pub fn start(filter: &str, format: LogFormat, name: &'static str) -> anyhow::Result<()> {
    let lines = tracing_subscriber::fmt().with_env_filter(EnvFilter::try_new(filter)?).with_writer(std::io::stderr);
    let done = match format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    done.map_err(|error| anyhow::anyhow!("logs are set up twice: {error}"))?;
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &DURATION_BUCKETS)?
        .add_global_label("function", name)
        .build_recorder();
    let _ = METRICS.set(recorder.handle());
    metrics::set_global_recorder(recorder).map_err(|error| anyhow::anyhow!("metrics are set up twice: {error}"))
}

/// Keeps the memory of metrics bounded, until `shutdown`.
pub async fn keep_up(shutdown: CancellationToken) {
    while shutdown.run_until_cancelled(tokio::time::sleep(UPKEEP)).await.is_some() {
        keep_up_once();
    }
}

/// The same once, for whoever can't go on by themselves.
pub(crate) fn keep_up_once() {
    if let Some(metrics) = METRICS.get() {
        metrics.run_upkeep();
    }
}

/// All metrics in Prometheus's text format.
#[must_use]
pub fn render() -> String {
    METRICS.get().map(PrometheusHandle::render).unwrap_or_default()
}
