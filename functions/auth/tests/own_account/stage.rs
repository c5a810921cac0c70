//! A workspace with `auth`, the clock, and a mailbox that tests look into.

use std::time::Duration;

use anyhow::{Context, ensure};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use domain::{InvitationId, SessionId, UserId};
use hmac::{Hmac, Mac};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use sha1::Sha1;
use sqlx::{PgPool, postgres::PgConnectOptions};
use testkit::{
    Host, Lab, Process, Program, TestWorkspace,
    servers::{Letter, LocalIssuer, SmtpSink},
    wait,
};

pub const PASSWORD: &str = "correct horse battery";
pub const LIMIT: Duration = Duration::from_secs(30);
/// Where people are, and where somebody else is.
pub const HOME: &str = "192.0.2.7";
pub const ELSEWHERE: &str = "198.51.100.9";
/// Whom a trusted issuer's tokens are for.
pub const AUDIENCE: &str = "threadly";

pub struct Stage {
    lab: Lab,
    pub workspace: TestWorkspace,
    pub pool: PgPool,
    pub auth: Process,
    _clock: Process,
    pub sink: Option<SmtpSink>,
    client: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
}

impl Answer {
    #[track_caller]
    pub fn is(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.json);
        self.json
    }

    #[track_caller]
    pub fn refused(self, status: StatusCode, code: &str) {
        assert_eq!((self.status, self.json["code"].as_str()), (status, Some(code)), "{}", self.json);
    }

    /// The problem's code.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }
}

/// Who asks, from where, on what.
#[derive(Clone, Copy)]
pub struct From<'a> {
    pub token: Option<&'a str>,
    pub address: &'a str,
    pub device: &'a str,
}

pub const STRANGER: From<'static> = From { token: None, address: HOME, device: "Firefox" };

pub fn at(address: &str) -> From<'_> {
    From { address, ..STRANGER }
}

/// Somebody with a session.
pub fn by(session: &Value) -> From<'_> {
    From { token: session["accessToken"].as_str(), ..STRANGER }
}

impl Stage {
    pub async fn new(sign_up: &str) -> anyhow::Result<Self> {
        Self::with(sign_up, Some(SmtpSink::start().await?)).await
    }

    pub async fn hosted(host: Host) -> anyhow::Result<Self> {
        let (lab, sink) = (Lab::start().await?.on(host).await?, SmtpSink::start().await?);
        Self::on(lab, "Open", json!({}), Some(sink)).await
    }

    /// Without a sink no e-mail is sent.
    pub async fn with(sign_up: &str, sink: Option<SmtpSink>) -> anyhow::Result<Self> {
        Self::on(Lab::start().await?, sign_up, json!({}), sink).await
    }

    /// Where whoever has a token of this issuer for `AUDIENCE` is let in.
    pub async fn trusting(issuer: &LocalIssuer) -> anyhow::Result<Self> {
        let mut lab = Lab::start().await?;
        let authority = std::env::temp_dir().join(format!("threadly-issuer-{}.pem", UserId::random()));
        std::fs::write(&authority, issuer.authority())?;
        lab.settings.push(("THREADLY_ISSUERS_CA".to_owned(), authority.display().to_string()));
        lab.settings.push(("THREADLY_ISSUERS_ALLOW_PRIVATE".to_owned(), issuer.address().to_owned()));
        let trusted = json!({"issuer": issuer.url(), "audiences": [AUDIENCE], "admits": "Anyone"});
        Self::on(lab, "Open", json!({"issuers": [trusted]}), Some(SmtpSink::start().await?)).await
    }

    async fn on(mut lab: Lab, sign_up: &str, settings: Value, sink: Option<SmtpSink>) -> anyhow::Result<Self> {
        let workspace = lab.workspace("own").await?;
        let domains: &[&str] = if sign_up == "Domain" { &["acme.example"] } else { &[] };
        sqlx::query("update control.workspaces set sign_up_mode = $1, sign_up_domains = $2, settings = $3")
            .bind(sign_up)
            .bind(domains)
            .bind(settings)
            .execute(&lab.control.pool)
            .await?;
        let options: PgConnectOptions = lab.admin_url.parse()?;
        let pool = PgPool::connect_with(options.database(&workspace.id.database())).await?;
        let mut set = |name: &str, value: String| lab.settings.push((name.to_owned(), value));
        set("THREADLY_TRUSTED_PROXIES", "127.0.0.0/8".to_owned());
        if let Some(sink) = &sink {
            set("THREADLY_SMTP", sink.url());
            set("THREADLY_MAIL_FROM", "Threadly <threadly@house.example>".to_owned());
            set("THREADLY_MAIL_LINKS", "https://chat.house.example".to_owned());
        }
        let auth = lab.spawn(Program::Auth, "auth", "http").await?;
        lab.settings.push(("THREADLY_CLOCK_FUNCTIONS".to_owned(), format!("auth={}", auth.url())));
        let clock = lab.spawn(Program::Clock, "clock", "all").await?;
        Ok(Self { lab, workspace, pool, auth, _clock: clock, sink, client: reqwest::Client::new() })
    }

    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        from: From<'_>,
    ) -> anyhow::Result<Answer> {
        let url = format!("{}/w/{}/v1/{path}", self.auth.url(), self.workspace.handle);
        let mut request = self.client.request(method, url).header("x-forwarded-for", from.address);
        request = request.header("user-agent", from.device);
        if let Some(token) = from.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Ok(Answer { status, headers, json: serde_json::from_slice(&answer.bytes().await?).unwrap_or(Value::Null) })
    }

    pub async fn post(&self, path: &str, body: Value, from: From<'_>) -> anyhow::Result<Answer> {
        self.ask(Method::POST, path, Some(&body), from).await
    }

    pub async fn put(&self, path: &str, body: Value, from: From<'_>) -> anyhow::Result<Answer> {
        self.ask(Method::PUT, path, Some(&body), from).await
    }

    pub async fn get(&self, path: &str, from: From<'_>) -> anyhow::Result<Value> {
        Ok(self.ask(Method::GET, path, None, from).await?.is(StatusCode::OK))
    }

    /// Somebody who has a proved address, a password, and a session at home: their address and their session.
    pub async fn somebody(&self) -> anyhow::Result<(String, Value)> {
        let email = address();
        let ticket = auth::tickets::issue(&self.pool, &email, domain::Role::Member, Duration::from_hours(1)).await?;
        let body = json!({"ticket": ticket.expose(), "password": PASSWORD, "displayName": "Ada"});
        Ok((email, self.post("auth/redeem", body, STRANGER).await?.is(StatusCode::OK)))
    }

    /// An invitation of an address, by the first owner of the workspace.
    pub async fn invite(&self, email: &str, role: &str) -> anyhow::Result<InvitationId> {
        let (id, by) = (InvitationId::random(), UserId::random());
        sqlx::query("insert into users (id, email, display_name, role) values ($1, $2, 'Grace Hopper', 'owner')")
            .bind(by.0)
            .bind(address())
            .execute(&self.pool)
            .await?;
        sqlx::query(
            "insert into invitations (id, email, role, created_by, expires_at) values ($1, $2, $3, $4, now() + interval '1 h')",
        )
        .bind(id.0)
        .bind(email)
        .bind(role)
        .bind(by.0)
        .execute(&self.pool)
        .await?;
        Ok(id)
    }

    pub async fn sign_in(&self, email: &str, password: &str, from: From<'_>) -> anyhow::Result<Answer> {
        self.post("auth/sign-in", json!({"email": email, "password": password}), from).await
    }

    /// The letters to an address of which a link has this in it.
    pub async fn letters(&self, to: &str, count: usize) -> anyhow::Result<Vec<Letter>> {
        self.sink.as_ref().context("a sink")?.letters(to, count).await
    }

    /// The only letter to an address whose subject has these words.
    pub async fn letter(&self, to: &str, about: &str) -> anyhow::Result<Letter> {
        let sink = self.sink.as_ref().context("a sink")?;
        wait::until(&format!("a letter to {to} about {about}"), LIMIT, async || {
            let letters = sink.letters_so_far(to).ok()?;
            letters.into_iter().find(|letter| letter.subject.contains(about))
        })
        .await
    }

    /// Waits until every letter has been seen to.
    pub async fn post_is_done(&self) -> anyhow::Result<()> {
        wait::until("no letter is due", LIMIT, async || {
            let due = "select count(*) from letters where sent_at is null and parked is null";
            let due: i64 = sqlx::query_scalar(due).fetch_one(&self.pool).await.ok()?;
            (due == 0).then_some(())
        })
        .await
    }

    pub async fn count(&self, statement: &'static str) -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar(statement).fetch_one(&self.pool).await?)
    }

    /// What the clock knows, of all workspaces.
    pub fn control(&self) -> &PgPool {
        &self.lab.control.pool
    }

    pub async fn run(&self, statement: &'static str) -> anyhow::Result<()> {
        sqlx::query(statement).execute(&self.pool).await?;
        Ok(())
    }

    /// As if whatever failed so far had failed twenty times more often: the wait is long enough for a slow machine.
    pub async fn wear_out(&self) -> anyhow::Result<()> {
        self.run("update sign_in_failures set failures = failures + 20 where key not like 'network:%'").await
    }

    /// Whether a session's access token is still good.
    pub async fn is_live(&self, session: &Value) -> anyhow::Result<bool> {
        Ok(self.ask(Method::GET, "me/sessions", None, by(session)).await?.status.is_success())
    }
}

pub fn address() -> String {
    format!("{}@acme.example", UserId::random().0.simple())
}

/// The token in a letter's link of a kind.
pub fn token(letter: &Letter, kind: &str) -> anyhow::Result<String> {
    let part = format!("#{kind}=");
    let link = letter.link(&part).with_context(|| format!("a link with {part} in {}", letter.text))?;
    ensure!(link.starts_with("https://chat.house.example/w/"), "{link}");
    Ok(link.split_once(&part).context("a token")?.1.to_owned())
}

/// The session that an access token names.
pub fn session_of(answer: &Value) -> anyhow::Result<SessionId> {
    let token = answer["accessToken"].as_str().with_context(|| format!("an access token in {answer}"))?;
    let payload = token.split('.').nth(1).context("a payload")?;
    let claims: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes())?)?;
    Ok(claims["sid"].as_str().context("a session")?.parse()?)
}

/// What an authenticator app shows `steps` from now.
pub fn code(secret: &str, steps: i64) -> anyhow::Result<String> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let step = (now / 30).saturating_add_signed(steps);
    let mut mac = Hmac::<Sha1>::new_from_slice(&BASE32_NOPAD.decode(secret.as_bytes())?)?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0xf);
    let number = u32::from_be_bytes(digest[offset..offset + 4].try_into()?) & 0x7fff_ffff;
    Ok(format!("{:06}", number % 1_000_000))
}
