//! What the program is told at start.

use std::{net::SocketAddr, path::PathBuf};

use buckets::S3Args;
use clap::Parser;
use function_host::config::LogFormat;

/// Provisions the workspaces that a Kubernetes cluster's objects ask for.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Settings {
    /// Address and port for `/healthz`, `/readyz` and `/metrics`.
    #[arg(long, env = "THREADLY_LISTEN", default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// The Postgres server of the control registry, with a login that may make databases and roles:
    /// `postgres://user:password@host:port/database`.
    #[arg(long, env = "THREADLY_POSTGRES_URL", hide_env_values = true)]
    pub postgres_url: String,
    /// The control registry's database.
    #[arg(long, env = "THREADLY_CONTROL_DATABASE", default_value = "threadly_control")]
    pub control_database: String,
    /// A file with the 32 bytes that all credentials derive from.
    #[arg(long, env = "THREADLY_ROOT_KEY_FILE")]
    pub root_key_file: PathBuf,
    /// A kubeconfig; without one the account of the pod that this runs in.
    #[arg(long, env = "THREADLY_KUBECONFIG")]
    pub kubeconfig: Option<PathBuf>,
    /// The operator's namespace: its Lease, and the Secrets that WorkspaceClasses name.
    #[arg(long, env = "THREADLY_NAMESPACE", default_value = "threadly-system")]
    pub namespace: String,
    /// What a workspace's path is appended to in its status, where its class does not say.
    #[arg(long, env = "THREADLY_BASE_URL", default_value = "")]
    pub base_url: String,
    /// The object store of classes that name none.
    #[command(flatten)]
    pub s3: S3Args,
    /// Origins of the pages that read and write objects by presigned links, comma separated.
    #[arg(long, env = "THREADLY_ORIGINS", value_delimiter = ',')]
    pub origins: Vec<String>,
    /// Seconds between two counts of a workspace's members, storage and messages.
    #[arg(long, env = "THREADLY_USAGE_SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    pub usage_seconds: u64,
    /// Seconds between two looks for what was changed by hand; backends are asked twice as often whether they answer.
    #[arg(long, env = "THREADLY_LOOK_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub look_seconds: u64,
    /// Which log lines: as `RUST_LOG`.
    #[arg(long, env = "THREADLY_LOG", default_value = "info")]
    pub log: String,
    /// How log lines look.
    #[arg(long, env = "THREADLY_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}
