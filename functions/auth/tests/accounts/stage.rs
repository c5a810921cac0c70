//! `auth` as a process, a workspace of its own, and people in it.

use std::time::Duration;

use anyhow::{Context, ensure};
use data_encoding::BASE64URL_NOPAD;
use domain::{ChannelId, Role, SessionId, TeamId, UserId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgConnectOptions};
use testkit::{Answer, Host, Lab, Process, Program, TestWorkspace, wait};
use uuid::Uuid;

pub const PASSWORD: &str = "correct horse battery";
const LIMIT: Duration = Duration::from_secs(20);

/// Keeps what goes through the outbox, which empties itself.
const KEEP_TOLD: [&str; 3] = [
    "create table told (id bigint generated always as identity, topic text, key uuid, event jsonb)",
    "create function keep_told() returns trigger language plpgsql security definer as
     $$ begin insert into told (topic, key, event) values (new.topic, new.key, new.event); return null; end $$",
    "create trigger keep_told after insert on outbox for each row execute function keep_told()",
];

pub struct Stage {
    pub workspace: TestWorkspace,
    pub pool: PgPool,
    pub lab: Lab,
    auth: Process,
    client: reqwest::Client,
}

/// Somebody who has signed in.
#[derive(Clone)]
pub struct Someone {
    pub id: UserId,
    pub email: String,
    pub token: String,
    pub refresh: String,
    pub session: SessionId,
}

impl Someone {
    pub fn of(session: &Value) -> anyhow::Result<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned).with_context(|| format!("{session}"));
        let token = text(&session["accessToken"])?;
        let payload = token.split('.').nth(1).context("a payload")?;
        let claims: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes())?)?;
        Ok(Self {
            id: text(&session["user"]["userId"])?.parse()?,
            email: text(&session["user"]["email"])?,
            refresh: text(&session["refreshToken"])?,
            session: text(&claims["sid"])?.parse()?,
            token,
        })
    }
}

impl Stage {
    pub async fn new() -> anyhow::Result<Self> {
        Self::with_settings(json!({})).await
    }

    pub async fn with_settings(settings: Value) -> anyhow::Result<Self> {
        Self::on(Lab::start().await?, settings).await
    }

    pub async fn hosted(host: Host) -> anyhow::Result<Self> {
        Self::on(Lab::start().await?.on(host).await?, json!({})).await
    }

    /// With what the functions are told beside.
    pub async fn with(settings: Value, told: Vec<(String, String)>) -> anyhow::Result<Self> {
        let mut lab = Lab::start().await?;
        lab.settings.extend(told);
        Self::on(lab, settings).await
    }

    async fn on(lab: Lab, settings: Value) -> anyhow::Result<Self> {
        let workspace = lab.workspace("accounts").await?;
        sqlx::query("update control.workspaces set settings = $1").bind(settings).execute(&lab.control.pool).await?;
        let options: PgConnectOptions = lab.admin_url.parse()?;
        let pool = PgPool::connect_with(options.database(&workspace.id.database())).await?;
        for statement in KEEP_TOLD {
            sqlx::query(statement).execute(&pool).await?;
        }
        let auth = lab.spawn(Program::Auth, "auth", "http").await?;
        Ok(Self { lab, workspace, pool, auth, client: reqwest::Client::new() })
    }

    /// A request to `/w/{handle}/v1{path}`.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        let url = format!("{}/w/{}/v1{path}", self.auth.url(), self.workspace.handle);
        let mut request = self.client.request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let json = serde_json::from_slice(&answer.bytes().await?).unwrap_or(Value::Null);
        Ok(Answer { status, headers, json })
    }

    pub async fn put(&self, who: &Someone, path: &str, body: Option<Value>) -> anyhow::Result<Answer> {
        self.send(Method::PUT, path, Some(&who.token), body, &[]).await
    }

    pub async fn post(&self, who: &Someone, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.send(Method::POST, path, Some(&who.token), Some(body), &[]).await
    }

    pub async fn get(&self, token: &str, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::GET, path, Some(token), None, &[]).await
    }

    pub async fn delete(&self, who: &Someone, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::DELETE, path, Some(&who.token), None, &[]).await
    }

    /// Without a token.
    pub async fn ask(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.send(Method::POST, path, None, Some(body), &[]).await
    }

    pub async fn set_role(&self, by: &Someone, of: UserId, role: &str) -> anyhow::Result<Answer> {
        self.put(by, &format!("/people/{of}/role"), Some(json!({"role": role}))).await
    }

    /// Somebody new with a role, signed in by a ticket.
    pub async fn person(&self, role: Role) -> anyhow::Result<Someone> {
        let email = format!("{}@acme.example", UserId::random().0.simple());
        self.sign_in_as(&email, role).await
    }

    pub async fn sign_in_as(&self, email: &str, role: Role) -> anyhow::Result<Someone> {
        let ticket = auth::tickets::issue(&self.pool, email, role, Duration::from_hours(1)).await?;
        let answer = self.ask("/auth/redeem", json!({"ticket": ticket.expose(), "displayName": "Ada"})).await?;
        ensure!(answer.status == StatusCode::OK, "{}", answer.json);
        Someone::of(&answer.json)
    }

    /// Somebody new who has registered with a password; their address is typed in only.
    pub async fn registered(&self) -> anyhow::Result<Someone> {
        let id = UserId::random();
        let email = format!("{}@acme.example", id.0.simple());
        let body = json!({"userId": id, "email": email, "password": PASSWORD, "displayName": "Ada"});
        let answer = self.ask("/auth/register", body).await?;
        ensure!(answer.status == StatusCode::CREATED, "{}", answer.json);
        Someone::of(&answer.json)
    }

    /// A channel with these members.
    pub async fn channel(&self, maker: &Someone, members: &[UserId], kind: &str) -> anyhow::Result<ChannelId> {
        let id = ChannelId::random();
        let name = if kind == "channel" { id.to_string() } else { String::new() };
        sqlx::query(
            "insert into channels (id, name, name_key, kind, visibility, created_by) values ($1, $2, $2, $3, 'private', $4)",
        )
        .bind(id.0)
        .bind(name)
        .bind(kind)
        .bind(maker.id.0)
        .execute(&self.pool)
        .await?;
        for member in members {
            sqlx::query("insert into channel_members (channel_id, user_id, active, version) values ($1, $2, true, 1)")
                .bind(id.0)
                .bind(member.0)
                .execute(&self.pool)
                .await?;
        }
        Ok(id)
    }

    pub async fn team(&self, maker: &Someone, members: &[UserId]) -> anyhow::Result<TeamId> {
        let id = TeamId::random();
        sqlx::query("insert into teams (id, name, name_key, created_by) values ($1, $2, $2, $3)")
            .bind(id.0)
            .bind(id.to_string())
            .bind(maker.id.0)
            .execute(&self.pool)
            .await?;
        for member in members {
            sqlx::query("insert into team_members (team_id, user_id, active, version) values ($1, $2, true, 1)")
                .bind(id.0)
                .bind(member.0)
                .execute(&self.pool)
                .await?;
        }
        Ok(id)
    }

    pub async fn is_in(&self, channel: ChannelId, user: UserId) -> anyhow::Result<bool> {
        self.holds(&format!(
            "select from channel_members where channel_id = '{channel}' and user_id = '{user}' and active"
        ))
        .await
    }

    /// Whether a query finds anything.
    pub async fn holds(&self, query: &str) -> anyhow::Result<bool> {
        let query = sqlx::AssertSqlSafe(format!("select exists({query})"));
        Ok(sqlx::query_scalar(query).fetch_one(&self.pool).await?)
    }

    pub async fn run(&self, statement: &str) -> anyhow::Result<()> {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&self.pool).await?;
        Ok(())
    }

    /// The data of all events of a kind about somebody, in their order.
    pub async fn told(&self, kind: &str, user: UserId) -> anyhow::Result<Vec<Value>> {
        let events: Vec<Value> = sqlx::query_scalar(
            "select event->'data' from told where event->>'event' = $1 and event->'data'->>'userId' = $2 order by id",
        )
        .bind(kind)
        .bind(user.to_string())
        .fetch_all(&self.pool)
        .await?;
        Ok(events)
    }

    /// Waits until the log has all that was written to the outbox.
    pub async fn relayed(&self) -> anyhow::Result<()> {
        wait::until("the outbox is empty", LIMIT, async || {
            let left: Result<i64, _> = sqlx::query_scalar("select count(*) from outbox").fetch_one(&self.pool).await;
            left.ok().filter(|left| *left == 0)
        })
        .await?;
        Ok(())
    }

    /// An invitation and the secret of its link.
    pub async fn invitation(&self, by: &Someone, fields: Value) -> anyhow::Result<(Uuid, String)> {
        let (id, token) = (Uuid::now_v7(), Uuid::new_v4().simple().to_string());
        let ids = |name: &str| -> Vec<Uuid> { serde_json::from_value(fields[name].clone()).unwrap_or_default() };
        sqlx::query(
            "insert into invitations (id, email, role, channels, teams, created_by, expires_at, max_uses)
             values ($1, $2, $3, $4, $5, $6, now() + interval '7 days', $7)",
        )
        .bind(id)
        .bind(fields["email"].as_str())
        .bind(fields["role"].as_str().unwrap_or("member"))
        .bind(ids("channels"))
        .bind(ids("teams"))
        .bind(by.id.0)
        .bind(i32::try_from(fields["maxUses"].as_i64().unwrap_or(1))?)
        .execute(&self.pool)
        .await?;
        sqlx::query("insert into invitation_tokens (token_hash, invitation_id) values (sha256($1::text::bytea), $2)")
            .bind(&token)
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok((id, token))
    }
}

/// Asserts that an answer is this problem.
pub fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.json);
}

/// Asserts the status of an answer.
pub fn answered(answer: &Answer, status: StatusCode) {
    assert_eq!(answer.status, status, "{}", answer.json);
}
