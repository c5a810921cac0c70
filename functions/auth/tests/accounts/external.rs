//! Signing out whoever an outside issuer vouches for.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::{
    servers::{LocalIssuer, issuer::now},
    wait,
};
use uuid::Uuid;

use crate::stage::{Stage, answered, refused};

const AUDIENCE: &str = "threadly";
const LIMIT: Duration = Duration::from_secs(20);

async fn stage(issuer: &LocalIssuer) -> anyhow::Result<Stage> {
    let authority = std::env::temp_dir().join(format!("threadly-issuer-{}.pem", Uuid::now_v7()));
    std::fs::write(&authority, issuer.authority())?;
    let told = [
        ("THREADLY_ISSUERS_CA", authority.display().to_string()),
        ("THREADLY_ISSUERS_ALLOW_PRIVATE", issuer.address().to_owned()),
    ];
    let settings = json!({"issuers": [{"issuer": issuer.url(), "audiences": [AUDIENCE], "admits": "Anyone"}]});
    Stage::with(settings, told.map(|(name, value)| (name.to_owned(), value)).into()).await
}

async fn sign_out(stage: &Stage, token: &str) -> anyhow::Result<()> {
    let out = stage.send(Method::POST, "/auth/sign-out", Some(token), None, &[]).await?;
    answered(&out, StatusCode::NO_CONTENT);
    let late = stage.get(token, "/me/sessions").await?;
    refused(&late, StatusCode::UNAUTHORIZED, "session-revoked");
    Ok(())
}

#[tokio::test]
async fn where_the_issuer_names_no_session_signing_out_refuses_earlier_tokens_and_no_later_one() -> anyhow::Result<()> {
    let issuer = LocalIssuer::start().await?;
    let stage = stage(&issuer).await?;
    let token = |at: u64| issuer.token(at, "user_1", AUDIENCE, &Value::Null);
    let mut current = token(now() - 30)?;
    answered(&stage.get(&current, "/me/sessions").await?, StatusCode::OK);
    for _ in 0..2 {
        sign_out(&stage, &current).await?;
        // Issued before, and not seen yet.
        let earlier = stage.get(&token(now() - 20)?, "/me/sessions").await?;
        refused(&earlier, StatusCode::UNAUTHORIZED, "session-revoked");
        current = wait::until("a token is issued in a later second", LIMIT, async || {
            let fresh = token(now()).ok()?;
            let answer = stage.get(&fresh, "/me/sessions").await.ok()?;
            (answer.status == StatusCode::OK).then_some(fresh)
        })
        .await?;
        let list = stage.get(&current, "/me/sessions").await?.ok()?;
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    }
    Ok(())
}

#[tokio::test]
async fn a_session_that_the_issuer_names_stays_ended() -> anyhow::Result<()> {
    let issuer = LocalIssuer::start().await?;
    let stage = stage(&issuer).await?;
    let token = |at: u64, session: &str| issuer.token(at, "user_1", AUDIENCE, &json!({"sid": session}));
    sign_out(&stage, &token(now() - 30, "one")?).await?;
    let fresh = stage.get(&token(now(), "one")?, "/me/sessions").await?;
    refused(&fresh, StatusCode::UNAUTHORIZED, "session-revoked");
    answered(&stage.get(&token(now(), "two")?, "/me/sessions").await?, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn nobody_takes_the_id_of_a_session_that_an_issuer_is_yet_to_begin() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let member = stage.registered().await?;
    let derived: Uuid = "07070707-0707-8707-8707-070707070707".parse()?;
    let body = json!({"email": member.email, "password": crate::stage::PASSWORD, "sessionId": derived});
    refused(&stage.ask("/auth/sign-in", body).await?, StatusCode::CONFLICT, "session-id-taken");
    let ticket = auth::tickets::issue(&stage.pool, "new@acme.example", domain::Role::Member, LIMIT).await?;
    let body = json!({"ticket": ticket.expose(), "sessionId": derived});
    refused(&stage.ask("/auth/redeem", body).await?, StatusCode::CONFLICT, "session-id-taken");
    let body =
        json!({"name": "n", "scopes": ["messages:read"], "expiresAt": chrono::Utc::now() + chrono::TimeDelta::days(1)});
    let token = stage.put(&member, &format!("/me/tokens/{derived}"), Some(body)).await?;
    refused(&token, StatusCode::CONFLICT, "token-id-taken");
    assert!(!stage.holds(&format!("select from sessions where id = '{derived}'")).await?);
    Ok(())
}
