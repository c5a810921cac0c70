//! What every function is told, once, at start.

use std::net::SocketAddr;

use anyhow::Context;
use clap::{Args, ValueEnum};
use data_encoding::HEXLOWER_PERMISSIVE;
use event_log::{KafkaConfig, security::SecurityArgs};
use ipnet::IpNet;
use issuers::IssuersArgs;
use sqlx::postgres::PgConnectOptions;
use tenancy::{
    DatabasesConfig,
    credentials::{LoginRole, PurposeKey},
};

/// Configuration that all functions share.
#[derive(Clone, Debug, Args)]
pub struct HostConfig {
    /// Address and port to serve HTTP on; in the events role, health and metrics only.
    #[arg(long, env = "THREADLY_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// What this process does: they scale on different signals.
    #[arg(long, env = "THREADLY_ROLE", value_enum, default_value_t = Roles::All)]
    pub role: Roles,
    /// This process's name: unique among running processes, the same after a restart (a pod's name).
    #[arg(long, env = "THREADLY_INSTANCE", default_value = "local")]
    pub instance: String,
    /// Kafka's bootstrap servers, `host:port`, comma separated.
    #[arg(long, env = "THREADLY_KAFKA")]
    pub kafka: String,
    #[command(flatten)]
    pub kafka_security: SecurityArgs,
    /// The Postgres server, `postgres://host:port`; user and password are added here.
    #[arg(long, env = "THREADLY_POSTGRES")]
    pub postgres: String,
    /// The database of the control registry.
    #[arg(long, env = "THREADLY_CONTROL_DATABASE", default_value = "threadly_control")]
    pub control_database: String,
    /// The key of this function's database login: 64 hexadecimal digits.
    #[arg(long, env = "THREADLY_DATABASE_KEY", hide_env_values = true)]
    pub database_key: Secret,
    /// Generation of the login's password.
    #[arg(long, env = "THREADLY_DATABASE_GENERATION", default_value_t = 1)]
    pub database_generation: u32,
    /// The key by which the clock is known: 64 hexadecimal digits, the same for the clock and all functions.
    #[arg(long, env = "THREADLY_TICK_KEY", hide_env_values = true)]
    pub tick_key: Secret,
    /// Most connections to one workspace's database.
    #[arg(long, env = "THREADLY_CONNECTIONS_PER_WORKSPACE", default_value_t = 4)]
    pub connections_per_workspace: u32,
    /// Most connections to all workspaces' databases together; those unused for 15 s are closed.
    #[arg(long, env = "THREADLY_CONNECTIONS", default_value_t = 40)]
    pub connections: u32,
    #[command(flatten)]
    pub facing: FacingArgs,
    #[command(flatten)]
    pub issuers: IssuersArgs,
    /// Which log lines: as `RUST_LOG`.
    #[arg(long, env = "THREADLY_LOG", default_value = "info")]
    pub log: String,
    /// How log lines look.
    #[arg(long, env = "THREADLY_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// What is known of those who ask.
#[derive(Clone, Debug, Args)]
pub struct FacingArgs {
    /// Networks of the gateways, comma separated: only their `X-Forwarded-For` is believed.
    #[arg(long, env = "THREADLY_TRUSTED_PROXIES", value_delimiter = ',', default_value = "127.0.0.0/8,::1/128")]
    pub trusted_proxies: Vec<IpNet>,
    /// Requests a second that one person, or one address without a token, may make of this process; four times as many
    /// at once. 0: no limit.
    #[arg(long, env = "THREADLY_REQUESTS_PER_SECOND", default_value_t = 100)]
    pub requests_per_second: u32,
}

/// The roles of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Roles {
    /// Answer requests.
    Http,
    /// Project events.
    Events,
    /// Both.
    All,
}

impl Roles {
    /// Whether requests are answered.
    #[must_use]
    pub fn http(self) -> bool {
        self != Self::Events
    }

    /// Whether events are projected.
    #[must_use]
    pub fn events(self) -> bool {
        self != Self::Http
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// 32 secret bytes, given in hexadecimal; does not print.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Wraps bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A text that is not 64 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("a key is 64 hexadecimal digits")]
pub struct InvalidSecret;

impl std::str::FromStr for Secret {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map_err(|_| InvalidSecret)?;
        bytes.try_into().map(Self).map_err(|_| InvalidSecret)
    }
}

impl HostConfig {
    /// The way to Postgres as `login`.
    ///
    /// # Errors
    /// The server's URL is unusable.
    pub fn server(&self, login: LoginRole) -> anyhow::Result<PgConnectOptions> {
        let server: PgConnectOptions = self.postgres.parse().context("THREADLY_POSTGRES is no postgres:// URL")?;
        let password =
            PurposeKey::from_bytes(*self.database_key.expose()).login_password(login, self.database_generation);
        Ok(server.username(login.name()).password(&password).application_name(&format!("threadly {}", self.instance)))
    }

    /// How workspace databases are reached.
    ///
    /// # Errors
    /// The server's URL is unusable.
    pub fn databases(&self, login: LoginRole) -> anyhow::Result<DatabasesConfig> {
        Ok(DatabasesConfig {
            server: self.server(login)?,
            per_workspace: self.connections_per_workspace,
            total: self.connections,
            schema_version: schema::workspace::VERSION,
        })
    }

    /// How Kafka is reached.
    ///
    /// # Errors
    /// The settings about its security are unusable.
    pub fn kafka(&self) -> anyhow::Result<KafkaConfig> {
        Ok(KafkaConfig {
            bootstrap: self.kafka.clone(),
            security: self.kafka_security.security()?,
            installation: self.control_database.clone(),
            instance: self.instance.clone(),
        })
    }
}
