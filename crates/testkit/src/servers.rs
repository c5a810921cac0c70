//! A Kafka and a Postgres of a test's own, on free ports and on a small disk of their own: to be killed, frozen, and to
//! run out of space. A Kubernetes API server of its own, without nodes. And ways to servers that can be spoilt. They end with
//! the test.

mod disk;
mod kafka;
mod kubernetes;
mod log_tail;
mod postgres;
pub mod proxy;
mod server;
mod smtp;
pub mod tls;

pub use kafka::OwnKafka;
pub use kubernetes::OwnKubernetes;
pub use postgres::OwnPostgres;
pub use smtp::{Letter, SmtpSink};

use std::{env, ffi::OsString, time::Duration};

use anyhow::Context;
use tokio::net::TcpListener;

/// From start to the first answer, also after a crash and on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(90);
/// From the polite signal to the end.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// For a tool that prepares a data folder.
const TOOL_LIMIT: Duration = Duration::from_secs(90);

fn program(name: &str) -> anyhow::Result<OsString> {
    env::var_os(name).with_context(|| format!("{name} is not set: run the tests with `cargo xtask test`"))
}

async fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port())
}

fn words(text: &str) -> impl Iterator<Item = OsString> {
    text.split_whitespace().map(OsString::from)
}
