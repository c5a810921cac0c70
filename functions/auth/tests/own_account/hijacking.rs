//! Somebody makes an account with another's address and waits for them. Each way by which that pays is tried here.

use chrono::{TimeDelta, Utc};
use domain::{Role, TokenId, UserId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::servers::{LocalIssuer, issuer::now};

use crate::stage::{AUDIENCE, ELSEWHERE, From, PASSWORD, STRANGER, Stage, address, at, by, token};

const NEW: &str = "another horse battery";
const PROVED: &str = "select count(*) from users where email_proved_at is not null";
const CHANGES: &str = "select count(*) from sign_in_tickets where purpose = 'change-email'";

/// Mallory's account with somebody else's address.
async fn mallory(stage: &Stage, email: &str) -> anyhow::Result<Value> {
    let body = json!({"userId": UserId::random(), "email": email, "password": PASSWORD, "displayName": "Mallory"});
    Ok(stage.post("auth/register", body, at(ELSEWHERE)).await?.is(StatusCode::CREATED))
}

/// An API token of somebody's own.
async fn api_token(stage: &Stage, session: &Value) -> anyhow::Result<String> {
    let body = json!({"name": "n", "scopes": ["messages:read"], "expiresAt": Utc::now() + TimeDelta::days(1)});
    let made = stage.put(&format!("me/tokens/{}", TokenId::random()), body, by(session)).await?;
    Ok(made.is(StatusCode::CREATED)["secret"].as_str().unwrap_or_default().to_owned())
}

/// What an API token is told that asks for what no token may do: whether it is good.
async fn is_good(stage: &Stage, token: &str) -> anyhow::Result<bool> {
    let asked = stage.ask(Method::GET, "me/tokens", None, From { token: Some(token), ..STRANGER }).await?;
    match asked.code() {
        "session-needed" => Ok(true),
        "session-revoked" => Ok(false),
        other => anyhow::bail!("{other}: {}", asked.json),
    }
}

/// The owner of an address gets its account.
async fn reset(stage: &Stage, email: &str) -> anyhow::Result<Value> {
    stage.post("auth/forgot-password", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    let ticket = token(&stage.letter(email, "Choose a new password").await?, "reset")?;
    let body = json!({"ticket": ticket, "password": NEW});
    Ok(stage.post("auth/reset-password", body, STRANGER).await?.is(StatusCode::OK))
}

#[tokio::test]
async fn who_follows_the_link_of_an_account_that_somebody_else_made_proves_nothing() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (victim, (_, other)) = (address(), stage.somebody().await?);
    let eve = mallory(&stage, &victim).await?;
    let ticket = json!({"ticket": token(&stage.letter(&victim, "Confirm").await?, "verify")?});
    let before = stage.count(PROVED).await?;
    let verify = async |from: From<'_>| stage.post("auth/verify-email", ticket.clone(), from).await;
    verify(STRANGER).await?.refused(StatusCode::UNAUTHORIZED, "token-missing");
    verify(by(&other)).await?.refused(StatusCode::FORBIDDEN, "ticket-for-another");
    let secret = api_token(&stage, &eve).await?;
    let by_token = verify(From { token: Some(&secret), ..STRANGER }).await?;
    by_token.refused(StatusCode::FORBIDDEN, "session-needed");
    assert_eq!(stage.count(PROVED).await?, before);

    // What they can do is take it over.
    let theirs = reset(&stage, &victim).await?;
    assert_eq!(theirs["user"]["userId"], eve["user"]["userId"]);
    assert!(!stage.is_live(&eve).await? && !is_good(&stage, &secret).await?);
    stage.sign_in(&victim, PASSWORD, at(ELSEWHERE)).await?.refused(StatusCode::UNAUTHORIZED, "wrong-credentials");
    let refresh = json!({"refreshToken": eve["refreshToken"]});
    stage.post("auth/refresh", refresh, at(ELSEWHERE)).await?.refused(StatusCode::UNAUTHORIZED, "session-revoked");
    Ok(())
}

#[tokio::test]
async fn an_issuer_vouches_nobody_into_an_account_that_somebody_else_made() -> anyhow::Result<()> {
    let issuer = LocalIssuer::start().await?;
    let stage = Stage::trusting(&issuer).await?;
    let victim = address();
    let eve = mallory(&stage, &victim).await?;
    let vouched = issuer.token(now(), "vic", AUDIENCE, &json!({"email": victim, "email_verified": true}))?;
    let come = async || {
        let from = From { token: Some(&vouched), ..STRANGER };
        stage.ask(Method::GET, "me/sessions", None, from).await
    };
    come().await?.refused(StatusCode::FORBIDDEN, "address-unproved");
    // Nor once its letter's link was followed.
    let ticket = json!({"ticket": token(&stage.letter(&victim, "Confirm").await?, "verify")?});
    let followed = stage.post("auth/verify-email", ticket, STRANGER).await?;
    followed.refused(StatusCode::UNAUTHORIZED, "token-missing");
    come().await?.refused(StatusCode::FORBIDDEN, "address-unproved");
    assert_eq!(stage.count("select count(*) from identities").await?, 0);

    reset(&stage, &victim).await?;
    come().await?.is(StatusCode::OK);
    let linked =
        "select count(*) from identities i join users u on u.id = i.user_id where u.email_proved_at is not null";
    assert_eq!(stage.count(linked).await?, 1);
    assert!(!stage.is_live(&eve).await?);
    stage.sign_in(&victim, PASSWORD, at(ELSEWHERE)).await?.refused(StatusCode::UNAUTHORIZED, "wrong-credentials");
    Ok(())
}

#[tokio::test]
async fn an_account_that_an_issuer_is_linked_to_loses_its_other_sessions_and_tokens_once() -> anyhow::Result<()> {
    let issuer = LocalIssuer::start().await?;
    let stage = Stage::trusting(&issuer).await?;
    let ((email, session), (_, bob)) = (stage.somebody().await?, stage.somebody().await?);
    let secret = api_token(&stage, &session).await?;
    assert!(is_good(&stage, &secret).await?);
    let unverified = issuer.token(now(), "ada", AUDIENCE, &json!({"email": email, "email_verified": false}))?;
    let vouched = issuer.token(now(), "ada", AUDIENCE, &json!({"email": email, "email_verified": true, "jti": "2"}))?;
    let come = async |token: &str| {
        let from = From { token: Some(token), ..STRANGER };
        anyhow::Ok(stage.ask(Method::GET, "me/sessions", None, from).await?.is(StatusCode::OK))
    };
    let listed = come(&vouched).await?;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
    assert!(!stage.is_live(&session).await? && !is_good(&stage, &secret).await? && stage.is_live(&bob).await?);
    // It is linked from now on: whoever signs in beside it stays.
    let again = stage.sign_in(&email, PASSWORD, STRANGER).await?.is(StatusCode::OK);
    come(&vouched).await?;
    come(&unverified).await?;
    assert!(stage.is_live(&again).await?);
    Ok(())
}

#[tokio::test]
async fn an_address_becomes_nobodys_whose_owner_did_not_ask_for_it() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let ((own, eve), victim) = (stage.somebody().await?, address());
    let change = json!({"email": victim, "password": PASSWORD});
    stage.put("me/email", change, by(&eve)).await?.is(StatusCode::ACCEPTED);
    let ticket = json!({"ticket": token(&stage.letter(&victim, "Confirm").await?, "verify")?});
    let followed = stage.post("auth/verify-email", ticket.clone(), STRANGER).await?;
    followed.refused(StatusCode::UNAUTHORIZED, "token-missing");
    stage.sign_in(&own, PASSWORD, STRANGER).await?.is(StatusCode::OK);
    // The address is still its owner's to come with.
    let victims = mallory(&stage, &victim).await?;
    stage.post("auth/verify-email", ticket, by(&victims)).await?.refused(StatusCode::FORBIDDEN, "ticket-for-another");
    Ok(())
}

#[tokio::test]
async fn a_change_of_address_that_was_asked_for_before_ends_with_whoever_asked() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let asked = async |victim: &str| {
        let (eve, own) = (mallory(&stage, victim).await?, address());
        let change = json!({"email": own, "password": PASSWORD});
        stage.put("me/email", change, by(&eve)).await?.is(StatusCode::ACCEPTED);
        let ticket = json!({"ticket": token(&stage.letter(&own, "Confirm").await?, "verify")?});
        anyhow::Ok((eve, ticket))
    };
    let (one, other) = (address(), address());
    let ((first, first_ticket), (second, second_ticket)) = (asked(&one).await?, asked(&other).await?);
    assert_eq!(stage.count(CHANGES).await?, 2);
    // By a new password, or by any link that proves the address for the first time.
    let by_reset = reset(&stage, &one).await?;
    let ticket = auth::tickets::issue(&stage.pool, &other, Role::Member, std::time::Duration::from_hours(1)).await?;
    let redeem = json!({"ticket": ticket.expose(), "password": NEW});
    let by_link = stage.post("auth/redeem", redeem, STRANGER).await?.is(StatusCode::OK);
    assert_eq!(stage.count(CHANGES).await?, 0);
    for (eve, ticket, owner, email) in [(first, first_ticket, by_reset, one), (second, second_ticket, by_link, other)] {
        let late = stage.post("auth/verify-email", ticket.clone(), by(&eve)).await?;
        late.refused(StatusCode::UNAUTHORIZED, "session-revoked");
        let tricked = stage.post("auth/verify-email", ticket, by(&owner)).await?;
        tricked.refused(StatusCode::NOT_FOUND, "ticket-not-found");
        stage.sign_in(&email, NEW, STRANGER).await?.is(StatusCode::OK);
    }
    Ok(())
}

#[tokio::test]
async fn a_new_password_by_letter_ends_the_tokens_of_whoever_had_the_account() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let ((email, session), (_, bob)) = (stage.somebody().await?, stage.somebody().await?);
    let (secret, bobs) = (api_token(&stage, &session).await?, api_token(&stage, &bob).await?);
    reset(&stage, &email).await?;
    assert!(!is_good(&stage, &secret).await? && is_good(&stage, &bobs).await?);
    Ok(())
}
