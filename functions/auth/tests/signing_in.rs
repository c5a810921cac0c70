//! `auth` as a process on the real Kafka and Postgres: answers get lost, requests come twice and at once.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use anyhow::{Context, ensure};
use data_encoding::BASE64URL_NOPAD;
use domain::{Role, SessionId, UserId};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgConnectOptions};
use testkit::{Lab, Process, Program, TestWorkspace, wait};

#[path = "signing_in/refresh.rs"]
mod refresh;

const PASSWORD: &str = "correct horse battery";

struct Stage {
    lab: Lab,
    workspace: TestWorkspace,
    pool: PgPool,
    auth: Process,
    client: reqwest::Client,
}

/// What came back: the status, and the session or the problem.
type Answer = (StatusCode, Value);

impl Stage {
    async fn new(sign_up: &str) -> anyhow::Result<Self> {
        let lab = Lab::start().await?;
        let workspace = lab.workspace("auth").await?;
        let domains: &[&str] = if sign_up == "Domain" { &["acme.example"] } else { &[] };
        sqlx::query("update control.workspaces set sign_up_mode = $1, sign_up_domains = $2")
            .bind(sign_up)
            .bind(domains)
            .execute(&lab.control.pool)
            .await?;
        let options: PgConnectOptions = lab.admin_url.parse()?;
        let pool = PgPool::connect_with(options.database(&workspace.id.database())).await?;
        let auth = lab.spawn(Program::Auth, "auth", "http").await?;
        Ok(Self { lab, workspace, pool, auth, client: reqwest::Client::new() })
    }

    async fn post_bytes(&self, path: &str, body: Vec<u8>) -> anyhow::Result<Answer> {
        let url = format!("{}/w/{}/v1/auth/{path}", self.auth.url(), self.workspace.handle);
        let request = self.client.post(url).header("content-type", "application/json").body(body);
        let answer = request.send().await?;
        Ok((answer.status(), serde_json::from_slice(&answer.bytes().await?).unwrap_or(Value::Null)))
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.post_bytes(path, serde_json::to_vec(body)?).await
    }

    /// Somebody who has registered: their request and their session.
    async fn somebody(&self) -> anyhow::Result<(Value, Value)> {
        let account = account();
        let (status, session) = self.post("register", &account).await?;
        ensure!(status == StatusCode::CREATED, "{session}");
        Ok((account, session))
    }

    async fn sign_out(&self, session: &Value) -> anyhow::Result<()> {
        let url = format!("{}/w/{}/v1/auth/sign-out", self.auth.url(), self.workspace.handle);
        let token = session["accessToken"].as_str().context("an access token")?;
        let answer = self.client.post(url).bearer_auth(token).send().await?;
        ensure!(answer.status() == StatusCode::NO_CONTENT);
        Ok(())
    }

    async fn ticket(&self, email: &str) -> anyhow::Result<String> {
        let token = auth::tickets::issue(&self.pool, email, Role::Admin, Duration::from_hours(1)).await?;
        Ok(token.expose().to_owned())
    }

    async fn sessions(&self) -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar("select count(*) from sessions").fetch_one(&self.pool).await?)
    }

    /// Moves every first use of a table's tokens back in time.
    async fn age_uses(&self, statement: &'static str) -> anyhow::Result<()> {
        sqlx::query(statement).execute(&self.pool).await?;
        Ok(())
    }
}

fn account() -> Value {
    let id = UserId::random();
    json!({
        "userId": id, "email": format!("{id}@acme.example"), "password": PASSWORD, "displayName": "Ada",
        "sessionId": SessionId::random(),
    })
}

fn login(account: &Value, session: SessionId) -> Value {
    json!({"email": account["email"], "password": account["password"], "sessionId": session})
}

/// The session that an access token names.
fn session_of(answer: &Value) -> anyhow::Result<SessionId> {
    let token = answer["accessToken"].as_str().with_context(|| format!("an access token in {answer}"))?;
    let payload = token.split('.').nth(1).context("a payload")?;
    let claims: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes())?)?;
    Ok(claims["sid"].as_str().context("a session")?.parse()?)
}

fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!((answer.0, answer.1["code"].as_str()), (status, Some(code)), "{}", answer.1);
}

#[tokio::test]
async fn a_registration_sent_again_goes_on_with_the_session_it_opened() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (account, first) = stage.somebody().await?;
    assert_eq!(json!(session_of(&first)?), account["sessionId"]);
    let (status, again) = stage.post("register", &account).await?;
    assert_eq!(status, StatusCode::OK, "{again}");
    assert_eq!(session_of(&again)?, session_of(&first)?);
    assert_ne!(again["refreshToken"], first["refreshToken"]);
    assert_eq!(stage.sessions().await?, 1);

    // Somebody new who names this session is not even made.
    let mut other = self::account();
    other["sessionId"] = account["sessionId"].clone();
    refused(&stage.post("register", &other).await?, StatusCode::CONFLICT, "session-id-taken");
    other["sessionId"] = json!(SessionId::random());
    assert_eq!(stage.post("register", &other).await?.0, StatusCode::CREATED);
    Ok(())
}

#[tokio::test]
async fn a_sign_in_sent_again_even_at_once_opens_one_session() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (account, _) = stage.somebody().await?;
    let session = SessionId::random();
    let body = login(&account, session);
    let (one, other) = tokio::join!(stage.post("sign-in", &body), stage.post("sign-in", &body));
    for (status, answer) in [one?, other?] {
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(session_of(&answer)?, session);
        let refresh = json!({"refreshToken": answer["refreshToken"]});
        assert_eq!(stage.post("refresh", &refresh).await?.0, StatusCode::OK);
    }
    assert_eq!(stage.sessions().await?, 2);
    Ok(())
}

#[tokio::test]
async fn somebody_elses_session_and_an_ended_one_are_taken() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let ((ada, first), (_, others)) = (stage.somebody().await?, stage.somebody().await?);
    let taken = stage.post("sign-in", &login(&ada, session_of(&others)?)).await?;
    refused(&taken, StatusCode::CONFLICT, "session-id-taken");
    assert_eq!(taken.1["field"], "sessionId");
    stage.sign_out(&first).await?;
    let ended = stage.post("sign-in", &login(&ada, session_of(&first)?)).await?;
    refused(&ended, StatusCode::CONFLICT, "session-id-taken");
    // Only who knows the password learns that much.
    let mut wrong = login(&ada, session_of(&others)?);
    wrong["password"] = json!("correct horse batter");
    refused(&stage.post("sign-in", &wrong).await?, StatusCode::UNAUTHORIZED, "wrong-credentials");
    Ok(())
}

#[tokio::test]
async fn a_ticket_sent_again_answers_its_holder_alone() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let ticket = stage.ticket("ada@acme.example").await?;
    let body = json!({"ticket": ticket, "sessionId": SessionId::random()});
    let (status, first) = stage.post("redeem", &body).await?;
    assert_eq!(status, StatusCode::OK, "{first}");
    let (status, again) = stage.post("redeem", &body).await?;
    assert_eq!(status, StatusCode::OK, "{again}");
    assert_eq!(json!(session_of(&again)?), body["sessionId"]);
    assert_eq!((&again["user"], &again["user"]["role"]), (&first["user"], &json!("admin")));
    assert_eq!(stage.sessions().await?, 1);
    let refresh = json!({"refreshToken": again["refreshToken"]});
    assert_eq!(stage.post("refresh", &refresh).await?.0, StatusCode::OK);

    let strangers = [json!({"ticket": ticket}), json!({"ticket": ticket, "sessionId": SessionId::random()})];
    for stranger in strangers {
        refused(&stage.post("redeem", &stranger).await?, StatusCode::GONE, "ticket-used");
    }
    stage.age_uses("update sign_in_tickets set used_at = used_at - interval '10 minutes'").await?;
    refused(&stage.post("redeem", &body).await?, StatusCode::GONE, "ticket-used");
    Ok(())
}

#[tokio::test]
async fn a_ticket_whose_session_has_ended_is_used_up() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let body = json!({"ticket": stage.ticket("ada@acme.example").await?, "sessionId": SessionId::random()});
    let (_, session) = stage.post("redeem", &body).await?;
    stage.sign_out(&session).await?;
    refused(&stage.post("redeem", &body).await?, StatusCode::GONE, "ticket-used");
    Ok(())
}

#[tokio::test]
async fn of_two_who_redeem_at_once_one_gets_in_and_a_retry_of_the_same_counts_as_one() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let ticket = stage.ticket("ada@acme.example").await?;
    let rivals = [SessionId::random(), SessionId::random()].map(|id| json!({"ticket": ticket, "sessionId": id}));
    let (one, other) = tokio::join!(stage.post("redeem", &rivals[0]), stage.post("redeem", &rivals[1]));
    let mut statuses = [one?.0, other?.0];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::GONE]);

    let body = json!({"ticket": stage.ticket("bob@acme.example").await?, "sessionId": SessionId::random()});
    let (one, other) = tokio::join!(stage.post("redeem", &body), stage.post("redeem", &body));
    for (status, answer) in [one?, other?] {
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(json!(session_of(&answer)?), body["sessionId"]);
    }
    assert_eq!(stage.sessions().await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_ticket_survives_a_session_id_that_is_somebody_elses() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (_, others) = stage.somebody().await?;
    let ticket = stage.ticket("ada@acme.example").await?;
    let body = json!({"ticket": ticket, "sessionId": session_of(&others)?});
    refused(&stage.post("redeem", &body).await?, StatusCode::CONFLICT, "session-id-taken");
    assert_eq!(stage.post("redeem", &json!({"ticket": ticket})).await?.0, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn an_address_of_the_domain_that_is_only_typed_in_admits_nobody() -> anyhow::Result<()> {
    let stage = Stage::new("Domain").await?;
    let mut account = account();
    refused(&stage.post("register", &account).await?, StatusCode::FORBIDDEN, "email-proof-needed");
    let ticket = stage.ticket(account["email"].as_str().context("an address")?).await?;
    assert_eq!(stage.post("redeem", &json!({"ticket": ticket})).await?.0, StatusCode::OK);
    account["email"] = json!("ada@elsewhere.example");
    refused(&stage.post("register", &account).await?, StatusCode::FORBIDDEN, "email-proof-needed");
    Ok(())
}

#[tokio::test]
async fn by_invitation_nobody_registers() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    refused(&stage.post("register", &account()).await?, StatusCode::FORBIDDEN, "sign-up-not-allowed");
    Ok(())
}

#[tokio::test]
async fn a_crowd_at_one_workspace_leaves_room_for_another() -> anyhow::Result<()> {
    const CROWD: usize = 70;
    let stage = Stage::new("Open").await?;
    let other = stage.lab.workspace("other").await?;
    // Each from a network of their own, on an account of their own: nobody waits because of others.
    let from = AtomicU8::new(0);
    let knock = |handle: &str| {
        let url = format!("{}/w/{handle}/v1/auth/sign-in", stage.auth.url());
        let from = from.fetch_add(1, Ordering::Relaxed);
        let body = json!({"email": format!("nobody-{from}@acme.example"), "password": PASSWORD});
        stage.client.post(url).header("x-forwarded-for", format!("192.0.2.{from}")).json(&body).send()
    };
    wait::until("auth knows the other workspace", Duration::from_secs(10), async || {
        knock(&other.handle).await.ok().filter(|answer| answer.status() == StatusCode::UNAUTHORIZED)
    })
    .await?;

    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..CROWD {
        crowd.spawn(knock(&stage.workspace.handle));
    }
    let mut turned_away = 0;
    while let Some(answer) = crowd.join_next().await {
        let answer = answer??;
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            ensure!(answer.headers().contains_key("retry-after"));
            if turned_away == 0 {
                assert_eq!(knock(&other.handle).await?.status(), StatusCode::UNAUTHORIZED);
            }
            turned_away += 1;
        }
    }
    assert!(turned_away > 0);
    Ok(())
}

#[tokio::test]
async fn text_that_postgres_does_not_take_never_reaches_it() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let with = |base: &Value, field: &str, text: &str| {
        let mut body = base.clone();
        body[field] = json!(text);
        body
    };
    let (register, redeem) = (account(), json!({"ticket": stage.ticket("ada@acme.example").await?}));
    let sign_in = login(&register, SessionId::random());
    let cases = [
        ("register", with(&register, "email", "a\0da@acme.example"), "email-invalid"),
        ("register", with(&register, "displayName", "A\0da"), "name-control-character"),
        ("register", with(&register, "userId", "\0"), "invalid-field"),
        ("register", with(&register, "sessionId", "\0"), "invalid-field"),
        ("sign-in", with(&sign_in, "email", "a\0da@acme.example"), "email-invalid"),
        ("sign-in", with(&sign_in, "password", "\0"), "wrong-credentials"),
        ("redeem", with(&redeem, "ticket", "\0"), "ticket-not-found"),
        ("redeem", with(&redeem, "displayName", "A\0da"), "name-control-character"),
        ("refresh", json!({"refreshToken": "\0"}), "refresh-token-invalid"),
    ];
    for (path, body, code) in cases {
        let (status, answer) = stage.post(path, &body).await?;
        assert!(status.is_client_error() && answer["code"] == code, "{path} {body}: {status} {answer}");
    }

    // Half a surrogate pair, and bytes that are no UTF-8.
    for (path, body) in [("register", &register), ("sign-in", &sign_in), ("redeem", &redeem)] {
        for (field, text) in body.as_object().context("an object")? {
            let text = text.as_str().context("a text")?;
            let whole = serde_json::to_string(&body)?;
            let mark = format!("\"{field}\":\"{text}");
            ensure!(whole.contains(&mark));
            let half = whole.replace(&mark, &format!("{mark}\\ud800"));
            let mut bytes = whole.clone().into_bytes();
            bytes.insert(whole.find(&mark).context("the field")? + mark.len(), 0xff);
            for broken in [half.into_bytes(), bytes] {
                let (status, answer) = stage.post_bytes(path, broken).await?;
                assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {field}: {answer}");
            }
        }
    }

    // A password is bytes: only the hash is stored.
    let account = with(&register, "password", "correct\0horse\0battery");
    assert_eq!(stage.post("register", &account).await?.0, StatusCode::CREATED);
    assert_eq!(stage.post("sign-in", &login(&account, SessionId::random())).await?.0, StatusCode::OK);
    let cut = with(&login(&account, SessionId::random()), "password", "correct");
    refused(&stage.post("sign-in", &cut).await?, StatusCode::UNAUTHORIZED, "wrong-credentials");
    Ok(())
}
