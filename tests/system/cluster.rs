//! Workspaces by kubectl on a real API server: made, used, changed, taken away and brought back.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use event_log::admin::TopicAdmin;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use testkit::{
    Lab, Person,
    servers::{OwnKafka, OwnKubernetes},
    wait,
};
use tokio::process::{Child, Command};

const LIMIT: Duration = Duration::from_secs(90);
/// The account that its rights are given to.
const OPERATOR: &str = "system:serviceaccount:threadly-system:threadly-operator";

/// An API server with Threadly's resources, and `threadly` on it.
struct Cluster {
    api: Arc<OwnKubernetes>,
    lab: Lab,
    program: Option<Child>,
    port: u16,
    folder: tempfile::TempDir,
    keys: tempfile::TempDir,
}

impl Cluster {
    async fn start() -> anyhow::Result<Self> {
        let lab = Lab::start().await?;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("kubernetes");
        std::fs::create_dir(&path)?;
        let api = Arc::new(tokio::task::spawn_blocking(move || OwnKubernetes::start(&path)).await??);
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let keys = lab.keys()?;
        let mut cluster = Self { api, lab, program: None, port, folder, keys };
        let crds = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crds");
        cluster.kubectl(&["create", "namespace", "threadly-system"]).await?;
        for part in ["yaml", "policies", "rbac"] {
            cluster.kubectl(&["apply", "--server-side", "-f", &crds.join(part).to_string_lossy()]).await?;
            cluster.kubectl(&["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]).await?;
        }
        cluster.apply(&cluster.platform()?).await?;
        cluster.run().await?;
        Ok(cluster)
    }

    /// What the platform team brings.
    fn platform(&self) -> anyhow::Result<String> {
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
    async fn run(&mut self) -> anyhow::Result<()> {
        let log =
            std::fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join("threadly.log"))?;
        let child = Command::new(testkit::program("threadly")?)
            .env("THREADLY_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("THREADLY_BUCKETS_LISTEN", "127.0.0.1:0")
            .env("THREADLY_KAFKA", &self.lab.kafka)
            .env("THREADLY_POSTGRES_URL", &self.lab.admin_url)
            .env("THREADLY_CONTROL_DATABASE", &self.lab.control_database)
            .env("THREADLY_DATA_DIR", self.keys.path())
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

    async fn kill(&mut self) -> anyhow::Result<()> {
        self.program.take().context("it runs")?.kill().await?;
        Ok(())
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn log(&self) -> String {
        let text = std::fs::read_to_string(self.folder.path().join("threadly.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    async fn run_kubectl(&self, args: &[&str], stdin: Option<&str>) -> anyhow::Result<std::process::Output> {
        let (api, args, stdin) =
            (self.api.clone(), args.iter().map(ToString::to_string).collect::<Vec<_>>(), stdin.map(str::to_owned));
        tokio::task::spawn_blocking(move || {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            api.kubectl(Path::new(api.kubeconfig()), &args, stdin.as_deref())
        })
        .await?
    }

    async fn kubectl(&self, args: &[&str]) -> anyhow::Result<String> {
        let output = self.run_kubectl(args, None).await?;
        if !output.status.success() {
            bail!("kubectl {args:?}: {}\n{}", String::from_utf8_lossy(&output.stderr), self.log());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    async fn apply(&self, text: &str) -> anyhow::Result<()> {
        let output = self.run_kubectl(&["apply", "-f", "-"], Some(text)).await?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    async fn wait_for(&self, condition: &str, object: &str) -> anyhow::Result<()> {
        let condition = format!("--for=condition={condition}");
        self.kubectl(&["wait", &condition, object, "-n", "team-acme", "--timeout=90s"]).await.map(drop)
    }

    async fn object(&self, object: &str) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&self.kubectl(&["get", object, "-n", "team-acme", "-o", "json"]).await?)?)
    }

    /// Waits until an object is as `is` says.
    async fn until(&self, what: &str, object: &str, mut is: impl FnMut(&Value) -> bool) -> anyhow::Result<Value> {
        wait::until(what, LIMIT, async || self.object(object).await.ok().filter(|found| is(found)))
            .await
            .with_context(|| self.log())
    }
}

fn workspace(name: &str, more: &str) -> String {
    format!(
        "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {{name: {name}, namespace: team-acme}}\n\
         spec: {{owner: {{email: ops@acme.example}}, signUp: {{mode: Open}}, {more}}}\n"
    )
}

fn condition<'a>(object: &'a Value, kind: &str) -> (&'a str, &'a str) {
    let conditions = object["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = conditions.iter().find(|condition| condition["type"] == kind);
    found.map_or(("", ""), |condition| {
        (condition["status"].as_str().unwrap_or_default(), condition["reason"].as_str().unwrap_or_default())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_lives_its_whole_life_by_kubectl() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    // Unique, since test runs share a Kafka.
    cluster.apply(&workspace("acme", "")).await?;
    cluster.wait_for("Ready", "workspace/acme").await?;
    let made = cluster.object("workspace/acme").await?;
    let id = made["status"]["workspaceId"].as_str().context("an id")?.to_owned();
    assert_eq!(made["status"]["className"], "standard");
    assert_eq!(made["status"]["url"], format!("{}/w/acme/", cluster.url()));
    assert_eq!(made["status"]["observedGeneration"], made["metadata"]["generation"]);
    assert_eq!(made["status"]["resources"]["database"], format!("t_{id}"));
    for (kind, status) in [
        ("TopicsReady", "True"),
        ("DatabaseReady", "True"),
        ("SchemaCurrent", "True"),
        ("BucketReady", "True"),
        ("Suspended", "False"),
        ("Paused", "False"),
        ("Reconciling", "False"),
        ("Stalled", "False"),
    ] {
        assert_eq!(condition(&made, kind).0, status, "{kind}");
    }
    let events = cluster.kubectl(&["get", "events", "-n", "team-acme"]).await?;
    assert!(events.contains("Ready"), "{events}");

    let url = cluster.url();
    let ada = Person::register(&url, "acme", "ada").await?;
    let channel = ada.make_channel(&url, "public").await?;
    let path = format!("/channels/{channel}/messages?limit=1");
    let (posted, _) = ada.post(&url, channel, "before").await?;

    // Somebody's hand in the status does not last.
    let lie = r#"{"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Lie", "message": "", "lastTransitionTime": "2020-01-01T00:00:00Z"}]}}"#;
    let patch = ["patch", "workspace", "acme", "-n", "team-acme", "--subresource=status", "--type=merge", "-p", lie];
    cluster.kubectl(&patch).await?;
    cluster
        .until("the status is true again", "workspace/acme", |object| condition(object, "Ready").0 == "True")
        .await?;

    let mut socket = ada.connect(&url, None).await?;
    socket.next_of("ready", LIMIT).await?;
    cluster.apply(&workspace("acme", "suspended: true")).await?;
    assert_eq!(socket.closed(LIMIT).await?, Some(4423), "its own close code");
    let suspended =
        cluster.until("it is suspended", "workspace/acme", |object| condition(object, "Suspended").0 == "True").await?;
    assert_eq!(condition(&suspended, "Ready"), ("False", "Suspended"));
    wait::until("requests are refused", LIMIT, async || {
        let answer = ada.request(Method::GET, &url, &path, None).await.ok()?;
        (answer.status == StatusCode::FORBIDDEN && answer.code() == "workspace-suspended").then_some(())
    })
    .await?;
    cluster.apply(&workspace("acme", "suspended: false")).await?;
    cluster.wait_for("Ready", "workspace/acme").await?;

    // It is taken away while nobody looks.
    cluster.kill().await?;
    cluster.kubectl(&["delete", "workspace", "acme", "-n", "team-acme"]).await?;
    cluster.run().await?;
    let retained = cluster.until("it is retained", &format!("retainedworkspace/{id}"), |_| true).await?;
    assert_eq!(retained["spec"]["handle"], "acme");
    assert_eq!(retained["spec"]["formerPlace"]["namespace"], "team-acme");
    wait::until("it is out of service", LIMIT, async || {
        let answer = ada.request(Method::GET, &url, &path, None).await.ok()?;
        (answer.status == StatusCode::NOT_FOUND).then_some(())
    })
    .await?;

    // One of the same name is another workspace; the data comes back to whoever names it.
    cluster.apply(&workspace("back", &format!("handle: acme, restore: {{retainedWorkspace: {id}}}"))).await?;
    cluster.wait_for("Ready", "workspace/back").await?;
    assert_eq!(cluster.object("workspace/back").await?["status"]["workspaceId"], id);
    let history = wait::until("it serves again", LIMIT, async || {
        ada.request(Method::GET, &url, &path, None).await.ok().filter(|answer| answer.status.is_success())
    })
    .await?;
    assert_eq!(history.json["items"][0]["messageId"], posted.to_string());
    wait::until("nothing is retained", LIMIT, async || {
        let listed = cluster.kubectl(&["get", "retainedworkspaces", "-o", "name"]).await.ok()?;
        listed.is_empty().then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_class_refuses_and_what_vanishes_at_once_is_told_and_destroys_nothing() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let unique = uuid::Uuid::new_v4().simple().to_string();
    let name = |index: usize| format!("w{index}-{}", &unique[..8]);
    let all: String = (0..6).map(|index| format!("{}---\n", workspace(&name(index), ""))).collect();
    cluster.apply(&all).await?;
    for index in 0..6 {
        cluster.wait_for("Ready", &format!("workspace/{}", name(index))).await?;
    }

    // The younger of two with one handle says so, and the older goes on.
    cluster.apply(&workspace("thief", &format!("handle: {}", name(0)))).await?;
    let thief =
        cluster.until("it is refused", "workspace/thief", |object| condition(object, "Stalled").0 == "True").await?;
    assert_eq!(condition(&thief, "Ready"), ("False", "HandleTaken"));
    cluster.apply(&workspace("nowhere", "className: gold")).await?;
    let nowhere =
        cluster.until("no class", "workspace/nowhere", |object| condition(object, "Stalled").0 == "True").await?;
    assert_eq!(condition(&nowhere, "Ready"), ("False", "ClassMissing"));
    cluster.kubectl(&["delete", "workspace", "thief", "nowhere", "-n", "team-acme"]).await?;

    // A class that goes while it is used takes nobody along.
    let class = cluster.kubectl(&["get", "workspaceclass", "standard", "-o", "json"]).await?;
    cluster.kubectl(&["delete", "workspaceclass", "standard"]).await?;
    let first = format!("workspace/{}", name(0));
    let classless =
        cluster.until("its class is gone", &first, |object| condition(object, "Ready").1 == "ClassMissing").await?;
    assert_eq!(condition(&classless, "Ready").0, "True", "it goes on");
    let mut class: Value = serde_json::from_str(&class)?;
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"] {
        class["metadata"].as_object_mut().context("metadata")?.remove(field);
    }
    cluster.apply(&class.to_string()).await?;
    cluster.until("its class is back", &first, |object| condition(object, "Ready") == ("True", "Ready")).await?;

    // Everybody vanishes while the operator is away: they serve on.
    cluster.kill().await?;
    cluster.kubectl(&["delete", "workspaces", "--all", "-n", "team-acme"]).await?;
    cluster.run().await?;
    let held = wait::until("it says so", LIMIT, async || cluster.log().contains("have vanished at once").then_some(()));
    held.await.with_context(|| cluster.log())?;
    let ada = Person::register(&cluster.url(), &name(3), "ada").await?;
    ada.make_channel(&cluster.url(), "public").await?;
    // Longer than an absence takes to settle, and one too few is not what was held.
    cluster.kubectl(&["annotate", "workspaceclass", "standard", "threadly.dev/allow-vanished=5"]).await?;
    tokio::time::sleep(operator::brake::SETTLE * 2).await;
    let retained = "select count(*) from control.workspaces where state = 'Retained'";
    let retained: i64 = sqlx::query_scalar(retained).fetch_one(&cluster.lab.control.pool).await?;
    assert_eq!(retained, 0, "nobody is retained before a person allows it");

    cluster
        .kubectl(&["annotate", "workspaceclass", "standard", "threadly.dev/allow-vanished=6", "--overwrite"])
        .await?;
    wait::until("all are retained", LIMIT, async || {
        let listed = cluster.kubectl(&["get", "retainedworkspaces", "-o", "name"]).await.ok()?;
        (listed.lines().count() == 6).then_some(())
    })
    .await
    .with_context(|| cluster.log())
}

fn secret(name: &str, fields: &Value) -> String {
    let metadata = serde_json::json!({"name": name, "namespace": "threadly-system"});
    serde_json::json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": fields}).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_on_a_kafka_that_asks_who_connects_opens_with_the_right_secrets() -> anyhow::Result<()> {
    let (cluster, kafka) = (Cluster::start().await?, OwnKafka::start_secured().await?);
    let security = kafka.security();
    let (login, tls) = (security.login.clone().context("a login")?, security.tls.clone().context("an authority")?);
    let standard = cluster.kubectl(&["get", "workspaceclass", "standard", "-o", "json"]).await?;
    let mut class: Value = serde_json::from_str(&standard)?;
    class["metadata"] = serde_json::json!({"name": "secured"});
    class["spec"]["kafka"] = serde_json::json!({
        "bootstrapServers": [kafka.bootstrap()],
        "security": {
            "protocol": "SASL_SSL", "mechanism": "SCRAM-SHA-512", "adminSecret": "kafka-admin", "caSecret": "kafka-ca",
        },
        "principals": "PerWorkspace",
    });
    cluster.apply(&class.to_string()).await?;
    cluster.apply(&workspace("guarded", "className: secured")).await?;
    let becomes = async |reason: &str| {
        let is = |object: &Value| condition(object, "Ready").1 == reason;
        cluster.until(reason, "workspace/guarded", is).await
    };
    becomes("SecretMissing").await?;

    let admin = |password: &str| serde_json::json!({"username": login.user, "password": password});
    cluster.apply(&secret("kafka-ca", &serde_json::json!({"ca.crt": "no certificate"}))).await?;
    cluster.apply(&secret("kafka-admin", &admin("wrong"))).await?;
    becomes("SecretWrong").await?;
    cluster.apply(&secret("kafka-ca", &serde_json::json!({"ca.crt": tls.ca}))).await?;
    let refused = becomes("BackendRefused").await?;
    assert!(refused.to_string().contains("check the name and the password"), "{refused}");

    cluster.apply(&secret("kafka-admin", &admin(login.password.expose()))).await?;
    let ready = becomes("Ready").await?;
    let user = ready["status"]["resources"]["topicPrefix"].as_str().context("a prefix")?.to_owned();
    let users = TopicAdmin::connect(&kafka.bootstrap(), &security)?.describe_users(std::slice::from_ref(&user)).await?;
    assert!(users.contains_key(&user), "{user} is a user of Kafka: {users:?}");
    Ok(())
}
