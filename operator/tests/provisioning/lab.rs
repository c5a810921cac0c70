//! What these tests stand on.

use std::{env, fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, bail};
use crds::{Manifest, WorkspaceManifest, manifest::parse};
use event_log::Security;
use operator::{Backends, Control, WorkspaceStatus, bootstrap, run_directory};
use sqlx::{Connection as _, PgConnection, PgPool};
use tempfile::TempDir;
use tenancy::credentials::{LoginRole, RootKey};
use testkit::TestStore;
use tokio::{sync::watch, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

/// The fleet's logins are the server's, so every test on it must derive them from the same root.
pub const ROOT: [u8; 32] = [7; 32];
/// No wait in a test is longer.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Real backends, and a control database of its own.
pub struct Lab {
    pub control: Control,
    pub backends: Backends,
    pub control_database: String,
    pub store: TestStore,
}

impl Lab {
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(TestStore::start()?).await
    }

    pub async fn start_with(store: TestStore) -> anyhow::Result<Self> {
        Self::start_on(store, variable("THREADLY_TEST_KAFKA")?).await
    }

    /// The same with a broker of the test's own.
    pub async fn start_on(store: TestStore, kafka: String) -> anyhow::Result<Self> {
        let backends = Backends {
            admin_url: variable("THREADLY_TEST_POSTGRES")?,
            postgres_ca: None,
            kafka,
            kafka_security: Security::default(),
            root_key: RootKey::from_bytes(ROOT),
            s3: store.config().clone(),
            origins: vec![testkit::ORIGIN.to_owned()],
        };
        let control_database = format!("control_{}", unique("op").replace('-', "_"));
        let control = bootstrap(&backends, &control_database).await?;
        Ok(Self { control, backends, control_database, store })
    }

    /// A second program on the same backends.
    pub async fn again(&self) -> anyhow::Result<Control> {
        Ok(bootstrap(&self.backends, &self.control_database).await?)
    }

    pub fn pool(&self) -> &PgPool {
        &self.control.pool
    }

    /// Connects as one of the fleet's logins.
    pub async fn connect_as(&self, role: LoginRole, database: &str) -> sqlx::Result<PgConnection> {
        let password = RootKey::from_bytes(ROOT).purpose(role.purpose()).login_password(role, 1);
        let options = self.control.server().clone().username(role.name()).password(&password).database(database);
        PgConnection::connect_with(&options).await
    }

    pub async fn state(&self, place: &str) -> anyhow::Result<Vec<(String, String)>> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("select id, state from control.workspaces where place = $1 order by created_at")
                .bind(place)
                .fetch_all(self.pool())
                .await?;
        Ok(rows)
    }
}

pub fn variable(name: &str) -> anyhow::Result<String> {
    env::var(name).with_context(|| format!("{name} is not set; run this through `cargo xtask test`"))
}

/// A name that no other test has.
pub fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", operator::registry::mint())
}

/// A workspace's YAML; `more` is added to its spec.
pub fn yaml(name: &str, more: &str) -> String {
    format!(
        "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {{name: {name}}}\nspec:\n  owner: {{email: ops@acme.example}}\n{more}"
    )
}

pub fn manifest(name: &str, more: &str) -> anyhow::Result<WorkspaceManifest> {
    match parse("test.yaml", &yaml(name, more)).pop() {
        Some(Ok(Manifest::Workspace(manifest))) => Ok(*manifest),
        other => bail!("{other:?}"),
    }
}

/// A program that reads a directory.
pub struct Running {
    folder: TempDir,
    shutdown: CancellationToken,
    status: watch::Receiver<Vec<WorkspaceStatus>>,
    task: Option<JoinHandle<()>>,
}

impl Running {
    pub fn start(lab: &Lab) -> anyhow::Result<Self> {
        Ok(Self::over(lab.control.clone(), tempfile::tempdir()?))
    }

    /// Starts on a folder that is filled already.
    pub fn over(control: Control, folder: TempDir) -> Self {
        let shutdown = CancellationToken::new();
        let (sender, status) = watch::channel(Vec::new());
        let directory = folder.path().join("workspaces");
        fs::create_dir_all(&directory).unwrap();
        let task = tokio::spawn(run_directory(control, directory, shutdown.clone(), sender));
        Self { folder, shutdown, status, task: Some(task) }
    }

    pub fn directory(&self) -> PathBuf {
        self.folder.path().join("workspaces")
    }

    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.directory().join(file), text).unwrap();
    }

    pub fn remove(&self, file: &str) {
        fs::remove_file(self.directory().join(file)).unwrap();
    }

    /// Waits until the statuses are as wanted.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&[WorkspaceStatus]) -> bool) -> Vec<WorkspaceStatus> {
        let found = timeout(LIMIT, self.status.wait_for(|status| wanted(status))).await;
        if let Ok(Ok(status)) = found {
            return status.clone();
        }
        drop(found);
        panic!("not within {LIMIT:?}: {what}; last seen {:#?}", *self.status.borrow());
    }

    /// Waits for one file's word.
    pub async fn reason(&mut self, file: &str, reason: &str) -> WorkspaceStatus {
        let found = |status: &WorkspaceStatus| status.file == file && status.reason == reason;
        let all = self.until(&format!("{file} is {reason}"), |all| all.iter().any(found)).await;
        all.into_iter().find(found).unwrap()
    }

    /// Ends it as SIGTERM would, and gives the folder back for the next one.
    pub async fn stop(mut self) -> TempDir {
        self.shutdown.cancel();
        timeout(LIMIT, self.task.take().unwrap()).await.unwrap().unwrap();
        self.folder
    }
}

/// Waits until a query of the registry answers `true`.
pub async fn until_row(pool: &PgPool, what: &str, query: &'static str, id: &str) {
    let poll = async {
        loop {
            let found: bool = sqlx::query_scalar(query).bind(id).fetch_one(pool).await.unwrap();
            if found {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(timeout(LIMIT, poll).await.is_ok(), "not within {LIMIT:?}: {what}");
}
