//! The program's parts, put together.

use std::{path::Path, str::FromStr as _, sync::Arc, time::Duration};

use anyhow::Context as _;
use function_host::{ServeLimits, http, roles::shutdown_signal, serve, telemetry};
use kube::{
    Client,
    config::{KubeConfigOptions, Kubeconfig},
};
use operator::{
    OperatorError,
    bootstrap::{KeyRule, open_registry},
    kubernetes::{self, NotReady, Options, Own, Readiness},
    run_kubernetes,
};
use sqlx::{PgPool, postgres::PgConnectOptions};
use tenancy::{
    Databases, DatabasesConfig, Registry,
    credentials::{LoginRole, RootKey},
};
use threadly_operator::owners::FirstOwners;
use tokio::{net::TcpListener, sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{readiness, settings::Settings};

/// Between two tries of what is needed to begin.
const RETRY: Duration = Duration::from_secs(2);

/// Runs until SIGTERM or SIGINT.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let shutdown = shutdown_signal()?;
    let root_key = root_key(&settings.root_key_file)?;
    let client = client(settings.kubeconfig.as_deref()).await?;
    let own = Own { root_key: root_key.clone(), s3: settings.s3.config()?, origins: settings.origins.clone() };
    let listener =
        TcpListener::bind(settings.listen).await.with_context(|| format!("can't listen on {}", settings.listen))?;
    let (readiness, told) = watch::channel(Err(NotReady::starting()));
    let app = http::around(readiness::routes(told));
    let server = tokio::spawn(serve(listener, app, ServeLimits::default(), shutdown.clone()));
    let upkeep = tokio::spawn(telemetry::keep_up(shutdown.clone()));

    if let Some(registry) = registry(settings, &root_key, &readiness, &shutdown).await? {
        let base_url = settings.base_url.trim_end_matches('/').to_owned();
        let owners = owners(settings, &root_key, &registry, base_url.clone(), &shutdown).await?;
        let options = Options {
            instance: kubernetes::instance(),
            namespace: settings.namespace.clone(),
            base_url,
            usage_every: Duration::from_secs(settings.usage_seconds),
            look_every: Duration::from_secs(settings.look_seconds),
            owner_links: Some(Arc::new(owners)),
        };
        let (words, _) = watch::channel(Vec::new());
        Box::pin(run_kubernetes(client, registry.clone(), own, options, readiness, shutdown.clone(), words)).await;
        registry.close().await;
    }
    upkeep.await.context("the metrics' task panicked")?;
    server.await.context("the server panicked")
}

/// Links for first owners, on the server of the registry.
async fn owners(
    settings: &Settings,
    root_key: &RootKey,
    registry: &PgPool,
    base_url: String,
    shutdown: &CancellationToken,
) -> anyhow::Result<FirstOwners> {
    let login = LoginRole::Auth;
    let password = root_key.purpose(login.purpose()).login_password(login, 1);
    let server = PgConnectOptions::from_str(&settings.postgres_url).context("the Postgres URL is not readable")?;
    let server = server.username(login.name()).password(&password).application_name("threadly-operator");
    let schema_version = schema::workspace::VERSION;
    let databases = Databases::new(DatabasesConfig { server, per_workspace: 1, total: 8, schema_version });
    let known = Registry::load(registry.clone()).await.context("the registry can't be read")?;
    tokio::spawn(known.clone().follow(shutdown.clone()));
    Ok(FirstOwners::new(known, databases, base_url))
}

fn root_key(file: &Path) -> anyhow::Result<RootKey> {
    let bytes = std::fs::read(file).with_context(|| format!("can't read {}", file.display()))?;
    RootKey::try_from(bytes.as_slice()).with_context(|| format!("{} is no root key", file.display()))
}

async fn client(kubeconfig: Option<&Path>) -> anyhow::Result<Client> {
    let config = match kubeconfig {
        Some(file) => {
            let kubeconfig = Kubeconfig::read_from(file).context("the kubeconfig can't be read")?;
            kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await
        }
        None => return Client::try_default().await.context("no cluster: give a kubeconfig, or run it in a pod"),
    };
    Ok(Client::try_from(config.context("the kubeconfig names no usable cluster")?)?)
}

/// The control registry, waited for. With another root key than the registry's nothing is begun, since every password
/// would be set anew by it.
async fn registry(
    settings: &Settings,
    root_key: &RootKey,
    readiness: &watch::Sender<Readiness>,
    shutdown: &CancellationToken,
) -> anyhow::Result<Option<PgPool>> {
    loop {
        let opened = open_registry(&settings.postgres_url, root_key, &settings.control_database, KeyRule::Match);
        match shutdown.run_until_cancelled(opened).await {
            None => return Ok(None),
            Some(Ok(registry)) => return Ok(Some(registry)),
            Some(Err(error @ (OperatorError::AdminUrl(_) | OperatorError::DatabaseName(_)))) => {
                return Err(error.into());
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "the control registry can't be used; trying again");
                let _ = readiness.send_replace(Err(NotReady { reason: error.reason(), message: error.to_string() }));
            }
        }
        shutdown.run_until_cancelled(sleep(RETRY)).await;
    }
}
