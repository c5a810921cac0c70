//! Benchmarks of Threadly beside what it stands on, all on one machine. `cargo xtask bench` builds and runs it.

mod functions;
mod generator;
mod house;
mod http;
mod idle;
mod latency;
mod ledger;
mod operator;
mod pace;
mod post;
mod probe;
mod program;
mod start;
mod usage;
mod wire;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use program::Bed;

/// Benchmarks, on servers that run already.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    bed: Bed,
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// Posts to 20 sockets in 50 channels: latency beside Kafka's, the highest rate, CPU.
    Post(post::Options),
    /// From the start of a function to its first answers, and of `threadly` to ready.
    Start(start::Options),
    /// What waiting costs, with one workspace and with many.
    Idle(idle::Options),
    /// Each endpoint's latency and cost in a workspace of 5,000, memory at rest, and connections for 300 workspaces.
    Functions(functions::Options),
    /// Workspaces by `kubectl apply`: how long one takes, and a thousand at once; a restart, and rest.
    Operator(operator::Options),
}

// One thread: what is measured runs blocking, with nothing beside it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Cli { bed, bench } = Cli::parse();
    let done = match &bench {
        Bench::Post(options) => post::run(&bed, options).await,
        Bench::Start(options) => start::run(&bed, options).await,
        Bench::Idle(options) => idle::run(&bed, options),
        Bench::Functions(options) => functions::run(&bed, options).await,
        Bench::Operator(options) => operator::run(&bed, options).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
