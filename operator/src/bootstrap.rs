//! Prepares a Postgres server: roles, control database, template. Safe to repeat, to interrupt, and to run from several
//! programs at once, which a server-wide lock puts in line.

use std::{fmt, str::FromStr as _, time::Duration};

use buckets::{BucketSettings, Buckets, S3Config};
use crds::backends::Sharing;
use event_log::{Security, admin::TopicAdmin};
use sqlx::{
    Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tenancy::credentials::{LoginRole, Purpose, RootKey};
use tokio::time::timeout;

use crate::{
    OperatorError,
    backend_watch::Pins,
    class::Class,
    databases::{self, disk::Disk, store},
    principal::Principals,
    scram,
};

/// Rotation is a matter of the next releases; every installation starts with the first generation.
const GENERATION: u32 = 1;
/// Connections for the registry, and as many for databases: provisioning runs a few workspaces at once.
const CONNECTIONS: u32 = 8;
const ACQUIRE: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(15);
/// For a connection to answer when it is given back.
const GIVE_BACK: Duration = Duration::from_secs(5);

/// What is made of a registry that was begun with another root key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRule {
    /// This one counts from now on: on one machine a lost key is replaced by starting anew.
    Adopt,
    /// Nothing is begun.
    Match,
}

/// The servers that workspaces live on, and the secret that credentials derive from.
#[derive(Clone)]
pub struct Backends {
    /// Postgres as an admin with CREATEDB and CREATEROLE: `postgres://user:password@host:port/database`.
    pub admin_url: String,
    /// The authority of Postgres's certificate in PEM, where it is none that everybody knows.
    pub postgres_ca: Option<String>,
    /// Kafka's bootstrap servers, `host:port` separated by commas.
    pub kafka: String,
    /// How connections to Kafka are protected. The user may make topics, users and rights.
    pub kafka_security: Security,
    /// The root of all derived passwords. All programs on one Postgres server must have the same.
    pub root_key: RootKey,
    /// The object store, with a key that may make buckets called `threadly-*` and set their policy, CORS and lifecycle.
    pub s3: S3Config,
    /// Origins of the pages that read and write objects by presigned links.
    pub origins: Vec<String>,
}

impl fmt::Debug for Backends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL holds a password.
        f.debug_struct("Backends").field("kafka", &self.kafka).finish_non_exhaustive()
    }
}

/// Connections to prepared backends. Cheap to clone.
#[derive(Clone)]
pub struct Control {
    /// The control database, as the admin.
    pub pool: PgPool,
    pub(crate) admin: PgPool,
    pub(crate) server: PgConnectOptions,
    pub(crate) topics: TopicAdmin,
    /// Where Kafka knows users.
    principals: Option<Principals>,
    pub(crate) class: Class,
    pub(crate) buckets: Buckets,
    pub(crate) bucket_settings: BucketSettings,
    pub(crate) disk: Disk,
    /// Who the servers are, where anybody asks.
    pub(crate) identities: Pins,
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").field("class", &self.class.name).finish_non_exhaustive()
    }
}

impl Control {
    /// The server's address with the admin's login and no database chosen, for tests and for the program's own pools.
    #[must_use]
    pub const fn server(&self) -> &PgConnectOptions {
        &self.server
    }

    /// The built-in class.
    #[must_use]
    pub const fn class(&self) -> &Class {
        &self.class
    }

    /// The same connections for another class, or for what the class has become.
    #[must_use]
    pub fn with_class(self, class: Class) -> Self {
        Self { class, ..self }
    }

    /// The same connections, to servers of these identities.
    #[must_use]
    pub fn with_identities(self, identities: Pins) -> Self {
        Self { identities, ..self }
    }

    /// Whether Kafka knows users at all.
    pub(crate) const fn has_users(&self) -> bool {
        self.principals.is_some()
    }

    /// How workspaces' own users of Kafka are made, where the class has them.
    pub(crate) fn principals(&self) -> Option<&Principals> {
        self.principals.as_ref().filter(|_| self.class.principals == Sharing::PerWorkspace)
    }

    /// Whether it is the same class over the same connections.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.class == other.class && self.identities == other.identities && self.topics.is_same(&other.topics)
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
        self.admin.close().await;
    }
}

/// Makes roles, the control database called `control_database` and this version's template where they are missing, and
/// connects.
///
/// # Errors
/// A setting that can't be read, or a backend that is away or refuses. Kafka and the object store aren't asked for anything
/// yet.
pub async fn bootstrap(backends: &Backends, control_database: &str) -> Result<Control, OperatorError> {
    let registry = open_registry(&backends.admin_url, &backends.root_key, control_database, KeyRule::Adopt).await?;
    prepare(backends, registry, Class::standard()).await
}

/// Makes roles and the control database called `name` where they are missing, and connects to it.
///
/// # Errors
/// A setting that can't be read, a Postgres that is away or refuses, or another root key than the rule lets pass: then
/// nothing was changed.
pub async fn open_registry(
    admin_url: &str,
    root_key: &RootKey,
    name: &str,
    rule: KeyRule,
) -> Result<PgPool, OperatorError> {
    if !databases::is_plain_name(name) {
        return Err(OperatorError::DatabaseName(name.to_owned()));
    }
    let server = PgConnectOptions::from_str(admin_url).map_err(OperatorError::AdminUrl)?;
    let check = root_key.purpose(Purpose::KeyCheck).derive("check", GENERATION);
    let mut connection = connect(&server).await?;
    store::lock_server(&mut connection).await.map_err(OperatorError::postgres(LOCKING))?;
    if rule == KeyRule::Match {
        let found = key_check(&mut connection, &server, name).await.map_err(OperatorError::postgres(CHECKING))?;
        if found.is_some_and(|found| found != check.expose()) {
            return Err(OperatorError::KeyMismatch(name.to_owned()));
        }
    }
    // The control database grants to the roles.
    ensure_roles(&mut connection, root_key).await.map_err(OperatorError::postgres("making roles"))?;
    ensure_control_database(&mut connection, &server, name).await?;
    connection.close().await.map_err(OperatorError::postgres("ending the set-up"))?;
    let registry = pool(server.database(name));
    store::keep_key_check(&registry, check.expose()).await.map_err(OperatorError::postgres(CHECKING))?;
    Ok(registry)
}

const CHECKING: &str = "checking the root key";

/// What the registry's own root key would derive, if there is a registry.
async fn key_check(
    connection: &mut PgConnection,
    server: &PgConnectOptions,
    name: &str,
) -> sqlx::Result<Option<Vec<u8>>> {
    if !store::database_exists(connection, name).await? {
        return Ok(None);
    }
    let mut control = PgConnection::connect_with(&server.clone().database(name)).await?;
    let found = store::key_check(&mut control).await?;
    control.close().await?;
    Ok(found)
}

/// Makes roles and this version's template on a class's server where they are missing, and connects; the registry is
/// elsewhere.
///
/// # Errors
/// As [`bootstrap`].
pub async fn prepare(backends: &Backends, registry: PgPool, class: Class) -> Result<Control, OperatorError> {
    prepare_on(Ways::to(backends)?, backends, registry, class).await
}

/// The same over ways that are there already.
///
/// # Errors
/// As [`bootstrap`].
pub(crate) async fn prepare_on(
    ways: Ways,
    backends: &Backends,
    registry: PgPool,
    class: Class,
) -> Result<Control, OperatorError> {
    let Ways { server, topics, buckets } = ways;
    let key = backends.root_key.purpose(Purpose::Kafka);
    let login = backends.kafka_security.login.as_ref();
    let principals = login.map(|login| Principals { key, mechanism: login.mechanism });
    let bucket_settings = BucketSettings { origins: backends.origins.clone(), tls_only: buckets.tls_only() };
    let mut connection = connect(&server).await?;
    store::lock_server(&mut connection).await.map_err(OperatorError::postgres(LOCKING))?;
    ensure_roles(&mut connection, &backends.root_key).await.map_err(OperatorError::postgres("making roles"))?;
    ensure_template(&mut connection, &server).await?;
    connection.close().await.map_err(OperatorError::postgres("ending the set-up"))?;
    let admin = pool(server.clone());
    let (disk, identities) = (Disk::default(), Pins::default());
    Ok(Control { pool: registry, admin, server, topics, principals, class, buckets, bucket_settings, disk, identities })
}

/// How to reach backends; nobody has been asked for anything yet. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ways {
    pub(crate) server: PgConnectOptions,
    pub(crate) topics: TopicAdmin,
    pub(crate) buckets: Buckets,
}

impl Ways {
    /// # Errors
    /// A setting that can't be read.
    pub(crate) fn to(backends: &Backends) -> Result<Self, OperatorError> {
        Ok(Self {
            server: server(backends)?,
            topics: TopicAdmin::connect(&backends.kafka, &backends.kafka_security)?,
            buckets: Buckets::connect(&backends.s3)?,
        })
    }
}

fn server(backends: &Backends) -> Result<PgConnectOptions, OperatorError> {
    let server = PgConnectOptions::from_str(&backends.admin_url).map_err(OperatorError::AdminUrl)?;
    Ok(match &backends.postgres_ca {
        Some(authority) => server.ssl_root_cert_from_pem(authority.clone().into_bytes()),
        None => server,
    })
}

const LOCKING: &str = "waiting for another program's set-up";

async fn connect(server: &PgConnectOptions) -> Result<PgConnection, OperatorError> {
    PgConnection::connect_with(server).await.map_err(OperatorError::postgres("connecting as the admin"))
}

fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(IDLE)
        // Who gave up a question leaves a connection that may hang. The pool asks it without a limit whether it is well, and
        // has one less until it answers.
        .after_release(|connection, _| {
            Box::pin(async move {
                let answered = timeout(GIVE_BACK, connection.ping()).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
                answered.map(|()| true)
            })
        })
        .connect_lazy_with(options)
}

async fn ensure_roles(connection: &mut PgConnection, root: &RootKey) -> sqlx::Result<()> {
    store::ensure_owner_role(connection).await?;
    for role in LoginRole::ALL {
        let key = root.purpose(role.purpose());
        // Derived too, so that every start writes the same and a running program's login goes on.
        let mut salt = [0; 16];
        salt.copy_from_slice(&key.derive("scram-salt", GENERATION).expose()[..16]);
        let verifier = scram::verifier(&key.login_password(role, GENERATION), &salt);
        store::ensure_login_role(connection, role.name(), &verifier).await?;
    }
    Ok(())
}

async fn ensure_control_database(
    connection: &mut PgConnection,
    server: &PgConnectOptions,
    name: &str,
) -> Result<(), OperatorError> {
    const DOING: &str = "making the control database";
    store::ensure_database(connection, name).await.map_err(OperatorError::postgres(DOING))?;
    store::grant_connect(connection, name).await.map_err(OperatorError::postgres(DOING))?;
    let mut control =
        PgConnection::connect_with(&server.clone().database(name)).await.map_err(OperatorError::postgres(DOING))?;
    let migrated = databases::migrate(&schema::control::MIGRATOR, &mut control).await;
    migrated.map_err(|source| OperatorError::Migration { database: name.to_owned(), source })?;
    control.close().await.map_err(OperatorError::postgres(DOING))
}

/// The name appears only once all migrations are in: a kill at any moment leaves the name free or the template whole.
async fn ensure_template(connection: &mut PgConnection, server: &PgConnectOptions) -> Result<(), OperatorError> {
    const DOING: &str = "making the template database";
    let name = databases::template_name();
    let fingerprint = schema::workspace::fingerprint();
    let found = store::template_fingerprint(connection, &name).await.map_err(OperatorError::postgres(DOING))?;
    if found.as_ref() == Some(&fingerprint) {
        return Ok(());
    }
    let building = format!("{name}_building");
    store::begin_template(connection, &building).await.map_err(OperatorError::postgres(DOING))?;
    let mut template =
        store::connect_as_owner(&server.clone().database(&building)).await.map_err(OperatorError::postgres(DOING))?;
    let migrated = databases::migrate(&schema::workspace::MIGRATOR, &mut template).await;
    migrated.map_err(|source| OperatorError::Migration { database: building.clone(), source })?;
    template.close().await.map_err(OperatorError::postgres(DOING))?;
    store::finish_template(connection, &building, &name, &fingerprint).await.map_err(OperatorError::postgres(DOING))?;
    tracing::info!(template = name, "the template database is made");
    Ok(())
}
