use anyhow::Context;
use domain::SessionId;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::stage::{ELSEWHERE, HOME, PASSWORD, STRANGER, Stage, at, by, code, session_of, token};

/// Somebody whose sign-ins need a code.
struct Guarded {
    email: String,
    session: Value,
    secret: String,
    /// The code that turned it on.
    used: String,
    recovery: Vec<String>,
}

async fn guarded(stage: &Stage) -> anyhow::Result<Guarded> {
    let (email, session) = stage.somebody().await?;
    let begun = stage.post("me/second-factor", json!({"password": PASSWORD}), by(&session)).await?.is(StatusCode::OK);
    let secret = begun["secret"].as_str().context("a secret")?.to_owned();
    let used = code(&secret, 0)?;
    let confirmed = stage.put("me/second-factor", json!({"code": used}), by(&session)).await?;
    let recovery = serde_json::from_value(confirmed.is(StatusCode::OK)["recoveryCodes"].clone())?;
    Ok(Guarded { email, session, secret, used, recovery })
}

async fn sign_in(stage: &Stage, email: &str, code: &str, session: SessionId) -> anyhow::Result<crate::stage::Answer> {
    let body = json!({"email": email, "password": PASSWORD, "code": code, "sessionId": session});
    stage.post("auth/sign-in", body, STRANGER).await
}

#[tokio::test]
async fn a_code_is_asked_for_after_the_right_password_and_each_is_good_once() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let Guarded { email, secret, used, .. } = guarded(&stage).await?;
    stage.sign_in(&email, PASSWORD, STRANGER).await?.refused(StatusCode::UNAUTHORIZED, "second-factor-needed");
    stage.sign_in(&email, "wrong wrong", STRANGER).await?.refused(StatusCode::UNAUTHORIZED, "wrong-credentials");
    // That of the confirmation is used.
    let any = SessionId::random();
    sign_in(&stage, &email, &used, any).await?.refused(StatusCode::UNAUTHORIZED, "wrong-code");
    sign_in(&stage, &email, "abc", any).await?.refused(StatusCode::UNAUTHORIZED, "wrong-code");

    stage.run("update second_factors set last_step = 0").await?;
    let (fresh, session) = (code(&secret, 0)?, SessionId::random());
    let opened = sign_in(&stage, &email, &fresh, session).await?.is(StatusCode::OK);
    // The answer was lost: the same code, for the same session.
    let again = sign_in(&stage, &email, &fresh, session).await?.is(StatusCode::OK);
    assert_eq!(session_of(&again)?, session_of(&opened)?);
    let stolen = sign_in(&stage, &email, &fresh, SessionId::random()).await?;
    stolen.refused(StatusCode::UNAUTHORIZED, "wrong-code");
    Ok(())
}

#[tokio::test]
async fn of_two_with_one_code_at_once_one_comes_in() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let Guarded { email, secret, .. } = guarded(&stage).await?;
    stage.run("update second_factors set last_step = 0").await?;
    let fresh = code(&secret, 0)?;
    let (one, other) = tokio::join!(
        sign_in(&stage, &email, &fresh, SessionId::random()),
        sign_in(&stage, &email, &fresh, SessionId::random())
    );
    let mut statuses = [one?.status, other?.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::UNAUTHORIZED]);
    Ok(())
}

#[tokio::test]
async fn recovery_codes_work_once_each_however_they_are_typed_and_new_ones_end_the_old() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let Guarded { email, session, recovery: codes, .. } = guarded(&stage).await?;
    assert_eq!(codes.len(), 10);
    let left = async || anyhow::Ok(stage.get("me/second-factor", by(&session)).await?);
    assert_eq!(left().await?, json!({"enabled": true, "recoveryCodesLeft": 10}));
    let typed = codes[0].to_uppercase().replace('-', " ");
    sign_in(&stage, &email, &typed, SessionId::random()).await?.is(StatusCode::OK);
    let again = sign_in(&stage, &email, &codes[0], SessionId::random()).await?;
    again.refused(StatusCode::UNAUTHORIZED, "wrong-code");
    assert_eq!(left().await?["recoveryCodesLeft"], 9);

    let wrong = stage.post("me/recovery-codes", json!({"password": "wrong wrong"}), by(&session)).await?;
    wrong.refused(StatusCode::FORBIDDEN, "wrong-password");
    let new = stage.post("me/recovery-codes", json!({"password": PASSWORD}), by(&session)).await?.is(StatusCode::OK);
    let old = sign_in(&stage, &email, &codes[1], SessionId::random()).await?;
    old.refused(StatusCode::UNAUTHORIZED, "wrong-code");
    let new = new["recoveryCodes"][0].as_str().context("a code")?;
    sign_in(&stage, &email, new, SessionId::random()).await?.is(StatusCode::OK);
    // Nothing readable rests in the database.
    let stored: Vec<Vec<u8>> =
        sqlx::query_scalar("select code_hash from recovery_codes").fetch_all(&stage.pool).await?;
    assert!(stored.iter().all(|hash| hash.len() == 32));
    Ok(())
}

#[tokio::test]
async fn a_factor_begins_with_the_password_counts_once_confirmed_and_ends_with_both_proofs() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let (email, session) = stage.somebody().await?;
    let me = by(&session);
    stage
        .put("me/second-factor", json!({"code": "123456"}), me)
        .await?
        .refused(StatusCode::CONFLICT, "second-factor-not-begun");
    stage
        .post("me/recovery-codes", json!({"password": PASSWORD}), me)
        .await?
        .refused(StatusCode::CONFLICT, "second-factor-not-begun");
    stage.post("me/second-factor", json!({}), me).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "password-needed");
    let begin = async || stage.post("me/second-factor", json!({"password": PASSWORD}), me).await;
    let (begun, again) = (begin().await?.is(StatusCode::OK), begin().await?.is(StatusCode::OK));
    assert_eq!(begun, again);
    let secret = begun["secret"].as_str().context("a secret")?;
    let uri = begun["uri"].as_str().context("an address")?;
    assert!(uri.starts_with("otpauth://totp/own:") && uri.contains(&format!("secret={secret}&issuer=own")), "{uri}");
    assert_eq!(stage.get("me/second-factor", me).await?, json!({"enabled": false, "recoveryCodesLeft": 0}));
    stage.sign_in(&email, PASSWORD, STRANGER).await?.is(StatusCode::OK);

    let right = code(secret, 0)?;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    stage.put("me/second-factor", json!({"code": wrong}), me).await?.refused(StatusCode::UNAUTHORIZED, "wrong-code");
    let confirm = async || stage.put("me/second-factor", json!({"code": right}), me).await;
    let (one, other) = (confirm().await?.is(StatusCode::OK), confirm().await?.is(StatusCode::OK));
    assert_ne!(one, other);
    begin().await?.refused(StatusCode::CONFLICT, "second-factor-on");

    let remove = async |code: &str| {
        stage.post("me/second-factor/removal", json!({"password": PASSWORD, "code": code}), me).await
    };
    remove(wrong).await?.refused(StatusCode::UNAUTHORIZED, "wrong-code");
    let recovery = other["recoveryCodes"][3].as_str().context("a code")?;
    for _ in 0..2 {
        remove(recovery).await?.is(StatusCode::NO_CONTENT);
    }
    stage.sign_in(&email, PASSWORD, STRANGER).await?.is(StatusCode::OK);
    assert_eq!(stage.count("select count(*) from recovery_codes").await?, 0);
    Ok(())
}

#[tokio::test]
async fn guessed_codes_are_slowed_even_for_who_knows_the_password() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let Guarded { email, session, recovery: codes, .. } = guarded(&stage).await?;
    for guess in 0..5 {
        let body = json!({"email": email, "password": PASSWORD, "code": format!("{guess:06}")});
        stage.post("auth/sign-in", body, at(ELSEWHERE)).await?.refused(StatusCode::UNAUTHORIZED, "wrong-code");
        if guess < 4 {
            // Asking what is needed forgives nothing, and costs nothing.
            let asked = stage.sign_in(&email, PASSWORD, at(ELSEWHERE)).await?;
            asked.refused(StatusCode::UNAUTHORIZED, "second-factor-needed");
        }
    }
    stage.wear_out().await?;
    let body = json!({"email": email, "password": PASSWORD, "code": codes[0]});
    stage
        .post("auth/sign-in", body.clone(), at(ELSEWHERE))
        .await?
        .refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");
    stage.post("auth/sign-in", body, at(HOME)).await?.is(StatusCode::OK);

    // The same by a session, where the right password is sent along each time.
    let removal = |code: &str| json!({"password": PASSWORD, "code": code});
    for guess in 0..5 {
        let wrong = stage.post("me/second-factor/removal", removal(&format!("{guess:06}")), by(&session)).await?;
        wrong.refused(StatusCode::UNAUTHORIZED, "wrong-code");
    }
    stage.wear_out().await?;
    let waiting = stage.post("me/second-factor/removal", removal(&codes[1]), by(&session)).await?;
    waiting.refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");
    Ok(())
}

#[tokio::test]
async fn tickets_and_new_passwords_need_the_code_too_and_stay_good_until_it_is_right() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let Guarded { email, recovery: codes, .. } = guarded(&stage).await?;
    stage.post("auth/forgot-password", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    let reset = token(&stage.letter(&email, "Choose a new password").await?, "reset")?;
    let ticket = auth::tickets::issue(&stage.pool, &email, domain::Role::Member, std::time::Duration::from_hours(1));
    let ticket = ticket.await?;
    let ways = [
        ("auth/redeem", json!({"ticket": ticket.expose()})),
        ("auth/reset-password", json!({"ticket": reset, "password": "another horse battery"})),
    ];
    for (number, (path, mut body)) in ways.into_iter().enumerate() {
        stage.post(path, body.clone(), STRANGER).await?.refused(StatusCode::UNAUTHORIZED, "second-factor-needed");
        body["code"] = json!("aaaa-aaaa-aaaa-aaaa");
        stage.post(path, body.clone(), STRANGER).await?.refused(StatusCode::UNAUTHORIZED, "wrong-code");
        body["code"] = json!(codes[number]);
        stage.post(path, body, STRANGER).await?.is(StatusCode::OK);
    }
    Ok(())
}
