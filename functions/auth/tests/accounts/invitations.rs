//! Coming in by an invitation.

use domain::{Role, SessionId, UserId};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::stage::{PASSWORD, Someone, Stage, answered, refused};

const ACCEPT: &str = "/auth/accept-invitation";

/// Somebody who has a link.
fn newcomer(token: &str) -> Value {
    let id = UserId::random();
    json!({
        "token": token, "userId": id, "email": format!("{}@acme.example", id.0.simple()), "password": PASSWORD,
        "displayName": "Grace", "sessionId": SessionId::random(),
    })
}

fn without(mut body: Value, field: &str) -> Value {
    body.as_object_mut().map(|fields| fields.remove(field));
    body
}

async fn uses(stage: &Stage) -> anyhow::Result<i32> {
    Ok(sqlx::query_scalar("select uses from invitations").fetch_one(&stage.pool).await?)
}

#[tokio::test]
async fn an_invitation_is_looked_at_without_using_it_up() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.person(Role::Owner).await?;
    let (_, token) = stage.invitation(&owner, json!({"email": "grace@acme.example", "role": "admin"})).await?;
    for _ in 0..2 {
        let seen = stage.ask("/auth/invitation", json!({"token": token})).await?.ok()?;
        let expected = json!({
            "workspace": "accounts", "inviter": "Ada", "role": "admin", "email": "grace@acme.example",
            "expiresAt": seen["expiresAt"],
        });
        assert_eq!(seen, expected);
    }
    assert_eq!(uses(&stage).await?, 0);
    for nonsense in ["", "\0", "x"] {
        let answer = stage.ask("/auth/invitation", json!({"token": nonsense})).await?;
        refused(&answer, StatusCode::NOT_FOUND, "invitation-not-found");
    }
    Ok(())
}

#[tokio::test]
async fn who_was_invited_by_letter_is_in_with_the_address_proved() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.person(Role::Owner).await?;
    let (channel, team) = (stage.channel(&owner, &[], "channel").await?, stage.team(&owner, &[]).await?);
    let fields = json!({"email": "Grace@acme.example", "role": "guest", "channels": [channel], "teams": [team]});
    let (_, token) = stage.invitation(&owner, fields).await?;
    let wrong = newcomer(&token);
    refused(&stage.ask(ACCEPT, wrong).await?, StatusCode::FORBIDDEN, "invitation-for-another");
    let body = without(newcomer(&token), "email");
    let answer = stage.ask(ACCEPT, body.clone()).await?;
    answered(&answer, StatusCode::CREATED);
    let grace = Someone::of(&answer.json)?;
    assert_eq!((json!(grace.id), json!(grace.session)), (body["userId"].clone(), body["sessionId"].clone()));
    assert_eq!((&answer.json["user"]["role"], grace.email.as_str()), (&json!("guest"), "Grace@acme.example"));
    assert!(stage.holds("select from users where email = 'Grace@acme.example' and email_proved_at is not null").await?);
    assert!(stage.is_in(channel, grace.id).await?);
    assert!(stage.holds(&format!("select from team_members where user_id = '{}' and active", grace.id)).await?);
    assert!(!stage.holds("select from letters").await?);
    stage.relayed().await?;
    assert_eq!(stage.told("CHANNEL_MEMBER_ADDED", grace.id).await?.len(), 2);
    let sign_in = json!({"email": "grace@ACME.example", "password": PASSWORD});
    answered(&stage.ask("/auth/sign-in", sign_in).await?, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn by_a_link_the_address_is_typed_in_and_is_to_be_proved() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.person(Role::Owner).await?;
    let (_, token) = stage.invitation(&owner, json!({"maxUses": 3})).await?;
    let body = newcomer(&token);
    let nameless = without(body.clone(), "email");
    let answer = stage.ask(ACCEPT, nameless).await?;
    refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "email-needed");
    for (field, value, code) in [
        ("email", json!("grace"), "email-invalid"),
        ("password", json!("short"), "password-too-short"),
        ("displayName", json!("G\u{202e}"), "name-control-character"),
        ("displayName", json!("\u{410}da"), "name-looks-taken"),
        ("email", json!(owner.email), "email-taken"),
        ("userId", json!(owner.id), "user-id-taken"),
        ("sessionId", json!(owner.session), "session-id-taken"),
        ("userId", json!("x"), "invalid-field"),
        ("role", json!("owner"), "unknown-field"),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        let answer = stage.ask(ACCEPT, wrong).await?;
        assert!(answer.status.is_client_error() && answer.code() == code, "{field}: {} {}", answer.status, answer.json);
    }
    assert_eq!(uses(&stage).await?, 0);

    let answer = stage.ask(ACCEPT, body.clone()).await?;
    answered(&answer, StatusCode::CREATED);
    let grace = Someone::of(&answer.json)?;
    assert!(stage.holds(&format!("select from users where id = '{}' and email_proved_at is null", grace.id)).await?);
    let letter = format!("select from letters where kind = 'verify-email' and recipient = '{}'", grace.email);
    assert!(stage.holds(&letter).await?);
    assert_eq!(uses(&stage).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_given_again_to_who_knows_the_password_even_after_the_last_use() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.person(Role::Owner).await?;
    let (id, token) = stage.invitation(&owner, json!({})).await?;
    let body = newcomer(&token);
    answered(&stage.ask(ACCEPT, body.clone()).await?, StatusCode::CREATED);
    for state in ["expires_at = now() - interval '1 minute'", "revoked_at = now()"] {
        stage.run(&format!("update invitations set {state} where id = '{id}'")).await?;
        let again = stage.ask(ACCEPT, body.clone()).await?;
        answered(&again, StatusCode::OK);
        assert_eq!(json!(Someone::of(&again.json)?.session), body["sessionId"]);
    }
    let mut other = body.clone();
    other["password"] = json!("correct horse batter");
    refused(&stage.ask(ACCEPT, other).await?, StatusCode::CONFLICT, "user-id-taken");
    let mut other = body.clone();
    other["email"] = json!("else@acme.example");
    refused(&stage.ask(ACCEPT, other).await?, StatusCode::CONFLICT, "user-id-taken");
    assert_eq!(uses(&stage).await?, 1);
    let sessions =
        format!("select count(*) from sessions where user_id = '{}'", body["userId"].as_str().unwrap_or_default());
    let sessions: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sessions)).fetch_one(&stage.pool).await?;
    assert_eq!(sessions, 1);
    Ok(())
}

#[tokio::test]
async fn what_is_used_up_expired_or_taken_back_lets_nobody_in() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.person(Role::Owner).await?;
    for (state, code) in [
        ("uses = 1", "invitation-used"),
        ("uses = 0, expires_at = now() - interval '1 second'", "invitation-expired"),
        ("revoked_at = now()", "invitation-revoked"),
    ] {
        let (id, token) = stage.invitation(&owner, json!({})).await?;
        stage.run(&format!("update invitations set {state} where id = '{id}'")).await?;
        refused(&stage.ask(ACCEPT, newcomer(&token)).await?, StatusCode::GONE, code);
        refused(&stage.ask("/auth/invitation", json!({"token": token})).await?, StatusCode::GONE, code);
    }
    refused(&stage.ask(ACCEPT, newcomer("x")).await?, StatusCode::NOT_FOUND, "invitation-not-found");
    Ok(())
}

#[tokio::test]
async fn of_two_at_once_on_the_last_use_one_comes_in_and_an_equal_pair_is_one() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.person(Role::Owner).await?;
    let (_, token) = stage.invitation(&owner, json!({})).await?;
    let (one, other) = tokio::join!(stage.ask(ACCEPT, newcomer(&token)), stage.ask(ACCEPT, newcomer(&token)));
    let mut answers = [one?, other?];
    answers.sort_by_key(|answer| answer.status);
    answered(&answers[0], StatusCode::CREATED);
    refused(&answers[1], StatusCode::GONE, "invitation-used");
    assert!(!stage.holds("select from invitations where uses <> 1").await?);

    let (_, token) = stage.invitation(&owner, json!({})).await?;
    let body = newcomer(&token);
    let (one, other) = tokio::join!(stage.ask(ACCEPT, body.clone()), stage.ask(ACCEPT, body.clone()));
    let mut statuses = [one?.status, other?.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::CREATED]);
    assert!(!stage.holds("select from invitations where uses <> 1").await?);
    Ok(())
}

#[tokio::test]
async fn a_full_workspace_lets_nobody_in_and_uses_nothing_up() -> anyhow::Result<()> {
    let stage = Stage::with_settings(json!({"limits": {"members": 2}})).await?;
    let owner = stage.person(Role::Owner).await?;
    let (_, token) = stage.invitation(&owner, json!({"maxUses": 9})).await?;
    let (one, other) = tokio::join!(stage.ask(ACCEPT, newcomer(&token)), stage.ask(ACCEPT, newcomer(&token)));
    let mut answers = [one?, other?];
    answers.sort_by_key(|answer| answer.status);
    answered(&answers[0], StatusCode::CREATED);
    refused(&answers[1], StatusCode::FORBIDDEN, "workspace-full");
    assert_eq!(uses(&stage).await?, 1);
    Ok(())
}
