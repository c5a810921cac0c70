//! `threadly`: the whole house in one process. Functions, realtime edge and operator, with a directory of manifests as
//! the operator's source.

mod assemble;
mod config;
mod links;
mod openapi;
mod page;
#[cfg(test)]
mod reference;
mod secrets;
mod status;

use std::process::ExitCode;

use clap::Parser;
use function_host::{config::LogFormat, finish, telemetry};

use config::Config;

fn main() -> ExitCode {
    let config = Config::parse();
    finish(start(&config))
}

fn start(config: &Config) -> anyhow::Result<()> {
    telemetry::start(&config.log, LogFormat::Text, "threadly")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(assemble::run(config))
}
