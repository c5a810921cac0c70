//! `threadly`: the whole house in one process. Functions, realtime edge and operator, with a directory of manifests as
//! the operator's source. With a command it is a tool instead, beside one that serves.

mod assemble;
mod asyncapi;
mod bucket_store;
mod config;
mod dead_letters;
mod links;
mod log;
mod openapi;
mod page;
#[cfg(test)]
mod problems;
mod provisioning;
#[cfg(test)]
mod reference;
mod secrets;
mod status;
mod tools;

use std::process::ExitCode;

use clap::Parser;
use function_host::{config::LogFormat, finish, telemetry};

use config::{Command, Config};

fn main() -> ExitCode {
    let config = Config::parse();
    finish(start(&config))
}

fn start(config: &Config) -> anyhow::Result<()> {
    telemetry::start(&config.log, LogFormat::Text, "threadly")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match &config.command {
        None => runtime.block_on(assemble::run(config)),
        Some(Command::DeadLetters { command }) => runtime.block_on(dead_letters::run(config, command)),
        Some(Command::Log { command }) => runtime.block_on(log::run(config, command)),
    }
}
