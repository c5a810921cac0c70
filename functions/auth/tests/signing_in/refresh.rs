//! Refresh tokens: lost answers sign nobody out, and whoever stole one is found out.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{Answer, Stage, refused, session_of};

/// As if all that was used so far had been used twenty days ago.
const LATER: &str = "update refresh_tokens set used_at = used_at - interval '20 days'";

async fn refresh(stage: &Stage, tokens: &Value) -> anyhow::Result<Answer> {
    stage.post("refresh", &json!({"refreshToken": tokens["refreshToken"]})).await
}

async fn renewed(stage: &Stage, tokens: &Value) -> anyhow::Result<Value> {
    let (status, newer) = refresh(stage, tokens).await?;
    assert_eq!(status, StatusCode::OK, "{newer}");
    Ok(newer)
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_however_long_the_laptop_slept() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (_, session) = stage.somebody().await?;
    for _ in 0..3 {
        renewed(&stage, &session).await?;
        stage.age_uses(LATER).await?;
    }
    let mut newest = renewed(&stage, &session).await?;
    assert_eq!(session_of(&newest)?, session_of(&session)?);
    for _ in 0..3 {
        newest = renewed(&stage, &newest).await?;
    }
    Ok(())
}

#[tokio::test]
async fn two_tabs_that_wake_at_once_both_go_on() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (_, session) = stage.somebody().await?;
    for lost in [false, true] {
        if lost {
            stage.age_uses(LATER).await?;
        }
        let (one, other) = tokio::join!(renewed(&stage, &session), renewed(&stage, &session));
        let (one, other) = (one?, other?);
        if lost {
            let (one, other) = (renewed(&stage, &one).await?, renewed(&stage, &other).await?);
            stage.age_uses(LATER).await?;
            renewed(&stage, &one).await?;
            renewed(&stage, &other).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_token_whose_successor_was_used_ends_the_session() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (_, session) = stage.somebody().await?;
    let newer = renewed(&stage, &session).await?;
    let newest = renewed(&stage, &newer).await?;
    stage.age_uses(LATER).await?;
    refused(&refresh(&stage, &session).await?, StatusCode::UNAUTHORIZED, "refresh-token-reused");
    for ended in [&session, &newer, &newest] {
        let (status, problem) = refresh(&stage, ended).await?;
        let code = problem["code"].as_str().unwrap_or_default();
        assert!(["session-revoked", "refresh-token-invalid"].contains(&code), "{status} {problem}");
    }
    refused(&refresh(&stage, &newest).await?, StatusCode::UNAUTHORIZED, "session-revoked");
    Ok(())
}

#[tokio::test]
async fn whoever_gets_ahead_by_a_stolen_token_is_found_out_when_its_owner_comes() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    // The owner has used the token before the thief does.
    let (_, session) = stage.somebody().await?;
    let owners = renewed(&stage, &session).await?;
    stage.age_uses(LATER).await?;
    let thiefs = renewed(&stage, &session).await?;
    refused(&refresh(&stage, &owners).await?, StatusCode::UNAUTHORIZED, "refresh-token-reused");
    refused(&refresh(&stage, &thiefs).await?, StatusCode::UNAUTHORIZED, "session-revoked");

    // The thief is first, and the owner's laptop sleeps long.
    let (_, session) = stage.somebody().await?;
    let mut thiefs = renewed(&stage, &session).await?;
    for _ in 0..5 {
        stage.age_uses("update refresh_tokens set used_at = used_at - interval '10 minutes'").await?;
        thiefs = renewed(&stage, &thiefs).await?;
    }
    refused(&refresh(&stage, &session).await?, StatusCode::UNAUTHORIZED, "refresh-token-reused");
    refused(&refresh(&stage, &thiefs).await?, StatusCode::UNAUTHORIZED, "session-revoked");
    Ok(())
}

#[tokio::test]
async fn a_session_keeps_a_handful_of_tokens_however_long_it_lasts() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (_, session) = stage.somebody().await?;
    let mut newest = session;
    for _ in 0..12 {
        newest = renewed(&stage, &newest).await?;
        stage.age_uses("update refresh_tokens set used_at = used_at - interval '10 minutes'").await?;
    }
    let kept: i64 = sqlx::query_scalar("select count(*) from refresh_tokens").fetch_one(&stage.pool).await?;
    assert!((1..=3).contains(&kept), "{kept}");
    Ok(())
}
