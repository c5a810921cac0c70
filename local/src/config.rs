//! What the program is told at start.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;

/// Threadly in one process: provisions the workspaces that a directory of manifests asks for, and serves them.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Config {
    /// Address and port to serve on.
    #[arg(long, env = "THREADLY_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Kafka's bootstrap servers, `host:port`, comma separated.
    #[arg(long, env = "THREADLY_KAFKA")]
    pub kafka: String,
    /// Postgres, with a login that may make databases and roles: `postgres://user:password@host:port/database`.
    #[arg(long, env = "THREADLY_POSTGRES_URL", hide_env_values = true)]
    pub postgres_url: String,
    /// Where the program keeps its keys (`secrets/`) and writes `status.json`.
    #[arg(long, env = "THREADLY_DATA_DIR", default_value = ".threadly")]
    pub data_dir: PathBuf,
    /// The directory of manifests; changes take effect while the program runs.
    #[arg(long, env = "THREADLY_MANIFESTS", default_value = "workspaces")]
    pub manifests: PathBuf,
    /// The control registry's database.
    #[arg(long, env = "THREADLY_CONTROL_DATABASE", default_value = "threadly_control")]
    pub control_database: String,
    /// Which log lines: as `RUST_LOG`.
    #[arg(long, env = "THREADLY_LOG", default_value = "info")]
    pub log: String,
    #[command(flatten)]
    pub edge: realtime_edge::EdgeConfig,
}
