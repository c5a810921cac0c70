//! A control database of its own on the real servers, and workspaces in it.

use std::{env, path::PathBuf};

use access::token::Signer;
use anyhow::{Context, bail};
use crds::manifest;
use data_encoding::HEXLOWER;
use domain::WorkspaceId;
use event_log::Security;
use operator::{Backends, Control, bootstrap, provision_now};
use tenancy::credentials::{LoginRole, Purpose, RootKey};

use crate::{
    Emulator, Host, Process, Program, TestStore,
    servers::{OwnKafka, OwnPostgres},
};

/// All tests share one Postgres server, whose fleet logins derive from one root.
const ROOT: [u8; 32] = [7; 32];

/// The origin of the page, as far as buckets know.
pub const ORIGIN: &str = "http://app.example";

/// The servers, a control database, and the secrets that the operator would hold.
pub struct Lab {
    /// The operator's connections.
    pub control: Control,
    /// Kafka's bootstrap servers.
    pub kafka: String,
    /// The admin's URL.
    pub admin_url: String,
    /// The control database's name.
    pub control_database: String,
    /// Signs tokens as `auth` would.
    pub signer: Signer,
    /// What programs are told beyond what they all need, by environment variable.
    pub settings: Vec<(String, String)>,
    signing_seed: [u8; 32],
    /// The object store of its workspaces.
    pub store: TestStore,
    /// Where functions run, if not as servers of their own.
    pub lambda: Option<Emulator>,
}

/// A provisioned workspace.
#[derive(Clone, Debug)]
pub struct TestWorkspace {
    /// Its identity.
    pub id: WorkspaceId,
    /// Its name in URLs.
    pub handle: String,
}

impl Lab {
    /// Connects to the servers of this test run, with a fresh control database.
    ///
    /// # Errors
    /// The run was not started by `cargo xtask test`, or a server is away.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(TestStore::start()?).await
    }

    /// The same with a chosen object store.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(store: TestStore) -> anyhow::Result<Self> {
        Self::connect(variable("THREADLY_TEST_POSTGRES")?, variable("THREADLY_TEST_KAFKA")?, store).await
    }

    /// The same on servers of the test's own.
    ///
    /// # Errors
    /// A server is away.
    pub async fn start_on(postgres: &OwnPostgres, kafka: &OwnKafka) -> anyhow::Result<Self> {
        Self::connect(postgres.url(), kafka.bootstrap(), TestStore::start()?).await
    }

    /// Has functions run on another host from now on; the edge and the clock never do.
    ///
    /// # Errors
    /// The host does not start.
    pub async fn on(mut self, host: Host) -> anyhow::Result<Self> {
        self.lambda = match host {
            Host::Hyper => None,
            Host::Lambda => Some(Emulator::start().await?),
        };
        Ok(self)
    }

    async fn connect(admin_url: String, kafka: String, store: TestStore) -> anyhow::Result<Self> {
        let control_database = format!("control_{}", uuid::Uuid::new_v4().simple());
        let backends = Backends {
            admin_url: admin_url.clone(),
            postgres_ca: None,
            kafka: kafka.clone(),
            kafka_security: Security::default(),
            root_key: RootKey::from_bytes(ROOT),
            s3: store.config().clone(),
            origins: vec![ORIGIN.to_owned()],
        };
        let control = Box::pin(bootstrap(&backends, &control_database)).await?;
        let signing_seed: [u8; 32] = rand::random();
        let signer = Signer::from_seed(&signing_seed)?;
        operator::registry::publish_signing_key(&control.pool, signer.kid(), signer.public_key()).await?;
        Ok(Self {
            control,
            kafka,
            admin_url,
            control_database,
            signer,
            settings: Vec::new(),
            signing_seed,
            store,
            lambda: None,
        })
    }

    /// A workspace of its own, open to register in; its handle begins with `name`.
    ///
    /// # Errors
    /// It can't be provisioned.
    pub async fn workspace(&self, name: &str) -> anyhow::Result<TestWorkspace> {
        let handle = format!("{name}-{}", &uuid::Uuid::new_v4().simple().to_string()[..8]);
        let text = format!(
            "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {{name: {handle}}}\nspec:\n  displayName: {name}\n  owner: {{email: owner@{handle}.example}}\n  signUp: {{mode: Open}}\n"
        );
        let manifest = manifest::parse(&format!("{handle}.yaml"), &text).into_iter().next();
        let Some(Ok(manifest::Manifest::Workspace(manifest))) = manifest else {
            bail!("the test's manifest is refused: {manifest:?}");
        };
        let id = provision_now(&self.control, &manifest).await?;
        Ok(TestWorkspace { id, handle })
    }

    /// A data folder of `threadly` that holds the lab's keys.
    ///
    /// # Errors
    /// It can't be written.
    pub fn keys(&self) -> anyhow::Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        let secrets = folder.path().join("secrets");
        std::fs::create_dir(&secrets)?;
        std::fs::write(secrets.join("root.key"), ROOT)?;
        std::fs::write(secrets.join("signing-root.key"), self.signing_seed)?;
        Ok(folder)
    }

    /// Starts one of Threadly's programs on a free port, under a stable instance name.
    ///
    /// # Errors
    /// It does not become ready.
    pub async fn spawn(&self, program: Program, instance: &str, role: &str) -> anyhow::Result<Process> {
        let mut process = self.begin(program, instance, role).await?;
        process.ready().await?;
        Ok(process)
    }

    /// The same without waiting until it is ready.
    ///
    /// # Errors
    /// It can't be started.
    pub async fn begin(&self, program: Program, instance: &str, role: &str) -> anyhow::Result<Process> {
        let login = if program == Program::Auth { LoginRole::Auth } else { LoginRole::Functions };
        let key = RootKey::from_bytes(ROOT).purpose(login.purpose());
        let server: sqlx::postgres::PgConnectOptions = self.admin_url.parse()?;
        let mut environment = vec![
            ("THREADLY_KAFKA".to_owned(), self.kafka.clone()),
            ("THREADLY_POSTGRES".to_owned(), format!("postgres://{}:{}", server.get_host(), server.get_port())),
            ("THREADLY_CONTROL_DATABASE".to_owned(), self.control_database.clone()),
            ("THREADLY_DATABASE_KEY".to_owned(), HEXLOWER.encode(key.expose())),
            ("THREADLY_SIGNING_KEY".to_owned(), HEXLOWER.encode(&self.signing_seed)),
            (
                "THREADLY_TICK_KEY".to_owned(),
                HEXLOWER.encode(RootKey::from_bytes(ROOT).purpose(Purpose::Tick).expose()),
            ),
            ("THREADLY_INSTANCE".to_owned(), instance.to_owned()),
            ("THREADLY_ROLE".to_owned(), role.to_owned()),
            // Tests ask as fast as they can.
            ("THREADLY_REQUESTS_PER_SECOND".to_owned(), "0".to_owned()),
            ("THREADLY_LOG".to_owned(), env::var("THREADLY_TEST_LOG").unwrap_or_else(|_| "warn".to_owned())),
        ];
        // Only who works with objects is told where they are.
        if program == Program::Directory {
            environment.extend(self.store.environment());
        }
        environment.extend(self.settings.iter().cloned());
        let (binary, name) = (self::program(program.binary())?, instance.to_owned());
        match &self.lambda {
            Some(lambda) if program.is_function() => {
                environment.extend(lambda.environment(instance)?);
                Process::begin_at(binary, name, environment, lambda.url(instance))
            }
            _ => Process::begin(binary, name, environment).await,
        }
    }
}

/// Where `cargo build` puts a program.
///
/// # Errors
/// It has not been built.
pub fn program(name: &str) -> anyhow::Result<PathBuf> {
    let folder = match env::var_os("THREADLY_TEST_BIN") {
        Some(folder) => PathBuf::from(folder),
        None => {
            let test = env::current_exe()?;
            test.ancestors().nth(2).context("a test runs in target/PROFILE/deps")?.to_owned()
        }
    };
    let path = folder.join(name);
    if path.exists() {
        return Ok(path);
    }
    bail!("{name} is not built; run the tests with `cargo xtask test`")
}

fn variable(name: &str) -> anyhow::Result<String> {
    env::var(name).with_context(|| format!("{name} is not set: run the tests with `cargo xtask test`"))
}
