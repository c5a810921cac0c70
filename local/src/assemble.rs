//! The parts of the house, put together.

use access::{tick::TickKey, token::Signer};
use anyhow::Context;
use clock::{Clock, Targets};
use event_log::EventLog;
use function_host::{
    Function, NoConfig, Services,
    config::Secret,
    http,
    roles::{self, shutdown_signal},
    tick,
};
use issuers::Issuers;
use operator::{Backends, Control, bootstrap};
use sqlx::postgres::PgPoolOptions;
use tenancy::{
    Databases, DatabasesConfig, Registry,
    credentials::{LoginRole, Purpose, RootKey},
    databases::limited,
};
use threadly_operator::owners::FirstOwners;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    bucket_store::{self, BucketStore},
    config::Config,
    links::Links,
    page,
    provisioning::provision,
    secrets, status,
};

/// Connections to one workspace's database, and to all together: for `auth`, and for everybody else.
const AUTH_CONNECTIONS: (u32, u32) = (2, 16);
const CONNECTIONS: (u32, u32) = (6, 48);

/// To the control database: one listens, the others are for what is due.
const CONTROL_CONNECTIONS: u32 = 4;
/// One process, one instance.
const INSTANCE: &str = "local";

/// Runs until SIGTERM or SIGINT.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let shutdown = shutdown_signal()?;
    let roots = secrets::roots(&config.data_dir)?;
    let root = RootKey::from_bytes(roots.credentials);
    let seed = *RootKey::from_bytes(roots.signing).token_signing_seed(1).expose();

    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("can't listen on {}", config.listen))?;
    let base = format!("http://{}", listener.local_addr()?);
    let store = BucketStore::open(config, &root).await?;
    let backends = Backends {
        admin_url: config.postgres_url.clone(),
        postgres_ca: None,
        kafka: config.kafka.clone(),
        kafka_security: config.kafka_security.security()?,
        root_key: root.clone(),
        s3: store.config.clone(),
        origins: bucket_store::origins(config, listener.local_addr()?),
    };
    let control = bootstrap(&backends, &config.control_database).await?;
    let signer = Signer::from_seed(&seed)?;
    operator::registry::publish_signing_key(&control.pool, signer.kid(), signer.public_key()).await?;

    let log = EventLog::connect(config.log(INSTANCE)?)?;
    log.warm().await.context("Kafka does not answer")?;
    let (auth, functions, registry) = connect(config, &control, &root, log, &shutdown).await?;
    let auth_config = auth::Config { signing_key: Secret::new(seed), mail: config.mail.clone() };
    let app = http::app(
        OpenApiRouter::new()
            .merge(auth::Auth::routes(&auth, &auth_config)?)
            .merge(directory::Directory::routes(&functions, &store.settings())?)
            .merge(messages::Messages::routes(&functions, &NoConfig {})?)
            .merge(realtime_edge::Edge::routes(&functions, &config.edge)?)
            .merge(page::routes(functions.clone(), store.config.public_origin()?)?.into()),
        tick::routes(auth::Auth::NAME, auth.clone(), auth::Auth::errands(&auth, &auth_config)?).merge(tick::routes(
            directory::Directory::NAME,
            functions.clone(),
            directory::Directory::errands(&functions, &store.settings())?,
        )),
    );
    let here = [auth::Auth::NAME, directory::Directory::NAME].map(|function| (function.to_owned(), base.clone()));
    let clock = Clock::new(registry.due(), functions.tick_key.clone(), Targets(here.into()))?;
    functions.own("clock", clock.run(shutdown.clone()));

    // The store ends last: requests under way may still need it.
    let store_shutdown = CancellationToken::new();
    let serving = tokio::spawn(store.serve(store_shutdown.clone()));
    let mut tasks = JoinSet::new();
    let (statuses, words) = watch::channel(None);
    let owners = FirstOwners::new(auth.registry.clone(), auth.databases.clone(), base.clone());
    tasks.spawn(provision(config, control, backends, base.clone(), owners, statuses, shutdown.clone()).await?);
    let links = Links::new(config.kubeconfig.is_none().then_some(auth), base.clone());
    let renew = signal(SignalKind::hangup())?;
    tasks.spawn(status::keep(config.data_dir.clone(), base, registry, links, words, renew, shutdown.clone()));
    let projections = messages::Messages::projections();
    let result = roles::run(functions, app, projections, listener, shutdown.clone()).await;
    shutdown.cancel();
    while tasks.join_next().await.is_some() {}
    store_shutdown.cancel();
    serving.await.context("the object store panicked")?;
    result
}

/// The registry, and the services of both database logins over it.
async fn connect(
    config: &Config,
    control: &Control,
    root: &RootKey,
    log: EventLog,
    shutdown: &CancellationToken,
) -> anyhow::Result<(Services, Services, Registry)> {
    let server = |login: LoginRole| {
        let password = root.purpose(login.purpose()).login_password(login, 1);
        control.server().clone().username(login.name()).password(&password).application_name("threadly")
    };
    let pool = PgPoolOptions::new()
        .max_connections(CONTROL_CONNECTIONS)
        .connect_with(limited(server(LoginRole::Functions)).database(&config.control_database))
        .await
        .context("the control database does not answer")?;
    let registry = Registry::load(pool).await?;
    let tick_key = TickKey::from_bytes(root.purpose(Purpose::Tick).expose());
    let issuers = Issuers::new(config.issuers.fetcher()?);
    let services = |function, login: LoginRole, (per_workspace, total): (u32, u32)| {
        let databases = Databases::new(DatabasesConfig {
            server: server(login),
            per_workspace,
            total,
            schema_version: schema::workspace::VERSION,
        });
        let (log, issuers) = (log.clone(), issuers.clone());
        Services::assemble(function, tick_key.clone(), registry.clone(), databases, log, issuers, shutdown.clone())
            .facing(&config.facing)
    };
    let auth = services(auth::Auth::NAME, LoginRole::Auth, AUTH_CONNECTIONS);
    let functions = services(directory::Directory::NAME, LoginRole::Functions, CONNECTIONS);
    functions.own("registry", registry.clone().follow(shutdown.clone()));
    Ok((auth, functions, registry))
}
