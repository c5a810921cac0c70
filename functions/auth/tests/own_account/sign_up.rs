use domain::{SessionId, UserId};
use reqwest::StatusCode;
use serde_json::json;

use crate::stage::{ELSEWHERE, PASSWORD, STRANGER, Stage, address, at, by, session_of, token};

#[tokio::test]
async fn an_address_of_the_domain_gets_a_link_that_makes_a_member_once() -> anyhow::Result<()> {
    let stage = Stage::new("Domain").await?;
    let email = address().to_uppercase();
    stage.post("auth/sign-up", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    let ticket = token(&stage.letter(&email, "link").await?, "ticket")?;
    let body = json!({"ticket": ticket, "password": PASSWORD, "displayName": "Ada", "sessionId": SessionId::random()});
    let session = stage.post("auth/redeem", body.clone(), STRANGER).await?.is(StatusCode::OK);
    assert_eq!((&session["user"]["role"], &session["user"]["email"]), (&json!("member"), &json!(email)));
    // The answer was lost.
    let again = stage.post("auth/redeem", body, STRANGER).await?.is(StatusCode::OK);
    assert_eq!(session_of(&again)?, session_of(&session)?);
    let stranger = json!({"ticket": ticket, "sessionId": SessionId::random()});
    stage.post("auth/redeem", stranger, STRANGER).await?.refused(StatusCode::GONE, "ticket-used");
    stage.sign_in(&email, PASSWORD, STRANGER).await?.is(StatusCode::OK);
    assert_eq!(stage.count("select count(*) from users where email_proved_at is not null").await?, 1);
    Ok(())
}

#[tokio::test]
async fn nobody_learns_whose_address_it_is_and_only_who_may_come_gets_a_link() -> anyhow::Result<()> {
    let stage = Stage::new("Domain").await?;
    let (known, _) = stage.somebody().await?;
    let (foreign, fresh) = (format!("{}@elsewhere.example", UserId::random().0.simple()), address());
    for email in [&known, &foreign, &fresh] {
        let answer = stage.post("auth/sign-up", json!({"email": email}), STRANGER).await?;
        assert_eq!((answer.status, answer.json), (StatusCode::ACCEPTED, serde_json::Value::Null));
    }
    stage.letter(&fresh, "link").await?;
    let letter = stage.letter(&known, "already").await?;
    assert!(letter.link("#").is_none(), "{}", letter.text);
    stage.post_is_done().await?;
    let sink = stage.sink.as_ref().map(|sink| sink.letters_so_far(&foreign)).transpose()?;
    assert_eq!(sink.map(|letters| letters.len()), Some(0));
    Ok(())
}

#[tokio::test]
async fn by_invitation_its_address_alone_comes_in_with_its_role() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let (invited, uninvited) = (address(), address());
    stage.invite(&invited, "admin").await?;
    for email in [&invited, &uninvited] {
        stage.post("auth/sign-up", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    }
    let ticket = token(&stage.letter(&invited, "link").await?, "ticket")?;
    let session = stage.post("auth/redeem", json!({"ticket": ticket}), STRANGER).await?.is(StatusCode::OK);
    assert_eq!(session["user"]["role"], "admin");
    assert_eq!(stage.count("select count(*) from invitation_uses").await?, 1);
    assert_eq!(stage.count("select uses::bigint from invitations").await?, 1);
    assert_eq!(stage.count("select count(*) from letters").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_link_whose_invitation_was_taken_back_lets_nobody_in() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let email = address();
    stage.invite(&email, "guest").await?;
    stage.post("auth/sign-up", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    let ticket = token(&stage.letter(&email, "link").await?, "ticket")?;
    stage.run("update invitations set revoked_at = now()").await?;
    let redeem = stage.post("auth/redeem", json!({"ticket": ticket}), STRANGER).await?;
    redeem.refused(StatusCode::FORBIDDEN, "sign-up-not-allowed");
    assert_eq!(stage.count("select count(*) from users where role = 'guest'").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_link_raises_nobody_who_has_an_account_unless_they_are_invited() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let email = address();
    stage.post("auth/sign-up", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    let ticket = token(&stage.letter(&email, "link").await?, "ticket")?;
    sqlx::query("insert into users (id, email, display_name, role) values ($1, $2, 'Ada', 'guest')")
        .bind(UserId::random().0)
        .bind(&email)
        .execute(&stage.pool)
        .await?;
    let session = stage.post("auth/redeem", json!({"ticket": ticket}), STRANGER).await?.is(StatusCode::OK);
    assert_eq!(session["user"]["role"], "guest");
    Ok(())
}

#[tokio::test]
async fn an_address_that_only_looks_equal_to_the_database_opens_nobodys_account() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let ticket = auth::tickets::issue(
        &stage.pool,
        "\u{212a}ate@acme.example",
        domain::Role::Member,
        std::time::Duration::from_hours(1),
    );
    let ticket = ticket.await?;
    sqlx::query("insert into users (id, email, display_name, role) values ($1, 'kate@acme.example', 'Kate', 'owner')")
        .bind(UserId::random().0)
        .execute(&stage.pool)
        .await?;
    let folds: bool = sqlx::query_scalar("select lower(U&'\\212A') = 'k'").fetch_one(&stage.pool).await?;
    let redeem = stage.post("auth/redeem", json!({"ticket": ticket.expose()}), STRANGER).await?;
    if folds {
        redeem.refused(StatusCode::CONFLICT, "email-taken");
    } else {
        assert_eq!(redeem.is(StatusCode::OK)["user"]["role"], "member");
    }
    Ok(())
}

#[tokio::test]
async fn letters_are_few_for_an_address_and_for_a_network_and_the_answer_does_not_tell() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let email = address();
    for network in 0..8 {
        let from = format!("203.0.113.{network}");
        stage.post("auth/sign-up", json!({"email": email}), at(&from)).await?.is(StatusCode::ACCEPTED);
    }
    assert_eq!(stage.count("select count(*) from letters").await?, 5);
    for _ in 0..25 {
        stage.post("auth/sign-up", json!({"email": address()}), at(ELSEWHERE)).await?.is(StatusCode::ACCEPTED);
    }
    assert_eq!(stage.count("select count(*) from letters").await?, 25);
    // The hour before counts with this one, and the one before that does not.
    stage.run("update sign_in_failures set key = regexp_replace(key, '\\d+$', '') || (regexp_substr(key, '\\d+$')::bigint - 1)").await?;
    stage.post("auth/sign-up", json!({"email": address()}), at(ELSEWHERE)).await?.is(StatusCode::ACCEPTED);
    assert_eq!(stage.count("select count(*) from letters").await?, 25);
    stage.run("update sign_in_failures set key = regexp_replace(key, '\\d+$', '') || (regexp_substr(key, '\\d+$')::bigint - 1)").await?;
    stage.post("auth/sign-up", json!({"email": address()}), at(ELSEWHERE)).await?.is(StatusCode::ACCEPTED);
    assert_eq!(stage.count("select count(*) from letters").await?, 26);
    Ok(())
}

#[tokio::test]
async fn without_e_mail_what_needs_it_says_so_and_registering_works() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let (email, session) = stage.somebody().await?;
    for path in ["auth/sign-up", "auth/forgot-password"] {
        stage.post(path, json!({"email": email}), STRANGER).await?.refused(StatusCode::CONFLICT, "mail-off");
    }
    let change = json!({"email": address(), "password": PASSWORD});
    stage.put("me/email", change, by(&session)).await?.refused(StatusCode::CONFLICT, "mail-off");
    let again = stage.ask(reqwest::Method::POST, "me/email-verification", None, by(&session)).await?;
    again.refused(StatusCode::CONFLICT, "mail-off");
    let new = json!({"userId": UserId::random(), "email": address(), "password": PASSWORD, "displayName": "Bob"});
    stage.post("auth/register", new, STRANGER).await?.is(StatusCode::CREATED);
    // News are written, and parked.
    stage.sign_in(&email, PASSWORD, at(ELSEWHERE)).await?.is(StatusCode::OK);
    stage.post_is_done().await?;
    assert_eq!(
        stage.count("select count(*) from letters where kind = 'new-device' and parked = 'mail is off'").await?,
        1
    );
    Ok(())
}

#[tokio::test]
async fn what_is_no_address_is_refused_before_anything_is_done() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let long = format!("{}@acme.example", "a".repeat(320));
    for bad in ["", "ada", "a@b@c", "ada@acme.example\r\nBcc: eve@evil.example", "a\u{0}@b", &long] {
        for path in ["auth/sign-up", "auth/forgot-password"] {
            let answer = stage.post(path, json!({"email": bad}), STRANGER).await?;
            answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "email-invalid");
        }
    }
    let extra = stage.post("auth/sign-up", json!({"email": address(), "role": "owner"}), STRANGER).await?;
    extra.refused(StatusCode::BAD_REQUEST, "unknown-field");
    assert_eq!(stage.count("select count(*) from letters").await?, 0);
    Ok(())
}
