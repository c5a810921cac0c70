//! `threadly-operator`: the operator on a Kubernetes cluster, as a process of its own. Several may run; one leads.

mod readiness;
mod run;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;
use function_host::{finish, telemetry};

use settings::Settings;

fn main() -> ExitCode {
    finish(start(&Settings::parse()))
}

fn start(settings: &Settings) -> anyhow::Result<()> {
    telemetry::start(&settings.log, settings.log_format, "operator")?;
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(run::run(settings))
}
