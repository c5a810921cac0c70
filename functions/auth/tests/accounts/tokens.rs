//! People's API tokens.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Role, SessionId, TokenId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stage::{Someone, Stage, answered, refused};

fn body() -> Value {
    json!({"name": "Report", "scopes": ["messages:read", "people:read"], "expiresAt": Utc::now() + TimeDelta::days(30)})
}

async fn mint(stage: &Stage, who: &Someone, id: TokenId, body: &Value) -> anyhow::Result<testkit::Answer> {
    stage.put(who, &format!("/me/tokens/{id}"), Some(body.clone())).await
}

fn secret(answer: &testkit::Answer) -> String {
    answer.json["secret"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_token_is_shown_once_and_asked_for_again_gets_another_secret() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (ada, other) = (stage.person(Role::Member).await?, stage.person(Role::Member).await?);
    let (id, body) = (TokenId::random(), body());
    let first = mint(&stage, &ada, id, &body).await?;
    answered(&first, StatusCode::CREATED);
    assert!(secret(&first).starts_with("thr_"));
    let again = mint(&stage, &ada, id, &body).await?;
    answered(&again, StatusCode::OK);
    assert_eq!(again.json["token"], first.json["token"]);
    assert_ne!(secret(&again), secret(&first));
    refused(&stage.get(&secret(&first), "/me/tokens").await?, StatusCode::UNAUTHORIZED, "token-invalid");
    // It is good, and not for this.
    refused(&stage.get(&secret(&again), "/me/tokens").await?, StatusCode::FORBIDDEN, "session-needed");

    for (field, value) in [
        ("name", json!("Other")),
        ("scopes", json!(["messages:read"])),
        ("expiresAt", json!(Utc::now() + TimeDelta::days(31))),
    ] {
        let mut changed = body.clone();
        changed[field] = value;
        refused(&mint(&stage, &ada, id, &changed).await?, StatusCode::CONFLICT, "token-id-taken");
    }
    refused(&mint(&stage, &other, id, &body).await?, StatusCode::CONFLICT, "token-id-taken");
    let as_session = TokenId(ada.session.0);
    refused(&mint(&stage, &ada, as_session, &body).await?, StatusCode::CONFLICT, "token-id-taken");

    stage.run("update api_tokens set created_at = created_at - interval '11 minutes'").await?;
    refused(&mint(&stage, &ada, id, &body).await?, StatusCode::CONFLICT, "token-id-taken");
    assert!(!stage.holds(&format!("select from api_tokens where token_hash = '{}'", secret(&again))).await?);
    Ok(())
}

#[tokio::test]
async fn two_equal_requests_at_once_make_one_token() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.person(Role::Member).await?;
    let (id, body) = (TokenId::random(), body());
    let (one, other) = tokio::join!(mint(&stage, &ada, id, &body), mint(&stage, &ada, id, &body));
    let mut answers = [one?, other?];
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(answers.each_ref().map(|answer| answer.status), [StatusCode::OK, StatusCode::CREATED]);
    refused(&stage.get(&secret(&answers[0]), "/me/tokens").await?, StatusCode::FORBIDDEN, "session-needed");
    refused(&stage.get(&secret(&answers[1]), "/me/tokens").await?, StatusCode::UNAUTHORIZED, "token-invalid");
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_named() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (member, admin) = (stage.person(Role::Guest).await?, stage.person(Role::Admin).await?);
    let now = Utc::now();
    for (field, value, code) in [
        ("name", json!(" "), "name-empty"),
        ("name", json!("a".repeat(81)), "name-too-long"),
        ("name", json!("a\u{202e}b"), "name-control-character"),
        ("scopes", json!([]), "scopes-empty"),
        ("scopes", json!(["everything"]), "invalid-field"),
        ("scopes", json!(["admin"]), "scope-not-allowed"),
        ("expiresAt", json!(now - TimeDelta::seconds(5)), "expires-in-the-past"),
        ("expiresAt", json!(now + TimeDelta::days(367)), "expires-too-late"),
        ("expiresAt", json!("tomorrow"), "invalid-field"),
        ("colour", json!("red"), "unknown-field"),
    ] {
        let mut body = body();
        body[field] = value;
        let answer = mint(&stage, &member, TokenId::random(), &body).await?;
        assert!(answer.status.is_client_error() && answer.code() == code, "{body}: {} {}", answer.status, answer.json);
    }
    let mut without_end = body();
    without_end.as_object_mut().map(|fields| fields.remove("expiresAt"));
    refused(&mint(&stage, &member, TokenId::random(), &without_end).await?, StatusCode::BAD_REQUEST, "invalid-field");
    let mut for_admins = body();
    for_admins["scopes"] = json!(["admin", "admin"]);
    let made = mint(&stage, &admin, TokenId::random(), &for_admins).await?;
    answered(&made, StatusCode::CREATED);
    assert_eq!(made.json["token"]["scopes"], json!(["admin"]));
    // A token makes no tokens.
    let path = format!("/me/tokens/{}", TokenId::random());
    let by_token = stage.send(Method::PUT, &path, Some(&secret(&made)), Some(body()), &[]).await?;
    refused(&by_token, StatusCode::FORBIDDEN, "session-needed");
    refused(&stage.put(&admin, "/me/tokens/1", Some(body())).await?, StatusCode::BAD_REQUEST, "invalid-path");
    Ok(())
}

#[tokio::test]
async fn nobody_has_more_than_fifty_even_at_once_and_old_rows_go() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.person(Role::Member).await?;
    stage
        .run(&format!(
            "insert into api_tokens (id, token_hash, user_id, name, scopes, created_by, expires_at, revoked_at)
             select gen_random_uuid(), sha256(i::text::bytea), '{0}', 'n', '{{admin}}', '{0}', now() + interval '1 day',
                    case when i > 52 then now() - interval '31 days' when i > 49 then now() end
             from generate_series(1, 60) i",
            ada.id
        ))
        .await?;
    let body = body();
    let (one, other) =
        tokio::join!(mint(&stage, &ada, TokenId::random(), &body), mint(&stage, &ada, TokenId::random(), &body));
    let mut answers = [one?, other?];
    answers.sort_by_key(|answer| answer.status);
    answered(&answers[0], StatusCode::CREATED);
    refused(&answers[1], StatusCode::CONFLICT, "too-many-tokens");
    let rows: i64 = sqlx::query_scalar("select count(*) from api_tokens").fetch_one(&stage.pool).await?;
    assert_eq!(rows, 53);
    Ok(())
}

#[tokio::test]
async fn tokens_are_listed_in_pages_without_secrets_and_end_once() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (ada, other) = (stage.person(Role::Member).await?, stage.person(Role::Member).await?);
    let mut ids = [TokenId::random(), TokenId::random(), TokenId::random()];
    for id in ids {
        answered(&mint(&stage, &ada, id, &body()).await?, StatusCode::CREATED);
    }
    mint(&stage, &other, TokenId::random(), &body()).await?.ok()?;
    ids.sort();
    let first = stage.get(&ada.token, "/me/tokens?limit=2").await?.ok()?;
    let cursor = first["nextCursor"].as_str().unwrap_or_default().to_owned();
    let second = stage.get(&ada.token, &format!("/me/tokens?limit=2&cursor={cursor}")).await?.ok()?;
    let listed: Vec<Value> =
        [&first, &second].into_iter().flat_map(|page| page["items"].as_array().cloned().unwrap_or_default()).collect();
    assert_eq!(listed.iter().map(|token| token["tokenId"].clone()).collect::<Vec<_>>(), ids.map(|id| json!(id)));
    assert_eq!(second["nextCursor"], Value::Null);
    assert!(!first.to_string().contains("thr_") && listed[0].get("secret").is_none());
    refused(&stage.get(&ada.token, "/me/tokens?limit=0").await?, StatusCode::BAD_REQUEST, "invalid-limit");
    refused(&stage.get(&ada.token, "/me/tokens?cursor=x").await?, StatusCode::BAD_REQUEST, "invalid-cursor");

    let path = format!("/me/tokens/{}", ids[0]);
    refused(&stage.delete(&other, &path).await?, StatusCode::NOT_FOUND, "token-not-found");
    for _ in 0..2 {
        answered(&stage.delete(&ada, &path).await?, StatusCode::NO_CONTENT);
    }
    stage.relayed().await?;
    let ended = stage.told("SESSION_REVOKED", ada.id).await?;
    assert_eq!(ended, [json!({"sessionId": SessionId(ids[0].0), "userId": ada.id})]);
    let left = stage.get(&ada.token, "/me/tokens").await?.ok()?;
    assert_eq!(left["items"].as_array().map(Vec::len), Some(2));
    refused(&mint(&stage, &ada, ids[0], &body()).await?, StatusCode::CONFLICT, "token-id-taken");
    Ok(())
}

#[tokio::test]
async fn a_use_is_recorded_to_the_minute() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.person(Role::Member).await?;
    let minted = mint(&stage, &ada, TokenId::random(), &body()).await?;
    assert_eq!(minted.json["token"]["lastUsedAt"], Value::Null);
    let used = async || {
        // Refused, and a use: the fact is read anew for it.
        refused(&stage.get(&secret(&minted), "/me/tokens").await?, StatusCode::FORBIDDEN, "session-needed");
        let listed = stage.get(&ada.token, "/me/tokens").await?.ok()?;
        let at: DateTime<Utc> = serde_json::from_value(listed["items"][0]["lastUsedAt"].clone())?;
        anyhow::Ok(at)
    };
    let first = used().await?;
    assert_eq!(used().await?, first);
    stage.run("update api_tokens set last_used_at = last_used_at - interval '61 seconds'").await?;
    assert!(used().await? >= first);
    Ok(())
}

#[tokio::test]
async fn where_an_id_is_a_sessions_and_a_tokens_the_tokens_scopes_rule() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.person(Role::Member).await?;
    let minted = mint(&stage, &ada, TokenId::random(), &body()).await?;
    stage.run("update api_tokens set id = (select id from sessions)").await?;
    refused(&stage.get(&secret(&minted), "/me/tokens").await?, StatusCode::FORBIDDEN, "session-needed");
    Ok(())
}

#[tokio::test]
async fn who_signs_out_by_a_token_ends_it_and_nothing_else() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.person(Role::Member).await?;
    let (ended, kept) = (TokenId::random(), TokenId::random());
    let (secret, other) =
        (secret(&mint(&stage, &ada, ended, &body()).await?), secret(&mint(&stage, &ada, kept, &body()).await?));
    // The second is a retry.
    for _ in 0..2 {
        let answer = stage.send(Method::POST, "/auth/sign-out", Some(&secret), None, &[]).await?;
        answered(&answer, StatusCode::NO_CONTENT);
    }
    refused(&stage.get(&secret, "/me/tokens").await?, StatusCode::UNAUTHORIZED, "session-revoked");
    refused(&stage.get(&other, "/me/tokens").await?, StatusCode::FORBIDDEN, "session-needed");
    let listed = stage.get(&ada.token, "/me/tokens").await?.ok()?;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(listed["items"][0]["tokenId"], json!(kept));
    stage.relayed().await?;
    let told = stage.told("SESSION_REVOKED", ada.id).await?;
    assert_eq!(told, [json!({"sessionId": SessionId(ended.0), "userId": ada.id})]);
    Ok(())
}
