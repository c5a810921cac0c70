//! Deactivation, and signing somebody out everywhere.

use domain::{Role, UserId};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::stage::{PASSWORD, Someone, Stage, answered, refused};

async fn turn_off(stage: &Stage, by: &Someone, of: UserId) -> anyhow::Result<testkit::Answer> {
    stage.put(by, &format!("/people/{of}/deactivation"), None).await
}

async fn turn_on(stage: &Stage, by: &Someone, of: UserId) -> anyhow::Result<testkit::Answer> {
    stage.delete(by, &format!("/people/{of}/deactivation")).await
}

#[tokio::test]
async fn deactivation_ends_all_that_lets_somebody_in_once() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (admin, member) = (stage.person(Role::Admin).await?, stage.registered().await?);
    let token = domain::TokenId::random();
    let body =
        json!({"name": "n", "scopes": ["messages:read"], "expiresAt": chrono::Utc::now() + chrono::TimeDelta::days(1)});
    let minted = stage.put(&member, &format!("/me/tokens/{token}"), Some(body)).await?.ok()?;
    let secret = minted["secret"].as_str().unwrap_or_default().to_owned();

    for _ in 0..2 {
        answered(&turn_off(&stage, &admin, member.id).await?, StatusCode::NO_CONTENT);
    }
    stage.relayed().await?;
    let changed = stage.told("USER_CHANGED", member.id).await?;
    assert_eq!((changed.len(), &changed[1]["active"]), (2, &json!(false)));
    let mut ended: Vec<_> = stage.told("SESSION_REVOKED", member.id).await?;
    ended.sort_by_key(|event| event["sessionId"].to_string());
    let mut expected = vec![json!(member.session), json!(token)];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(ended.iter().map(|event| event["sessionId"].clone()).collect::<Vec<_>>(), expected);
    assert!(
        stage
            .holds(&format!("select from letters where kind = 'deactivated' and recipient = '{}'", member.email))
            .await?
    );

    refused(&stage.get(&member.token, "/me/tokens").await?, StatusCode::UNAUTHORIZED, "session-revoked");
    refused(&stage.get(&secret, "/me/tokens").await?, StatusCode::UNAUTHORIZED, "session-revoked");
    let refresh = stage.ask("/auth/refresh", json!({"refreshToken": member.refresh})).await?;
    refused(&refresh, StatusCode::UNAUTHORIZED, "session-revoked");
    let sign_in = json!({"email": member.email, "password": PASSWORD});
    refused(&stage.ask("/auth/sign-in", sign_in.clone()).await?, StatusCode::FORBIDDEN, "account-deactivated");

    for _ in 0..2 {
        answered(&turn_on(&stage, &admin, member.id).await?, StatusCode::NO_CONTENT);
    }
    assert_eq!(stage.told("USER_CHANGED", member.id).await?.len(), 3);
    answered(&stage.ask("/auth/sign-in", sign_in).await?, StatusCode::OK);
    refused(&stage.get(&secret, "/me/tokens").await?, StatusCode::UNAUTHORIZED, "session-revoked");
    Ok(())
}

#[tokio::test]
async fn who_may_deactivate_whom() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, admin) = (stage.person(Role::Owner).await?, stage.person(Role::Admin).await?);
    let (member, guest) = (stage.person(Role::Member).await?, stage.person(Role::Guest).await?);
    refused(&turn_off(&stage, &member, guest.id).await?, StatusCode::FORBIDDEN, "not-an-admin");
    refused(&turn_off(&stage, &admin, owner.id).await?, StatusCode::FORBIDDEN, "not-an-owner");
    refused(&turn_off(&stage, &admin, UserId::random()).await?, StatusCode::NOT_FOUND, "person-not-found");
    answered(&turn_off(&stage, &guest, guest.id).await?, StatusCode::NO_CONTENT);
    refused(&turn_on(&stage, &guest, guest.id).await?, StatusCode::UNAUTHORIZED, "session-revoked");
    refused(&turn_on(&stage, &member, guest.id).await?, StatusCode::FORBIDDEN, "not-an-admin");
    answered(&turn_on(&stage, &admin, guest.id).await?, StatusCode::NO_CONTENT);
    Ok(())
}

#[tokio::test]
async fn reactivation_keeps_to_the_limit_even_at_once() -> anyhow::Result<()> {
    let stage = Stage::with_settings(json!({"limits": {"members": 4}})).await?;
    let owner = stage.person(Role::Owner).await?;
    let (one, other) = (stage.person(Role::Member).await?, stage.person(Role::Member).await?);
    for person in [&one, &other] {
        answered(&turn_off(&stage, &owner, person.id).await?, StatusCode::NO_CONTENT);
    }
    for _ in 0..2 {
        stage.person(Role::Member).await?;
    }
    let (first, second) = tokio::join!(turn_on(&stage, &owner, one.id), turn_on(&stage, &owner, other.id));
    let mut answers = [first?, second?];
    answers.sort_by_key(|answer| answer.status);
    answered(&answers[0], StatusCode::NO_CONTENT);
    refused(&answers[1], StatusCode::FORBIDDEN, "workspace-full");
    Ok(())
}

#[tokio::test]
async fn a_session_opened_unseen_by_the_deactivation_does_not_outlive_it() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, member) = (stage.person(Role::Owner).await?, stage.person(Role::Member).await?);
    answered(&turn_off(&stage, &owner, member.id).await?, StatusCode::NO_CONTENT);
    stage.run("update sessions set revoked_at = null").await?;
    refused(&stage.get(&member.token, "/me/tokens").await?, StatusCode::FORBIDDEN, "account-deactivated");
    answered(&turn_on(&stage, &owner, member.id).await?, StatusCode::NO_CONTENT);
    refused(&stage.get(&member.token, "/me/tokens").await?, StatusCode::UNAUTHORIZED, "session-revoked");
    Ok(())
}

#[tokio::test]
async fn somebody_is_signed_out_on_all_devices_and_may_come_back() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (admin, member) = (stage.person(Role::Admin).await?, stage.person(Role::Member).await?);
    let second = stage.sign_in_as(&member.email, Role::Member).await?;
    let path = format!("/people/{}/sessions", member.id);
    let guest = stage.person(Role::Guest).await?;
    refused(&stage.delete(&guest, &path).await?, StatusCode::FORBIDDEN, "not-an-admin");
    for _ in 0..2 {
        answered(&stage.delete(&admin, &path).await?, StatusCode::NO_CONTENT);
    }
    stage.relayed().await?;
    assert_eq!(stage.told("SESSION_REVOKED", member.id).await?.len(), 2);
    for device in [&member, &second] {
        refused(&stage.get(&device.token, "/me/tokens").await?, StatusCode::UNAUTHORIZED, "session-revoked");
    }
    let back = stage.sign_in_as(&member.email, Role::Member).await?;
    // Oneself, everywhere.
    answered(&stage.delete(&back, &path).await?, StatusCode::NO_CONTENT);
    let none = stage.send(Method::DELETE, &path, None, None, &[]).await?;
    refused(&none, StatusCode::UNAUTHORIZED, "token-missing");
    Ok(())
}

#[tokio::test]
async fn whoever_has_signed_in_very_often_is_signed_out_and_deactivated_all_the_same() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (admin, member) = (stage.person(Role::Admin).await?, stage.person(Role::Member).await?);
    let many = format!(
        "insert into sessions (id, user_id) select gen_random_uuid(), '{}' from generate_series(1, 20000)",
        member.id
    );
    for path in ["sessions", "deactivation"] {
        stage.run(&many).await?;
        let method = if path == "sessions" { Method::DELETE } else { Method::PUT };
        let ended = stage.send(method, &format!("/people/{}/{path}", member.id), Some(&admin.token), None, &[]).await?;
        answered(&ended, StatusCode::NO_CONTENT);
        assert!(
            !stage
                .holds(&format!("select from sessions where user_id = '{}' and revoked_at is null", member.id))
                .await?
        );
    }
    let told: i64 = sqlx::query_scalar(
        "select count(distinct event->'data'->>'sessionId') from told where event->>'event' = 'SESSION_REVOKED'",
    )
    .fetch_one(&stage.pool)
    .await?;
    assert_eq!(told, 40_001);
    Ok(())
}
