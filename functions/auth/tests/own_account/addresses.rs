use domain::UserId;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stage::{PASSWORD, STRANGER, Stage, address, by, token};

async fn register(stage: &Stage) -> anyhow::Result<(String, Value)> {
    let email = address();
    let body = json!({"userId": UserId::random(), "email": email, "password": PASSWORD, "displayName": "Ada"});
    Ok((email, stage.post("auth/register", body, STRANGER).await?.is(StatusCode::CREATED)))
}

const PROVED: &str = "select count(*) from users where email_proved_at is not null";

#[tokio::test]
async fn a_registered_address_is_proved_by_its_letter_and_its_account() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (email, session) = register(&stage).await?;
    let ticket = token(&stage.letter(&email, "Confirm").await?, "verify")?;
    assert_eq!(stage.count(PROVED).await?, 0);
    // It opens nothing.
    let redeem = stage.post("auth/redeem", json!({"ticket": ticket}), STRANGER).await?;
    redeem.refused(StatusCode::NOT_FOUND, "ticket-not-found");
    let verify = async || stage.post("auth/verify-email", json!({"ticket": ticket}), by(&session)).await;
    for _ in 0..2 {
        verify().await?.is(StatusCode::NO_CONTENT);
    }
    assert_eq!(stage.count(PROVED).await?, 1);
    stage.run("update sign_in_tickets set used_at = used_at - interval '11 minutes'").await?;
    verify().await?.refused(StatusCode::GONE, "ticket-used");
    // There is nothing left to ask for.
    stage.ask(Method::POST, "me/email-verification", None, by(&session)).await?.is(StatusCode::ACCEPTED);
    assert_eq!(stage.count("select count(*) from letters").await?, 1);
    Ok(())
}

#[tokio::test]
async fn the_letter_is_sent_again_on_demand_and_expires() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (email, session) = register(&stage).await?;
    stage.ask(Method::POST, "me/email-verification", None, by(&session)).await?.is(StatusCode::ACCEPTED);
    let letters = stage.letters(&email, 2).await?;
    assert_ne!(token(&letters[0], "verify")?, token(&letters[1], "verify")?);
    stage.run("update sign_in_tickets set expires_at = now()").await?;
    let late = stage.post("auth/verify-email", json!({"ticket": token(&letters[0], "verify")?}), by(&session)).await?;
    late.refused(StatusCode::GONE, "ticket-expired");
    Ok(())
}

#[tokio::test]
async fn an_address_changes_once_the_new_one_is_proved_and_the_old_one_is_told() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let ((old, session), new) = (stage.somebody().await?, address());
    let change = |password: Value| json!({"email": new, "password": password});
    stage
        .put("me/email", change(json!("wrong wrong")), by(&session))
        .await?
        .refused(StatusCode::FORBIDDEN, "wrong-password");
    let without = stage.put("me/email", json!({"email": new}), by(&session)).await?;
    without.refused(StatusCode::UNPROCESSABLE_ENTITY, "password-needed");
    stage.put("me/email", change(json!(PASSWORD)), by(&session)).await?.is(StatusCode::ACCEPTED);
    let ticket = token(&stage.letter(&new, "Confirm").await?, "verify")?;
    stage.sign_in(&old, PASSWORD, STRANGER).await?.is(StatusCode::OK);
    for _ in 0..2 {
        stage.post("auth/verify-email", json!({"ticket": ticket}), by(&session)).await?.is(StatusCode::NO_CONTENT);
    }
    stage.sign_in(&old, PASSWORD, STRANGER).await?.refused(StatusCode::UNAUTHORIZED, "wrong-credentials");
    stage.sign_in(&new, PASSWORD, STRANGER).await?.is(StatusCode::OK);
    assert!(stage.letter(&old, "address").await?.text.contains(&new));
    assert!(stage.is_live(&session).await?);
    Ok(())
}

#[tokio::test]
async fn an_address_that_somebody_else_has_is_refused_once_it_is_proved_and_of_two_at_once_one_gets_it()
-> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let ((_, ada), (bob, bob_session), (_, carol), new) =
        (stage.somebody().await?, stage.somebody().await?, stage.somebody().await?, address());
    let change = async |session: &Value, email: &str| {
        let body = json!({"email": email, "password": PASSWORD});
        anyhow::Ok(stage.put("me/email", body, by(session)).await?.is(StatusCode::ACCEPTED))
    };
    change(&ada, &bob).await?;
    let ticket = token(&stage.letter(&bob, "Confirm").await?, "verify")?;
    stage
        .post("auth/verify-email", json!({"ticket": ticket}), by(&ada))
        .await?
        .refused(StatusCode::CONFLICT, "email-taken");

    change(&ada, &new).await?;
    change(&carol, &new).await?;
    let letters = stage.letters(&new, 2).await?;
    let verify = async |session: &Value, ticket: String| {
        stage.post("auth/verify-email", json!({"ticket": ticket}), by(session)).await
    };
    // Which letter is whose can't be seen.
    let [mut first, mut second] = [token(&letters[0], "verify")?, token(&letters[1], "verify")?];
    if verify(&bob_session, first.clone()).await?.code() != "ticket-for-another" {
        anyhow::bail!("Bob was let prove an address that he never asked for");
    }
    let of = "select user_id from sign_in_tickets where token_hash = sha256($1::text::bytea)";
    let first_is_of: uuid::Uuid = sqlx::query_scalar(of).bind(&first).fetch_one(&stage.pool).await?;
    if json!(first_is_of) != ada["user"]["userId"] {
        std::mem::swap(&mut first, &mut second);
    }
    let (one, other) = tokio::join!(verify(&ada, first), verify(&carol, second));
    let mut statuses = [one?.status, other?.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::NO_CONTENT, StatusCode::CONFLICT]);
    Ok(())
}
