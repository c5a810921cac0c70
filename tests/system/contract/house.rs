//! `threadly` as one process with one workspace, over which everything is at one address.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, ensure};
use domain::WorkspaceId;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Process, wait};
use tokio::net::TcpListener;
use uuid::Uuid;

/// The workspace's name in URLs.
pub(super) const HANDLE: &str = "contract";
/// The first start makes a database and topics.
const READY: Duration = Duration::from_secs(60);
const PASSWORD: &str = "correct horse battery";
const MANIFEST: &str = "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {name: contract}\nspec:\n  \
                        displayName: Contract\n  owner: {email: owner@acme.example}\n  signUp: {mode: Open}\n";

/// A running house.
pub(super) struct Single {
    pub(super) kafka: String,
    pub(super) workspace_id: WorkspaceId,
    threadly: Process,
    ticket: String,
    folder: TempDir,
}

impl Single {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let given = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
        let (kafka, postgres) = (given("THREADLY_TEST_KAFKA")?, given("THREADLY_TEST_POSTGRES")?);
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        fs::create_dir(path("secrets"))?;
        // All programs on one Postgres server derive its logins from the same root; this is the tests'.
        fs::write(path("secrets/root.key"), [7; 32])?;
        fs::create_dir(path("workspaces"))?;
        fs::write(path("workspaces/contract.yaml"), MANIFEST)?;
        let buckets = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let environment = [
            ("THREADLY_KAFKA", kafka.clone()),
            ("THREADLY_POSTGRES_URL", postgres),
            ("THREADLY_CONTROL_DATABASE", format!("control_{}", Uuid::new_v4().simple())),
            ("THREADLY_DATA_DIR", folder.path().to_string_lossy().into_owned()),
            ("THREADLY_MANIFESTS", path("workspaces")),
            ("THREADLY_BUCKETS_LISTEN", buckets.to_string()),
            ("THREADLY_LOG", std::env::var("THREADLY_TEST_LOG").unwrap_or_else(|_| "warn".to_owned())),
            // Thousands of requests come from one person.
            ("THREADLY_REQUESTS_PER_SECOND", "0".to_owned()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).into();
        let mut threadly = Process::begin(testkit::program("threadly")?, "threadly".to_owned(), environment).await?;
        let status = wait::until("the workspace is served", READY, async || {
            let ended = !matches!(threadly.ended(), Ok(None));
            ended.then_some(Err("threadly has ended")).or_else(|| ready(folder.path()).map(Ok))
        });
        let status = status.await?.map_err(anyhow::Error::msg)?;
        let text = |name: &str| status[name].as_str().map(str::to_owned).with_context(|| format!("no {name}"));
        let link = text("signInLink")?;
        let ticket = link.rsplit("ticket=").next().context("no ticket")?.to_owned();
        Ok(Self { kafka, workspace_id: text("id")?.parse()?, threadly, ticket, folder })
    }

    pub(super) fn url(&self) -> String {
        self.threadly.url()
    }

    /// Where the test may put files of its own.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A document as it is served.
    pub(super) async fn document(&self, name: &str) -> anyhow::Result<Value> {
        let answer = reqwest::get(format!("{}/{name}", self.url())).await?.error_for_status()?;
        Ok(answer.json().await?)
    }

    /// Somebody without a token.
    pub(super) fn nobody(&self) -> Person {
        let base = format!("{}/w/{HANDLE}/v1", self.url());
        Person { base, id: String::new(), token: String::new(), refresh_token: String::new() }
    }

    /// The owner, by the link that works once.
    pub(super) async fn owner(&self) -> anyhow::Result<Person> {
        let body = json!({"ticket": self.ticket, "displayName": "Owner"});
        self.nobody().signed_in("/auth/redeem", &body).await
    }

    /// Somebody new.
    pub(super) async fn register(&self, name: &str) -> anyhow::Result<Person> {
        let id = Uuid::now_v7();
        let email = format!("{name}-{id}@acme.example");
        let body = json!({"userId": id, "email": email, "password": PASSWORD, "displayName": format!("{name} {id}")});
        self.nobody().signed_in("/auth/register", &body).await
    }

    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        self.threadly.stop().await
    }
}

/// The workspace's entry in `status.json`, once it can be used.
fn ready(folder: &Path) -> Option<Value> {
    let status: Value = serde_json::from_slice(&fs::read(folder.join("status.json")).ok()?).ok()?;
    let entry = status["workspaces"].get(0)?.clone();
    (status["ready"] == true && entry["signInLink"].is_string()).then_some(entry)
}

/// Somebody at the house.
#[derive(Clone, Debug)]
pub(super) struct Person {
    base: String,
    pub(super) id: String,
    pub(super) token: String,
    refresh_token: String,
}

/// An answer of the house.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) json: Value,
}

impl Person {
    /// A request to a path behind `/w/{handle}/v1`.
    pub(super) async fn ask(&self, method: &Method, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let mut request = client.request(method.clone(), format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        Ok(Answer { status: answer.status(), json: answer.json().await.unwrap_or_default() })
    }

    /// The same; a refusal is an error.
    pub(super) async fn ok(&self, method: &Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let answer = self.ask(method, path, body).await?;
        ensure!(answer.status.is_success(), "{method} {path}: {answer:?}");
        Ok(answer.json)
    }

    /// A new access token, for the next ten minutes.
    pub(super) async fn renew(&mut self) -> anyhow::Result<()> {
        let nobody = Self { token: String::new(), ..self.clone() };
        *self = nobody.signed_in("/auth/refresh", &json!({"refreshToken": self.refresh_token})).await?;
        Ok(())
    }

    async fn signed_in(self, path: &str, body: &Value) -> anyhow::Result<Self> {
        let session = self.ok(&Method::POST, path, Some(body)).await?;
        let said = |value: &Value| value.as_str().map(str::to_owned).with_context(|| format!("no tokens in {session}"));
        let (id, token) = (said(&session["user"]["userId"])?, said(&session["accessToken"])?);
        Ok(Self { id, token, refresh_token: said(&session["refreshToken"])?, base: self.base })
    }
}
