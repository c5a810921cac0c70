use domain::UserId;
use reqwest::StatusCode;
use serde_json::json;

use crate::stage::{ELSEWHERE, HOME, PASSWORD, STRANGER, Stage, address, at, by, code, token};

#[tokio::test]
async fn whoever_guesses_waits_and_the_owner_signs_in_at_once_where_they_were_before() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let (email, _) = stage.somebody().await?;
    for _ in 0..5 {
        let wrong = stage.sign_in(&email, "correct horse wrong", at(ELSEWHERE)).await?;
        wrong.refused(StatusCode::UNAUTHORIZED, "wrong-credentials");
    }
    stage.wear_out().await?;
    let waiting = stage.sign_in(&email.to_uppercase(), PASSWORD, at(ELSEWHERE)).await?;
    let wait: u64 = waiting.headers["retry-after"].to_str()?.parse()?;
    assert!((1..=60).contains(&wait), "{wait}");
    waiting.refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");
    // Another stranger waits too, in another account's place nobody does.
    stage
        .sign_in(&email, PASSWORD, at("203.0.113.1"))
        .await?
        .refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");
    let (bob, _) = stage.somebody().await?;
    stage.sign_in(&bob, PASSWORD, at(ELSEWHERE)).await?.is(StatusCode::OK);
    // The owner was at home before.
    stage.sign_in(&email, PASSWORD, at(HOME)).await?.is(StatusCode::OK);

    // The wait is over; being right forgives what failed between the two.
    stage.run("update sign_in_failures set last_at = now() - interval '61 s'").await?;
    stage.sign_in(&email, PASSWORD, at(ELSEWHERE)).await?.is(StatusCode::OK);
    assert_eq!(stage.count("select count(*) from sign_in_failures").await?, 0);
    Ok(())
}

#[tokio::test]
async fn many_at_once_gain_nothing() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let (email, _) = stage.somebody().await?;
    let tries = (0..30).map(|_| stage.sign_in(&email, "correct horse wrong", at(ELSEWHERE)));
    let mut tried = 0;
    for answer in futures::future::try_join_all(tries).await? {
        match answer.code() {
            "wrong-credentials" => tried += 1,
            "too-many-attempts" | "busy" => {}
            code => panic!("{code}"),
        }
    }
    // Five, and a few more if the machine is so slow that a wait is over meanwhile.
    assert!((1..=10).contains(&tried), "{tried}");
    let counted: i64 = stage.count("select max(failures)::bigint from sign_in_failures").await?;
    assert_eq!(counted, tried);
    Ok(())
}

#[tokio::test]
async fn an_unknown_address_waits_like_a_known_one() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    for _ in 0..5 {
        let wrong = stage.sign_in("nobody@acme.example", PASSWORD, at(ELSEWHERE)).await?;
        wrong.refused(StatusCode::UNAUTHORIZED, "wrong-credentials");
    }
    stage.wear_out().await?;
    let waiting = stage.sign_in("nobody@acme.example", PASSWORD, at(ELSEWHERE)).await?;
    waiting.refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");
    Ok(())
}

#[tokio::test]
async fn failures_of_yesterday_are_forgotten() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let (email, _) = stage.somebody().await?;
    stage.sign_in(&email, "correct horse wrong", at(ELSEWHERE)).await?;
    stage.run("update sign_in_failures set failures = 1000, last_at = now() - interval '25 h'").await?;
    stage.sign_in(&email, "correct horse wrong", at(ELSEWHERE)).await?;
    assert_eq!(stage.count("select max(failures)::bigint from sign_in_failures").await?, 1);
    Ok(())
}

#[tokio::test]
async fn wrong_tickets_are_slowed_and_a_right_one_never_is() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let guess = async || stage.post("auth/redeem", json!({"ticket": "guess"}), at(HOME)).await;
    for _ in 0..20 {
        guess().await?.refused(StatusCode::NOT_FOUND, "ticket-not-found");
    }
    stage.wear_out().await?;
    guess().await?.refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");
    let guess = stage.post("auth/verify-email", json!({"ticket": "guess"}), at(HOME)).await?;
    guess.refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");
    stage.somebody().await?;
    Ok(())
}

#[tokio::test]
async fn whoever_stole_a_session_guesses_no_password_by_it_and_slows_nobody_else() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let (email, stolen) = stage.somebody().await?;
    let own = stage.sign_in(&email, PASSWORD, STRANGER).await?.is(StatusCode::OK);
    let change = |current: &str| json!({"currentPassword": current, "newPassword": "another horse battery"});
    for _ in 0..5 {
        let wrong = stage.put("me/password", change("guess guess"), by(&stolen)).await?;
        assert_eq!(wrong.json["field"], "currentPassword");
        wrong.refused(StatusCode::FORBIDDEN, "wrong-password");
    }
    stage.wear_out().await?;
    let waiting = stage.put("me/password", change(PASSWORD), by(&stolen)).await?;
    waiting.refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");
    stage.put("me/password", change(PASSWORD), by(&own)).await?.is(StatusCode::NO_CONTENT);
    assert!(!stage.is_live(&stolen).await?);
    Ok(())
}

#[tokio::test]
async fn whatever_a_stranger_does_the_owner_gets_in_where_they_were_before_and_by_letter_everywhere()
-> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (email, session) = stage.somebody().await?;
    let begun = stage.post("me/second-factor", json!({"password": PASSWORD}), by(&session)).await?.is(StatusCode::OK);
    let secret = begun["secret"].as_str().unwrap_or_default();
    let on = stage.put("me/second-factor", json!({"code": code(secret, 0)?}), by(&session)).await?.is(StatusCode::OK);

    // Every network fails on the account and asks for whatever letters there are.
    for network in 0..8 {
        let address = format!("203.0.113.{network}");
        stage.sign_in(&email, "correct horse wrong", at(&address)).await?;
        stage.post("auth/sign-up", json!({"email": email}), at(&address)).await?.is(StatusCode::ACCEPTED);
        stage.post("auth/redeem", json!({"ticket": "guess"}), at(&address)).await?;
    }
    stage.wear_out().await?;
    let away = "198.51.100.77";
    stage.sign_in(&email, PASSWORD, at(away)).await?.refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");

    let body = json!({"email": email, "password": PASSWORD, "code": on["recoveryCodes"][0]});
    stage.post("auth/sign-in", body, at(HOME)).await?.is(StatusCode::OK);
    stage.post("auth/forgot-password", json!({"email": email}), at(away)).await?.is(StatusCode::ACCEPTED);
    let ticket = token(&stage.letter(&email, "Choose a new password").await?, "reset")?;
    let body = json!({"ticket": ticket, "password": "another horse battery", "code": on["recoveryCodes"][1]});
    stage.post("auth/reset-password", body, at(away)).await?.is(StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn codes_by_ticket_are_slowed_and_no_password_is() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (email, session) = stage.somebody().await?;
    let begun = stage.post("me/second-factor", json!({"password": PASSWORD}), by(&session)).await?.is(StatusCode::OK);
    let secret = begun["secret"].as_str().unwrap_or_default();
    let on = stage.put("me/second-factor", json!({"code": code(secret, 0)?}), by(&session)).await?.is(StatusCode::OK);
    stage.post("auth/forgot-password", json!({"email": email}), at(ELSEWHERE)).await?.is(StatusCode::ACCEPTED);
    let ticket = token(&stage.letter(&email, "Choose a new password").await?, "reset")?;
    let reset = |code: &str| json!({"ticket": ticket, "password": "another horse battery", "code": code});
    for network in 0..5 {
        let from = format!("203.0.113.{network}");
        let wrong = stage.post("auth/reset-password", reset("wrong-wrong-wrong"), at(&from)).await?;
        wrong.refused(StatusCode::UNAUTHORIZED, "wrong-code");
    }
    stage.wear_out().await?;
    let right = on["recoveryCodes"][0].as_str().unwrap_or_default();
    let waiting = stage.post("auth/reset-password", reset(right), at(ELSEWHERE)).await?;
    waiting.refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");
    let body = json!({"email": email, "password": PASSWORD, "code": right});
    stage.post("auth/sign-in", body, at(ELSEWHERE)).await?.is(StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn whoever_uses_up_the_letters_for_a_new_password_leaves_links_that_work_until_there_may_be_another()
-> anyhow::Result<()> {
    const LETTERS: &str = "select count(*) from letters where kind = 'reset-password'";
    const LATER: &str = "update sign_in_failures
        set key = regexp_replace(key, '\\d+$', '') || (regexp_substr(key, '\\d+$')::bigint - 1)";
    let stage = Stage::new("Open").await?;
    let (email, _) = stage.somebody().await?;
    let ask = async || {
        for network in 0..8 {
            let from = format!("203.0.113.{network}");
            stage.post("auth/forgot-password", json!({"email": email}), at(&from)).await?.is(StatusCode::ACCEPTED);
        }
        anyhow::Ok(())
    };
    ask().await?;
    assert_eq!(stage.count(LETTERS).await?, 3);
    let ticket = token(&stage.letter(&email, "Choose a new password").await?, "reset")?;
    // A quarter of an hour later, and another.
    stage.run(LATER).await?;
    ask().await?;
    assert_eq!(stage.count(LETTERS).await?, 3);
    stage.run(LATER).await?;
    stage.run("update sign_in_tickets set expires_at = expires_at - interval '30 minutes'").await?;
    ask().await?;
    assert_eq!(stage.count(LETTERS).await?, 6);
    let body = json!({"ticket": ticket, "password": "another horse battery"});
    stage.post("auth/reset-password", body, at(ELSEWHERE)).await?.is(StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn whoever_asks_by_registering_which_addresses_are_known_waits_like_whoever_guesses() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let (email, _) = stage.somebody().await?;
    let register = async |email: &str, from| {
        let body = json!({"userId": UserId::random(), "email": email, "password": PASSWORD, "displayName": "Eve"});
        stage.post("auth/register", body, at(from)).await
    };
    for _ in 0..3 {
        register(&email, ELSEWHERE).await?.refused(StatusCode::CONFLICT, "email-taken");
    }
    stage.run("update sign_in_failures set failures = failures + 105").await?;
    // Taken or free: the answer does not tell.
    for asked in [&email, &address()] {
        let waiting = register(asked, ELSEWHERE).await?;
        waiting.refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");
    }
    // Nobody who signs in waits for it, and what is free counts as nothing.
    stage.sign_in(&email, PASSWORD, at(ELSEWHERE)).await?.is(StatusCode::OK);
    stage.run("delete from sign_in_failures").await?;
    for _ in 0..2 {
        register(&address(), "203.0.113.1").await?.is(StatusCode::CREATED);
    }
    assert_eq!(stage.count("select count(*) from sign_in_failures").await?, 0);
    Ok(())
}
