//! An API server with Threadly's resources, and `threadly` on it.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use testkit::{Lab, servers::OwnKubernetes, wait};
use tokio::process::{Child, Command};

use super::reader::Reader;

/// For whatever must happen in the end.
pub(crate) const LIMIT: Duration = Duration::from_secs(90);
/// The operator looks more often than a cluster's does.
pub(crate) const LOOK_SECONDS: &str = "4";
/// The account that its rights are given to.
pub(crate) const OPERATOR: &str = "system:serviceaccount:threadly-system:threadly-operator";

/// An API server with Threadly's resources, and `threadly` on it.
pub(crate) struct Cluster {
    pub(crate) api: Arc<OwnKubernetes>,
    reader: Reader,
    pub(crate) lab: Lab,
    program: Option<Child>,
    port: u16,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) keys: tempfile::TempDir,
}

impl Cluster {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::start_on(Lab::start().await?).await
    }

    /// The same with a chosen registry; `threadly` is told the lab's settings.
    pub(crate) async fn start_on(lab: Lab) -> anyhow::Result<Self> {
        let mut cluster = Self::bare(lab).await?;
        cluster.run().await?;
        Ok(cluster)
    }

    /// The API server with all that the platform team brings, and nobody who works on it.
    pub(crate) async fn bare(lab: Lab) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("kubernetes");
        std::fs::create_dir(&path)?;
        let api = Arc::new(tokio::task::spawn_blocking(move || OwnKubernetes::start(&path)).await??);
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let keys = lab.keys()?;
        let reader = Reader::with(api.kubeconfig()).await?;
        let cluster = Self { api, reader, lab, program: None, port, folder, keys };
        let crds = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crds");
        cluster.kubectl(&["create", "namespace", "threadly-system"]).await?;
        for part in ["yaml", "policies", "rbac"] {
            cluster.kubectl(&["apply", "--server-side", "-f", &crds.join(part).to_string_lossy()]).await?;
            cluster.kubectl(&["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]).await?;
        }
        cluster.apply(&cluster.platform()?).await?;
        Ok(cluster)
    }

    /// What the platform team brings.
    pub(crate) fn platform(&self) -> anyhow::Result<String> {
        let url = reqwest::Url::parse(&self.lab.admin_url)?;
        let (host, port) = (url.host_str().context("a host")?, url.port().unwrap_or(5432));
        let (user, password) = (url.username(), url.password().unwrap_or_default());
        Ok(format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: team-acme}}\n---\n\
             apiVersion: v1\nkind: Secret\nmetadata: {{name: pg-admin, namespace: threadly-system}}\n\
             stringData: {{username: {user:?}, password: {password:?}}}\n---\n\
             apiVersion: threadly.dev/v1alpha1\nkind: WorkspaceClass\n\
             metadata: {{name: standard, annotations: {{threadly.dev/is-default-class: \"true\"}}}}\n\
             spec:\n  kafka: {{bootstrapServers: [{kafka:?}]}}\n\
             \x20 postgres: {{host: {host:?}, port: {port}, adminSecret: pg-admin, tls: {{mode: Disable}}}}\n",
            kafka = self.lab.kafka
        ))
    }

    /// Starts `threadly` with the cluster as its source.
    pub(crate) async fn run(&mut self) -> anyhow::Result<()> {
        let log =
            std::fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join("threadly.log"))?;
        let child = Command::new(testkit::program("threadly")?)
            .env("THREADLY_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("THREADLY_BUCKETS_LISTEN", "127.0.0.1:0")
            .env("THREADLY_KAFKA", &self.lab.kafka)
            .env("THREADLY_POSTGRES_URL", &self.lab.admin_url)
            .env("THREADLY_CONTROL_DATABASE", &self.lab.control_database)
            .env("THREADLY_DATA_DIR", self.keys.path())
            .env("THREADLY_LOOK_SECONDS", LOOK_SECONDS)
            .envs(self.lab.settings.iter().cloned())
            .env("THREADLY_KUBECONFIG", self.api.kubeconfig_for(OPERATOR, &["system:serviceaccounts"])?)
            .stdout(Stdio::from(log.try_clone()?))
            .stderr(Stdio::from(log))
            .kill_on_drop(true)
            .spawn()?;
        self.program = Some(child);
        let ready = format!("{}/readyz", self.url());
        wait::until("threadly is ready", LIMIT, async || {
            reqwest::get(&ready).await.ok()?.status().is_success().then_some(())
        })
        .await
        .with_context(|| self.log())
    }

    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        self.program.take().context("it runs")?.kill().await?;
        Ok(())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn log(&self) -> String {
        let text = std::fs::read_to_string(self.folder.path().join("threadly.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    pub(crate) async fn run_kubectl(&self, args: &[&str], stdin: Option<&str>) -> anyhow::Result<std::process::Output> {
        let (api, args, stdin) =
            (self.api.clone(), args.iter().map(ToString::to_string).collect::<Vec<_>>(), stdin.map(str::to_owned));
        tokio::task::spawn_blocking(move || {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            api.kubectl(Path::new(api.kubeconfig()), &args, stdin.as_deref())
        })
        .await?
    }

    pub(crate) async fn kubectl(&self, args: &[&str]) -> anyhow::Result<String> {
        let output = self.run_kubectl(args, None).await?;
        if !output.status.success() {
            bail!("kubectl {args:?}: {}\n{}", String::from_utf8_lossy(&output.stderr), self.log());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    pub(crate) async fn apply(&self, text: &str) -> anyhow::Result<()> {
        let output = self.run_kubectl(&["apply", "-f", "-"], Some(text)).await?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    pub(crate) async fn wait_for(&self, condition: &str, object: &str) -> anyhow::Result<()> {
        let condition = format!("--for=condition={condition}");
        self.kubectl(&["wait", &condition, object, "-n", "team-acme", "--timeout=90s"]).await.map(drop)
    }

    pub(crate) async fn object(&self, object: &str) -> anyhow::Result<Value> {
        self.reader.find(object, "team-acme").await?.with_context(|| format!("no {object}"))
    }

    /// An object of the cluster or of the operator's namespace, if there is one.
    pub(crate) async fn find(&self, object: &str) -> anyhow::Result<Option<Value>> {
        self.reader.find(object, "threadly-system").await
    }

    /// Waits until an object is as `is` says.
    pub(crate) async fn until(
        &self,
        what: &str,
        object: &str,
        mut is: impl FnMut(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        wait::until(what, LIMIT, async || self.object(object).await.ok().filter(|found| is(found)))
            .await
            .with_context(|| self.log())
    }
}

/// A Workspace of the first tenant.
pub(crate) fn workspace(name: &str, more: &str) -> String {
    format!(
        "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {{name: {name}, namespace: team-acme}}\n\
         spec: {{owner: {{email: ops@acme.example}}, signUp: {{mode: Open}}, {more}}}\n"
    )
}

/// A condition's status and reason.
pub(crate) fn condition<'a>(object: &'a Value, kind: &str) -> (&'a str, &'a str) {
    let conditions = object["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = conditions.iter().find(|condition| condition["type"] == kind);
    found.map_or(("", ""), |condition| {
        (condition["status"].as_str().unwrap_or_default(), condition["reason"].as_str().unwrap_or_default())
    })
}
