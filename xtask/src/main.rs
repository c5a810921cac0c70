//! The project's own commands: `cargo xtask up`, `test`, `generate` and their companions.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod bed;
mod bench;
mod commands;
mod down;
mod downloads;
mod etcd;
mod generate;
mod given;
mod go;
mod identity;
mod interrupt;
mod kafka;
mod kafka_jars;
mod kubernetes;
mod lock;
mod logs;
mod missing;
mod packages;
mod paths;
mod plan;
mod ports;
mod postgres;
mod postgres_home;
mod postmortem;
mod prepared_queries;
mod process;
mod programs;
mod reset;
mod screen;
mod seaweed;
mod servers;
mod status;
mod suites;
mod test;
mod test_output;
mod threadly;
mod up;
mod wheels;

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
    /// Run a benchmark on release programs and servers of its own: `post`, `start`, `idle`, `functions` or `operator`.
    Bench {
        /// The benchmark and its options; `bench post --help` names them.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
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
        Job::Bench { arguments } => bench::run(&arguments),
        Job::Generate => generate::run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            screen::complain(format_args!("\nxtask: {error:#}{}", next_step(&error)));
            ExitCode::FAILURE
        }
    }
}

/// What helps when the disk was full, whatever was being written.
fn next_step(error: &anyhow::Error) -> &'static str {
    let full = error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::StorageFull)
    });
    if full { "\nNext: make room (`df -h` shows the disks), then the same command again." } else { "" }
}
