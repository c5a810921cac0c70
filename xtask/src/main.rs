//! The project's own commands: `cargo xtask up`, `test`, `generate` and their companions.

mod commands;
mod down;
mod generate;
mod identity;
mod interrupt;
mod kafka;
mod lock;
mod logs;
mod packages;
mod paths;
mod ports;
mod postgres;
mod prepared_queries;
mod process;
mod programs;
mod reset;
mod servers;
mod status;
mod suites;
mod test;
mod test_output;
mod threadly;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Commands to run, test and maintain Threadly in this clone.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Job,
}

#[derive(Subcommand)]
enum Job {
    /// Start Postgres, Kafka and Threadly on loopback; Ctrl-C stops all of it.
    Up {
        /// Leave everything running and return to the shell once it is ready.
        #[arg(long)]
        detach: bool,
        /// Start Postgres and Kafka only.
        #[arg(long, hide = true)]
        servers_only: bool,
    },
    /// Stop what `up` started.
    Down,
    /// Show the processes and the workspaces.
    Status,
    /// Show the last lines of the logs.
    Logs {
        /// postgres, kafka, threadly, …: the name of a file in `.threadly/logs`. All of them if absent.
        name: Option<String>,
        /// How many lines of each.
        #[arg(long, short = 'n', default_value_t = 40)]
        lines: usize,
        /// Keep printing what is added.
        #[arg(long, short)]
        follow: bool,
    },
    /// Stop everything and remove all data of this clone.
    Reset {
        /// Don't ask.
        #[arg(long, short)]
        yes: bool,
    },
    /// Run the tests against servers of their own.
    Test {
        /// Run only this suite.
        suite: Option<suites::Name>,
        /// For `cargo test` in the suite `rust`, instead of the whole workspace.
        #[arg(last = true)]
        cargo: Vec<String>,
    },
    /// Renew every committed file that is generated from the code.
    Generate,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Job::Up { detach, servers_only } => up::run(&up::Options { detach, servers_only }),
        Job::Down => down::run(),
        Job::Status => status::run(),
        Job::Logs { name, lines, follow } => logs::run(name.as_deref(), lines, follow),
        Job::Reset { yes } => reset::run(yes),
        Job::Test { suite, cargo } => test::run(suite, cargo),
        Job::Generate => generate::run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
