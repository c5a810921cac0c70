use std::time::Duration;

use domain::{Role, SessionId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::Host;

use crate::stage::{ELSEWHERE, From, HOME, PASSWORD, STRANGER, Stage, address, at, by, session_of, token};

const PHONE: From<'static> = From { token: None, address: ELSEWHERE, device: "Threadly on a phone" };

#[tokio::test]
async fn sessions_are_listed_by_device_and_place_and_a_refresh_moves_them() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (email, home) = stage.somebody().await?;
    let phone = stage.sign_in(&email, PASSWORD, PHONE).await?.is(StatusCode::OK);
    let list = stage.get("me/sessions", by(&home)).await?;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    assert_eq!(items.len(), 2, "{list}");
    let of = |id: SessionId| items.iter().find(|item| item["sessionId"] == json!(id)).cloned().unwrap_or_default();
    let (own, other) = (of(session_of(&home)?), of(session_of(&phone)?));
    assert_eq!((&own["current"], &own["address"], &own["device"]), (&json!(true), &json!(HOME), &json!("Firefox")));
    assert_eq!((&other["current"], &other["address"]), (&json!(false), &json!(ELSEWHERE)));
    assert_eq!(other["device"], "Threadly on a phone");

    stage.run("update sessions set last_used_at = now() - interval '1 day'").await?;
    let refresh = json!({"refreshToken": phone["refreshToken"]});
    stage.post("auth/refresh", refresh, From { address: "203.0.113.5", ..PHONE }).await?.is(StatusCode::OK);
    let moved = "select count(*) from sessions where address = '203.0.113.5' and last_used_at > now() - interval '1 h'";
    assert_eq!(stage.count(moved).await?, 1);
    Ok(())
}

#[tokio::test]
async fn sessions_page() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let (email, home) = stage.somebody().await?;
    for _ in 0..2 {
        stage.sign_in(&email, PASSWORD, STRANGER).await?.is(StatusCode::OK);
    }
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let query = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = stage.get(&format!("me/sessions?limit=2{query}"), by(&home)).await?;
        seen.extend(page["items"].as_array().cloned().unwrap_or_default());
        cursor = page["nextCursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
    for (query, code) in [("limit=0", "invalid-limit"), ("cursor=x", "invalid-cursor"), ("page=1", "invalid-query")] {
        let answer = stage.ask(Method::GET, &format!("me/sessions?{query}"), None, by(&home)).await?;
        answer.refused(StatusCode::BAD_REQUEST, code);
    }
    Ok(())
}

#[tokio::test]
async fn one_ends_ones_own_sessions_and_nobody_elses_and_the_log_is_told() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let ((email, home), (_, bobs)) = (stage.somebody().await?, stage.somebody().await?);
    let mut more: Vec<Value> = Vec::new();
    for _ in 0..3 {
        more.push(stage.sign_in(&email, PASSWORD, STRANGER).await?.is(StatusCode::OK));
    }
    let delete = async |id: SessionId| stage.ask(Method::DELETE, &format!("me/sessions/{id}"), None, by(&home)).await;
    // Twice: the second finds it ended.
    for _ in 0..2 {
        delete(session_of(&more[0])?).await?.is(StatusCode::NO_CONTENT);
    }
    assert!(!stage.is_live(&more[0]).await? && stage.is_live(&more[1]).await?);
    delete(session_of(&bobs)?).await?.refused(StatusCode::NOT_FOUND, "session-not-found");
    delete(SessionId::random()).await?.refused(StatusCode::NOT_FOUND, "session-not-found");
    let refresh = json!({"refreshToken": more[0]["refreshToken"]});
    stage.post("auth/refresh", refresh, STRANGER).await?.refused(StatusCode::UNAUTHORIZED, "session-revoked");

    stage.ask(Method::DELETE, "me/sessions", None, by(&home)).await?.is(StatusCode::NO_CONTENT);
    for other in &more {
        assert!(!stage.is_live(other).await?);
    }
    assert!(stage.is_live(&home).await? && stage.is_live(&bobs).await?);
    assert_eq!(stage.get("me/sessions", by(&home)).await?["items"].as_array().map(Vec::len), Some(1));
    stage.ask(Method::DELETE, "me/sessions", None, by(&home)).await?.is(StatusCode::NO_CONTENT);
    // The outbox is empty again: each revocation went to the log.
    testkit::wait::until("the outbox is relayed", crate::stage::LIMIT, async || {
        (stage.count("select count(*) from outbox").await.ok()? == 0).then_some(())
    })
    .await
}

#[tokio::test]
async fn a_session_that_nobody_uses_for_30_days_ends_with_its_tokens() -> anyhow::Result<()> {
    let stage = Stage::with("Open", None).await?;
    let (email, home) = stage.somebody().await?;
    stage.run("update sessions set last_used_at = now() - interval '31 days'").await?;
    let refresh = json!({"refreshToken": home["refreshToken"]});
    stage.post("auth/refresh", refresh, STRANGER).await?.refused(StatusCode::UNAUTHORIZED, "session-revoked");
    assert_eq!(stage.get("me/sessions", by(&home)).await?["items"], json!([]));
    stage.sign_in(&email, PASSWORD, at(HOME)).await?.is(StatusCode::OK);
    assert_eq!(stage.count("select count(*) from sessions where revoked_at is null").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_device_in_a_new_place_is_told_of_and_a_known_one_is_not() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (email, _) = stage.somebody().await?;
    let sign_in = async |from: From<'_>| stage.sign_in(&email, PASSWORD, from).await;
    sign_in(STRANGER).await?.is(StatusCode::OK);
    sign_in(PHONE).await?.is(StatusCode::OK);
    sign_in(PHONE).await?.is(StatusCode::OK);
    stage.post_is_done().await?;
    let letters = stage.letters(&email, 1).await?;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(letters[0].text.contains("Threadly on a phone") && letters[0].text.contains(ELSEWHERE), "{:?}", letters[0]);
    Ok(())
}

async fn every_way_in_tells_of_a_new_place_once_and_nobody_new_is_told(host: Host) -> anyhow::Result<()> {
    const NEW_PLACES: &str = "select count(*) from letters where kind = 'new-device'";
    let stage = Stage::hosted(host).await?;
    let (email, _) = stage.somebody().await?;
    // A link that lets in.
    let ticket = auth::tickets::issue(&stage.pool, &email, Role::Member, Duration::from_hours(1)).await?;
    let body = json!({"ticket": ticket.expose(), "sessionId": SessionId::random()});
    for _ in 0..2 {
        stage.post("auth/redeem", body.clone(), PHONE).await?.is(StatusCode::OK);
    }
    assert_eq!(stage.count(NEW_PLACES).await?, 1);
    // A link that sets a password.
    stage.post("auth/forgot-password", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    let ticket = token(&stage.letter(&email, "Choose a new password").await?, "reset")?;
    let cafe = From { address: "203.0.113.5", ..PHONE };
    let body = json!({"ticket": ticket, "password": PASSWORD, "sessionId": SessionId::random()});
    for _ in 0..2 {
        stage.post("auth/reset-password", body.clone(), cafe).await?.is(StatusCode::OK);
    }
    assert_eq!(stage.count(NEW_PLACES).await?, 2);
    stage.post_is_done().await?;
    let letters = stage.sink.as_ref().map(|sink| sink.letters_so_far(&email)).transpose()?.unwrap_or_default();
    for place in [ELSEWHERE, "203.0.113.5"] {
        let told = letters.iter().filter(|letter| letter.text.contains(place)).count();
        assert_eq!(told, 1, "{place}: {letters:?}");
    }

    // Whoever has never been here is new everywhere.
    let new =
        json!({"userId": domain::UserId::random(), "email": address(), "password": PASSWORD, "displayName": "Bob"});
    stage.post("auth/register", new, at(ELSEWHERE)).await?.is(StatusCode::CREATED);
    let invited = address();
    stage.invite(&invited, "member").await?;
    stage.post("auth/sign-up", json!({"email": invited}), STRANGER).await?.is(StatusCode::ACCEPTED);
    let ticket = json!({"ticket": token(&stage.letter(&invited, "link").await?, "ticket")?});
    stage.post("auth/redeem", ticket, STRANGER).await?.is(StatusCode::OK);
    assert_eq!(stage.count(NEW_PLACES).await?, 2);
    Ok(())
}

#[tokio::test]
async fn of_too_many_sessions_the_one_ends_that_was_used_the_longest_ago_and_the_log_is_told() -> anyhow::Result<()> {
    const LIVE: &str = "select count(*) from sessions s join users u on u.id = s.user_id
        where s.revoked_at is null and u.display_name = 'Ada'";
    let stage = Stage::with("Open", None).await?;
    let (email, home) = stage.somebody().await?;
    sqlx::query(
        "insert into sessions (id, user_id, last_used_at)
         select gen_random_uuid(), $1::uuid, now() - make_interval(mins => i) from generate_series(1, 198) i",
    )
    .bind(home["user"]["userId"].as_str().map(str::parse::<uuid::Uuid>).transpose()?)
    .execute(&stage.pool)
    .await?;
    stage.run("update sessions set last_used_at = now() - interval '1 day' where device = 'Firefox'").await?;
    let second = stage.sign_in(&email, PASSWORD, STRANGER).await?.is(StatusCode::OK);
    assert_eq!(stage.count(LIVE).await?, 200);
    assert!(stage.is_live(&home).await?);
    // Two at once make room for both.
    let (one, other) =
        tokio::join!(stage.sign_in(&email, PASSWORD, STRANGER), stage.sign_in(&email, PASSWORD, STRANGER));
    let (one, other) = (one?.is(StatusCode::OK), other?.is(StatusCode::OK));
    assert_eq!(stage.count(LIVE).await?, 200);
    assert!(!stage.is_live(&home).await?);
    for newer in [&second, &one, &other] {
        assert!(stage.is_live(newer).await?);
    }
    testkit::wait::until("the outbox is relayed", crate::stage::LIMIT, async || {
        (stage.count("select count(*) from outbox").await.ok()? == 0).then_some(())
    })
    .await
}

on_both_hosts! {
    every_way_in_tells_of_a_new_place_once_and_nobody_new_is_told,
}
