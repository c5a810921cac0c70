//! A control database of its own on the real servers, and workspaces in it.

use std::{env, path::PathBuf};

use access::token::Signer;
use anyhow::{Context, bail};
use crds::manifest;
use data_encoding::HEXLOWER;
use domain::WorkspaceId;
use operator::{Backends, Control, bootstrap, provision_now};
use tenancy::credentials::{LoginRole, RootKey};

use crate::{Process, Program};

/// All tests share one Postgres server, whose fleet logins derive from one root.
const ROOT: [u8; 32] = [7; 32];

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
    signing_seed: [u8; 32],
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
        let admin_url = variable("THREADLY_TEST_POSTGRES")?;
        let kafka = variable("THREADLY_TEST_KAFKA")?;
        let control_database = format!("control_{}", uuid::Uuid::new_v4().simple());
        let backends =
            Backends { admin_url: admin_url.clone(), kafka: kafka.clone(), root_key: RootKey::from_bytes(ROOT) };
        let control = bootstrap(&backends, &control_database).await?;
        let signing_seed: [u8; 32] = rand::random();
        let signer = Signer::from_seed(&signing_seed)?;
        operator::registry::publish_signing_key(&control.pool, signer.kid(), signer.public_key()).await?;
        Ok(Self { control, kafka, admin_url, control_database, signer, signing_seed })
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

    /// Starts one of Threadly's programs on a free port, under a stable instance name.
    ///
    /// # Errors
    /// It does not become ready.
    pub async fn spawn(&self, program: Program, instance: &str, role: &str) -> anyhow::Result<Process> {
        let login = if program == Program::Auth { LoginRole::Auth } else { LoginRole::Functions };
        let key = RootKey::from_bytes(ROOT).purpose(login.purpose());
        let server: sqlx::postgres::PgConnectOptions = self.admin_url.parse()?;
        let environment = vec![
            ("THREADLY_KAFKA".to_owned(), self.kafka.clone()),
            ("THREADLY_POSTGRES".to_owned(), format!("postgres://{}:{}", server.get_host(), server.get_port())),
            ("THREADLY_CONTROL_DATABASE".to_owned(), self.control_database.clone()),
            ("THREADLY_DATABASE_KEY".to_owned(), HEXLOWER.encode(key.expose())),
            ("THREADLY_SIGNING_KEY".to_owned(), HEXLOWER.encode(&self.signing_seed)),
            ("THREADLY_INSTANCE".to_owned(), instance.to_owned()),
            ("THREADLY_ROLE".to_owned(), role.to_owned()),
            ("THREADLY_LOG".to_owned(), env::var("THREADLY_TEST_LOG").unwrap_or_else(|_| "warn".to_owned())),
        ];
        Process::start(binary(program.binary())?, instance.to_owned(), environment).await
    }
}

/// Where `cargo build` puts a program.
///
/// # Errors
/// It has not been built.
pub(crate) fn binary(name: &str) -> anyhow::Result<PathBuf> {
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
