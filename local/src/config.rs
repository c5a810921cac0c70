//! What the program is told at start.

use std::{net::SocketAddr, path::PathBuf};

use buckets::S3Args;
use clap::{Parser, Subcommand};
use domain::Handle;
use event_log::{
    KafkaConfig,
    security::{SecurityArgs, SecurityError},
};
use function_host::config::FacingArgs;
use issuers::IssuersArgs;
use mail::MailArgs;

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
    #[command(flatten)]
    pub kafka_security: SecurityArgs,
    /// Postgres, with a login that may make databases and roles: `postgres://user:password@host:port/database`.
    #[arg(long, env = "THREADLY_POSTGRES_URL", hide_env_values = true)]
    pub postgres_url: String,
    /// Where the program keeps its keys (`secrets/`) and writes `status.json`.
    #[arg(long, env = "THREADLY_DATA_DIR", default_value = ".threadly")]
    pub data_dir: PathBuf,
    /// The directory of manifests; changes take effect while the program runs.
    #[arg(long, env = "THREADLY_MANIFESTS", default_value = "workspaces")]
    pub manifests: PathBuf,
    /// A kubeconfig: the cluster's Workspaces are provisioned in place of the directory's.
    #[arg(long, env = "THREADLY_KUBECONFIG")]
    pub kubeconfig: Option<PathBuf>,
    /// The namespace of the Secrets that WorkspaceClasses name.
    #[arg(long, env = "THREADLY_NAMESPACE", default_value = "threadly-system")]
    pub namespace: String,
    /// With a cluster: seconds between two counts of what workspaces use.
    #[arg(long, env = "THREADLY_USAGE_SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    pub usage_seconds: u64,
    /// With a cluster: seconds between two looks for what was changed by hand; backends are asked twice as often whether they answer.
    #[arg(long, env = "THREADLY_LOOK_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub look_seconds: u64,
    /// The control registry's database.
    #[arg(long, env = "THREADLY_CONTROL_DATABASE", default_value = "threadly_control")]
    pub control_database: String,
    /// Which log lines: as `RUST_LOG`.
    #[arg(long, env = "THREADLY_LOG", default_value = "info")]
    pub log: String,
    #[command(flatten)]
    pub edge: realtime_edge::EdgeConfig,
    #[command(flatten)]
    pub facing: FacingArgs,
    #[command(flatten)]
    pub issuers: IssuersArgs,
    /// How letters are sent.
    #[command(flatten)]
    pub mail: MailArgs,
    /// The object store; without `THREADLY_S3_URL` the program's own, below the data directory.
    #[command(flatten)]
    pub s3: S3Args,
    /// Address and port of the program's own object store.
    #[arg(long, env = "THREADLY_BUCKETS_LISTEN", default_value = "127.0.0.1:8081")]
    pub buckets_listen: SocketAddr,
    /// Origins by which browsers reach the page, comma separated; those of `THREADLY_LISTEN` if there are none.
    #[arg(long, env = "THREADLY_ORIGINS", value_delimiter = ',')]
    pub origins: Vec<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program does instead of serving, beside one that serves.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Records that could not be projected.
    DeadLetters {
        #[command(subcommand)]
        command: DeadLetters,
    },
    /// How far each workspace's log is projected, and whether it lost records.
    Log {
        #[command(subcommand)]
        command: Log,
    },
}

/// What is done with dead letters.
#[derive(Clone, Debug, Subcommand)]
pub enum DeadLetters {
    /// Lists them, oldest first.
    List {
        /// A workspace's handle; all workspaces without one.
        workspace: Option<Handle>,
    },
    /// Appends them to the log once more, for a version that can project them.
    Redrive {
        /// The workspace's handle.
        workspace: Handle,
        /// Their numbers; all that were not redriven yet without one.
        numbers: Vec<i64>,
    },
}

/// What is done with the log.
#[derive(Clone, Debug, Subcommand)]
pub enum Log {
    /// Where each partition's projection stands.
    Status {
        /// A workspace's handle; all workspaces without one.
        workspace: Option<Handle>,
    },
    /// Acknowledges that the log lost records: raises its epoch, so that what still exists is projected anew and clients
    /// start afresh.
    AcknowledgeLoss {
        /// The workspace's handle.
        workspace: Handle,
    },
}

impl Config {
    /// How `instance` reaches the log.
    ///
    /// # Errors
    /// The settings about its security are unusable.
    pub fn log(&self, instance: &str) -> Result<KafkaConfig, SecurityError> {
        Ok(KafkaConfig {
            bootstrap: self.kafka.clone(),
            security: self.kafka_security.security()?,
            installation: self.control_database.clone(),
            instance: instance.to_owned(),
        })
    }
}
