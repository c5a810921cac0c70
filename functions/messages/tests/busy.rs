//! Posting while other workspaces have every connection of the process.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use domain::{ChannelId, MessageId, SessionId, UserId};
use reqwest::{Client, StatusCode};
use serde_json::json;
use sqlx::{PgPool, postgres::PgConnectOptions};
use testkit::{Lab, Process, Program, wait};
use uuid::Uuid;

/// For what must happen, on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(30);
/// More than the 5 s after which facts are read anew.
const PAST_FRESH: Duration = Duration::from_secs(7);

/// Somebody in a channel of a workspace.
struct Poster {
    pool: PgPool,
    token: String,
    channel: String,
}

impl Poster {
    async fn new(lab: &Lab, messages: &Process, name: &str) -> Result<Self> {
        let workspace = lab.workspace(name).await?;
        let options: PgConnectOptions = lab.admin_url.parse()?;
        let pool = PgPool::connect_with(options.database(&workspace.id.database())).await?;
        let (ada, session, channel) = (UserId::random(), SessionId::random(), ChannelId::random());
        for statement in [
            "insert into users (id, email, display_name, role) values ($1, 'ada@acme.example', 'Ada', 'member')",
            "insert into sessions (id, user_id) values ($2, $1)",
            "insert into channels (id, name, visibility, created_by) values ($3, 'general', 'public', $1)",
            "insert into channel_members (channel_id, user_id, active, version) values ($3, $1, true, 1)",
        ] {
            // Each takes all three, so that one binding does for all.
            let statement = format!("with ids as (select $1::uuid, $2::uuid, $3::uuid) {statement}");
            let statement = sqlx::query(sqlx::AssertSqlSafe(statement));
            statement.bind(ada.0).bind(session.0).bind(channel.0).execute(&pool).await?;
        }
        let token = lab.signer.sign(&workspace.id, ada, session)?;
        let channel = format!("{}/w/{}/v1/channels/{channel}", messages.url(), workspace.handle);
        Ok(Self { pool, token, channel })
    }

    async fn post(&self, client: &Client, id: Uuid, parent: Option<MessageId>) -> Result<(StatusCode, String)> {
        let body = json!({"text": "hello", "parentMessageId": parent});
        let request = client.put(format!("{}/messages/{id}", self.channel)).bearer_auth(&self.token).json(&body);
        let answer = request.send().await?;
        Ok((answer.status(), answer.text().await?))
    }

    async fn read(&self, client: &Client) -> Result<String> {
        let request = client.get(format!("{}/messages", self.channel)).bearer_auth(&self.token);
        Ok(request.send().await?.text().await?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posting_goes_on_while_another_workspace_has_every_connection() -> Result<()> {
    let mut lab = Lab::start().await?;
    lab.settings.push(("THREADLY_CONNECTIONS".to_owned(), "1".to_owned()));
    lab.settings.push(("THREADLY_CONNECTIONS_PER_WORKSPACE".to_owned(), "1".to_owned()));
    let messages = lab.spawn(Program::Messages, "messages", "http").await?;
    let (quiet, busy) = (Poster::new(&lab, &messages, "quiet").await?, Poster::new(&lab, &messages, "busy").await?);
    let client = Client::new();
    // One that comes in late: what the process has read of the registry may be older than these workspaces.
    let known = async || {
        let (status, _) = quiet.post(&client, Uuid::now_v7(), None).await.ok()?;
        (status == StatusCode::CREATED).then(Instant::now)
    };
    wait::until("the workspace is served", LIMIT, known).await?;

    let mut lock = busy.pool.begin().await?;
    sqlx::raw_sql("lock table messages in access exclusive mode").execute(&mut *lock).await?;
    let holding = async {
        loop {
            busy.read(&client).await?;
        }
    };
    let posting = async {
        let taken = async || quiet.read(&client).await.ok().filter(|answer| answer.contains("database-busy"));
        wait::until("every connection is taken", LIMIT, taken).await?;
        let (status, answer) = quiet.post(&client, Uuid::new_v4(), None).await?;
        ensure!(status == StatusCode::CREATED, "an id that tells no time: {status} {answer}");
        let (status, answer) = quiet.post(&client, Uuid::now_v7(), Some(MessageId::random())).await?;
        ensure!(status == StatusCode::CREATED, "a reply to who knows what: {status} {answer}");
        let began = Instant::now();
        while began.elapsed() < PAST_FRESH {
            let (status, answer) = quiet.post(&client, Uuid::now_v7(), None).await?;
            ensure!(status == StatusCode::CREATED, "{status} {answer}");
        }
        anyhow::Ok(())
    };
    tokio::select! {
        held = holding => held,
        posted = posting => posted,
    }
}
