use anyhow::Context;
use domain::{SessionId, UserId};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::stage::{ELSEWHERE, PASSWORD, STRANGER, Stage, address, at, by, code, session_of, token};

const NEW: &str = "another horse battery";

async fn forgotten(stage: &Stage, email: &str) -> anyhow::Result<String> {
    stage.post("auth/forgot-password", json!({"email": email}), at(ELSEWHERE)).await?.is(StatusCode::ACCEPTED);
    token(&stage.letter(email, "Choose a new password").await?, "reset")
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_letter_and_all_other_devices_are_signed_out() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let (email, before) = stage.somebody().await?;
    let ticket = forgotten(&stage, &email.to_uppercase()).await?;
    let short = json!({"ticket": ticket, "password": "short"});
    let short = stage.post("auth/reset-password", short, STRANGER).await?;
    short.refused(StatusCode::UNPROCESSABLE_ENTITY, "password-too-short");
    // Even while strangers must wait.
    for _ in 0..5 {
        stage.sign_in(&email, "wrong wrong", at(ELSEWHERE)).await?;
    }
    let body = json!({"ticket": ticket, "password": NEW, "sessionId": SessionId::random()});
    let (one, other) = tokio::join!(
        stage.post("auth/reset-password", body.clone(), at(ELSEWHERE)),
        stage.post("auth/reset-password", body.clone(), at(ELSEWHERE))
    );
    let (session, again) = (one?.is(StatusCode::OK), other?.is(StatusCode::OK));
    assert_eq!((session_of(&session)?, session_of(&again)?), (session_of(&again)?, session_of(&session)?));
    assert!(stage.is_live(&session).await? && !stage.is_live(&before).await?);
    let refresh = json!({"refreshToken": before["refreshToken"]});
    stage.post("auth/refresh", refresh, STRANGER).await?.refused(StatusCode::UNAUTHORIZED, "session-revoked");
    stage.sign_in(&email, PASSWORD, STRANGER).await?.refused(StatusCode::UNAUTHORIZED, "wrong-credentials");
    stage.sign_in(&email, NEW, at(ELSEWHERE)).await?.is(StatusCode::OK);
    let used = json!({"ticket": ticket, "password": NEW, "sessionId": SessionId::random()});
    stage.post("auth/reset-password", used, STRANGER).await?.refused(StatusCode::GONE, "ticket-used");
    stage.letter(&email, "Your password").await?;
    stage.post_is_done().await?;
    assert_eq!(stage.count("select count(*) from letters where kind = 'password-changed'").await?, 1);
    Ok(())
}

#[tokio::test]
async fn an_address_without_an_account_is_answered_the_same_and_gets_nothing() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let (email, _) = stage.somebody().await?;
    let nobody = stage.post("auth/forgot-password", json!({"email": address()}), STRANGER).await?;
    stage.run("update users set active = false").await?;
    let inactive = stage.post("auth/forgot-password", json!({"email": email}), STRANGER).await?;
    for answer in [nobody, inactive] {
        assert_eq!((answer.status, answer.json), (StatusCode::ACCEPTED, Value::Null));
    }
    assert_eq!(stage.count("select count(*) from letters").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_ticket_for_one_thing_does_no_other_and_an_old_one_nothing() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let (email, session) = stage.somebody().await?;
    let ticket = forgotten(&stage, &email).await?;
    for path in ["auth/redeem", "auth/verify-email"] {
        stage
            .post(path, json!({"ticket": ticket}), by(&session))
            .await?
            .refused(StatusCode::NOT_FOUND, "ticket-not-found");
    }
    // Changing the password ends what letters sent before can do.
    let change = json!({"currentPassword": PASSWORD, "newPassword": NEW});
    stage.put("me/password", change, by(&session)).await?.is(StatusCode::NO_CONTENT);
    let late = stage.post("auth/reset-password", json!({"ticket": ticket, "password": PASSWORD}), STRANGER).await?;
    late.refused(StatusCode::NOT_FOUND, "ticket-not-found");

    stage.post("auth/forgot-password", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    stage.post_is_done().await?;
    let letters = stage.letters(&email, 3).await?;
    let mut tickets = letters.iter().filter_map(|letter| token(letter, "reset").ok());
    let ticket = tickets.find(|known| *known != ticket).context("another ticket")?;
    stage.run("update users set email = 'other-' || email").await?;
    let late = stage.post("auth/reset-password", json!({"ticket": ticket, "password": PASSWORD}), STRANGER).await?;
    late.refused(StatusCode::GONE, "ticket-outdated");
    stage.run("update sign_in_tickets set expires_at = now()").await?;
    let late = stage.post("auth/reset-password", json!({"ticket": ticket, "password": PASSWORD}), STRANGER).await?;
    late.refused(StatusCode::GONE, "ticket-expired");
    Ok(())
}

#[tokio::test]
async fn a_change_signs_other_devices_out_and_a_retry_changes_nothing() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let (email, session) = stage.somebody().await?;
    let other = stage.sign_in(&email, PASSWORD, STRANGER).await?.is(StatusCode::OK);
    let change = json!({"currentPassword": PASSWORD, "newPassword": NEW});
    for _ in 0..2 {
        stage.put("me/password", change.clone(), by(&session)).await?.is(StatusCode::NO_CONTENT);
    }
    assert!(stage.is_live(&session).await? && !stage.is_live(&other).await?);
    stage.sign_in(&email, NEW, STRANGER).await?.is(StatusCode::OK);
    stage.letter(&email, "Your password").await?;
    assert_eq!(stage.count("select count(*) from letters where kind = 'password-changed'").await?, 1);

    for (body, status, code) in [
        (json!({"newPassword": PASSWORD}), StatusCode::UNPROCESSABLE_ENTITY, "password-needed"),
        (
            json!({"currentPassword": NEW, "newPassword": "short"}),
            StatusCode::UNPROCESSABLE_ENTITY,
            "password-too-short",
        ),
        (json!({"currentPassword": "wrong", "newPassword": PASSWORD}), StatusCode::FORBIDDEN, "wrong-password"),
    ] {
        stage.put("me/password", body, by(&session)).await?.refused(status, code);
    }
    Ok(())
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins_and_the_other_is_told() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let (_, session) = stage.somebody().await?;
    let change =
        |new: &str| stage.put("me/password", json!({"currentPassword": PASSWORD, "newPassword": new}), by(&session));
    let (one, other) = tokio::join!(change("one horse battery"), change("other horse battery"));
    let mut statuses = [one?.status, other?.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::NO_CONTENT, StatusCode::FORBIDDEN]);
    Ok(())
}

#[tokio::test]
async fn whoever_has_no_password_sets_one() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let email = address();
    let ticket = auth::tickets::issue(&stage.pool, &email, domain::Role::Member, std::time::Duration::from_hours(1));
    let ticket = json!({"ticket": ticket.await?.expose()});
    let session = stage.post("auth/redeem", ticket, STRANGER).await?.is(StatusCode::OK);
    stage.put("me/password", json!({"newPassword": NEW}), by(&session)).await?.is(StatusCode::NO_CONTENT);
    stage.sign_in(&email, NEW, STRANGER).await?.is(StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn the_owner_of_an_address_throws_out_whoever_registered_it_with_their_second_factor() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let email = address();
    let body = json!({"userId": UserId::random(), "email": email, "password": PASSWORD, "displayName": "Eve"});
    let eve = stage.post("auth/register", body, STRANGER).await?.is(StatusCode::CREATED);
    let begun = stage.post("me/second-factor", json!({"password": PASSWORD}), by(&eve)).await?.is(StatusCode::OK);
    let secret = begun["secret"].as_str().unwrap_or_default();
    stage.put("me/second-factor", json!({"code": code(secret, 0)?}), by(&eve)).await?.is(StatusCode::OK);

    let ticket = forgotten(&stage, &email).await?;
    let body = json!({"ticket": ticket, "password": NEW});
    let owner = stage.post("auth/reset-password", body, at(ELSEWHERE)).await?.is(StatusCode::OK);
    assert!(stage.is_live(&owner).await? && !stage.is_live(&eve).await?);
    stage.sign_in(&email, NEW, at(ELSEWHERE)).await?.is(StatusCode::OK);
    Ok(())
}
