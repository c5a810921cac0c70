//! Bots and their tokens.

use chrono::{TimeDelta, Utc};
use domain::{Role, TokenId, UserId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stage::{Someone, Stage, answered, refused};

async fn put_bot(stage: &Stage, by: &Someone, id: UserId, name: &str) -> anyhow::Result<testkit::Answer> {
    stage.put(by, &format!("/bots/{id}"), Some(json!({"displayName": name}))).await
}

fn token() -> Value {
    json!({"name": "CI", "scopes": ["messages:write"], "expiresAt": Utc::now() + TimeDelta::days(30)})
}

#[tokio::test]
async fn admins_make_bots_and_rename_them() -> anyhow::Result<()> {
    let stage = Stage::with_settings(json!({"limits": {"members": 2}})).await?;
    let (admin, member) = (stage.person(Role::Admin).await?, stage.person(Role::Member).await?);
    let id = UserId::random();
    refused(&put_bot(&stage, &member, id, "CI").await?, StatusCode::FORBIDDEN, "not-an-admin");
    // The workspace is full of people.
    let (one, other) = tokio::join!(put_bot(&stage, &admin, id, "CI"), put_bot(&stage, &admin, id, "CI"));
    let mut answers = [one?, other?];
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(answers.each_ref().map(|answer| answer.status), [StatusCode::OK, StatusCode::CREATED]);
    assert_eq!(answers[0].json, answers[1].json);
    assert_eq!(answers[0].headers["etag"], "\"1\"");
    assert!(
        stage
            .holds(&format!(
                "select from users where id = '{id}' and kind = 'bot' and email is null and role = 'member'"
            ))
            .await?
    );

    let body = Some(json!({"displayName": "Build"}));
    let path = format!("/bots/{id}");
    let stale = stage.send(Method::PUT, &path, Some(&admin.token), body.clone(), &[("if-match", "\"9\"")]).await?;
    refused(&stale, StatusCode::PRECONDITION_FAILED, "version-mismatch");
    let renamed = stage.send(Method::PUT, &path, Some(&admin.token), body, &[("if-match", "\"1\"")]).await?;
    answered(&renamed, StatusCode::OK);
    assert_eq!(renamed.json["version"], 2);
    stage.relayed().await?;
    let told = stage.told("USER_CHANGED", id).await?;
    assert_eq!(told.iter().map(|event| event["displayName"].clone()).collect::<Vec<_>>(), ["CI", "Build"]);
    assert_eq!(told[0]["kind"], "bot");

    let off = format!("/people/{id}/deactivation");
    answered(&stage.put(&admin, &off, None).await?, StatusCode::NO_CONTENT);
    assert_eq!(put_bot(&stage, &admin, id, "Build").await?.ok()?["active"], false);
    answered(&stage.delete(&admin, &off).await?, StatusCode::NO_CONTENT);

    refused(&put_bot(&stage, &admin, member.id, "x").await?, StatusCode::CONFLICT, "user-id-taken");
    refused(
        &put_bot(&stage, &admin, UserId::random(), "Bui\u{3ff}d\u{202e}").await?,
        StatusCode::UNPROCESSABLE_ENTITY,
        "name-control-character",
    );
    refused(&put_bot(&stage, &admin, UserId::random(), "\u{410}da").await?, StatusCode::CONFLICT, "name-looks-taken");
    let second = UserId::random();
    answered(&put_bot(&stage, &admin, second, "Deploy").await?, StatusCode::CREATED);
    let page = stage.get(&admin.token, "/bots?limit=1").await?.ok()?;
    assert_eq!(page["items"][0]["userId"], json!(id));
    let cursor = page["nextCursor"].as_str().unwrap_or_default().to_owned();
    let page = stage.get(&admin.token, &format!("/bots?cursor={cursor}")).await?.ok()?;
    assert_eq!((page["items"].as_array().map(Vec::len), &page["items"][0]["userId"]), (Some(1), &json!(second)));
    refused(&stage.get(&member.token, "/bots").await?, StatusCode::FORBIDDEN, "not-an-admin");
    Ok(())
}

#[tokio::test]
async fn a_bots_id_lets_nobody_in_by_another_way() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.person(Role::Owner).await?;
    let bot = UserId::random();
    put_bot(&stage, &owner, bot, "CI").await?.ok()?;
    let mut body = json!({
        "userId": bot, "email": "ci@acme.example", "password": "correct horse battery", "displayName": "CI",
    });
    refused(&stage.ask("/auth/register", body.clone()).await?, StatusCode::CONFLICT, "user-id-taken");
    body["token"] = json!(stage.invitation(&owner, json!({})).await?.1);
    refused(&stage.ask("/auth/accept-invitation", body).await?, StatusCode::CONFLICT, "user-id-taken");
    assert!(!stage.holds(&format!("select from passwords where user_id = '{bot}'")).await?);
    Ok(())
}

#[tokio::test]
async fn a_bot_comes_in_by_its_tokens_alone_and_stays_a_member() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, member) = (stage.person(Role::Owner).await?, stage.person(Role::Member).await?);
    let (bot, id) = (UserId::random(), TokenId::random());
    put_bot(&stage, &owner, bot, "CI").await?.ok()?;
    let path = format!("/bots/{bot}/tokens/{id}");
    refused(&stage.put(&member, &path, Some(token())).await?, StatusCode::FORBIDDEN, "not-an-admin");
    let body = token();
    let minted = stage.put(&owner, &path, Some(body.clone())).await?;
    answered(&minted, StatusCode::CREATED);
    answered(&stage.put(&owner, &path, Some(body)).await?, StatusCode::OK);
    let mut as_admin = token();
    as_admin["scopes"] = json!(["admin"]);
    let other = format!("/bots/{bot}/tokens/{}", TokenId::random());
    refused(&stage.put(&owner, &other, Some(as_admin)).await?, StatusCode::FORBIDDEN, "scope-not-allowed");
    let of_a_person = format!("/bots/{}/tokens/{}", member.id, TokenId::random());
    refused(&stage.put(&owner, &of_a_person, Some(token())).await?, StatusCode::NOT_FOUND, "bot-not-found");
    let listed = stage.get(&owner.token, &format!("/bots/{bot}/tokens")).await?.ok()?;
    assert_eq!(listed["items"][0]["tokenId"], json!(id));
    let of_nobody = stage.get(&owner.token, &format!("/bots/{}/tokens", UserId::random())).await?;
    refused(&of_nobody, StatusCode::NOT_FOUND, "bot-not-found");

    for role in ["owner", "admin", "guest"] {
        refused(&stage.set_role(&owner, bot, role).await?, StatusCode::CONFLICT, "bot-role-fixed");
    }
    answered(&stage.set_role(&owner, bot, "member").await?, StatusCode::OK);
    refused(
        &stage.delete(&owner, &format!("/bots/{bot}/tokens/{}", TokenId::random())).await?,
        StatusCode::NOT_FOUND,
        "token-not-found",
    );
    for _ in 0..2 {
        answered(&stage.delete(&owner, &path).await?, StatusCode::NO_CONTENT);
    }
    assert_eq!(stage.told("SESSION_REVOKED", bot).await?.len(), 1);

    stage.put(&owner, &other, Some(token())).await?.ok()?;
    answered(&stage.put(&owner, &format!("/people/{bot}/deactivation"), None).await?, StatusCode::NO_CONTENT);
    assert_eq!(stage.told("SESSION_REVOKED", bot).await?.len(), 2);
    let refused_token = stage.put(&owner, &format!("/bots/{bot}/tokens/{}", TokenId::random()), Some(token())).await?;
    refused(&refused_token, StatusCode::CONFLICT, "bot-deactivated");
    answered(&stage.delete(&owner, &format!("/people/{bot}")).await?, StatusCode::NO_CONTENT);
    refused(&put_bot(&stage, &owner, bot, "CI").await?, StatusCode::CONFLICT, "person-erased");
    Ok(())
}

#[tokio::test]
async fn a_workspace_has_at_most_a_hundred_bots_even_at_once_and_one_that_is_erased_makes_room() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.person(Role::Owner).await?;
    stage
        .run(
            "insert into users (id, display_name, name_key, role, kind, active)
             select gen_random_uuid(), 'Bot ' || i, 'bot ' || i, 'member', 'bot', i % 2 = 0 from generate_series(1, 99) i",
        )
        .await?;
    let ids = [UserId::random(), UserId::random()];
    let (one, other) = tokio::join!(put_bot(&stage, &owner, ids[0], "One"), put_bot(&stage, &owner, ids[1], "Other"));
    let (one, other) = (one?, other?);
    let (made, refused_one, id, name) =
        if one.status == StatusCode::CREATED { (one, other, ids[0], "One") } else { (other, one, ids[1], "Other") };
    answered(&made, StatusCode::CREATED);
    refused(&refused_one, StatusCode::CONFLICT, "too-many-bots");
    // Those that are there are as they were, and people come in.
    answered(&put_bot(&stage, &owner, id, name).await?, StatusCode::OK);
    answered(&put_bot(&stage, &owner, id, "Renamed").await?, StatusCode::OK);
    stage.person(Role::Member).await?;
    answered(&stage.delete(&owner, &format!("/people/{id}")).await?, StatusCode::NO_CONTENT);
    answered(&put_bot(&stage, &owner, UserId::random(), "Next").await?, StatusCode::CREATED);
    refused(&put_bot(&stage, &owner, UserId::random(), "Last").await?, StatusCode::CONFLICT, "too-many-bots");
    Ok(())
}

#[tokio::test]
async fn no_token_makes_a_token_that_outlives_it() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let admin = stage.person(Role::Admin).await?;
    let bot = UserId::random();
    let body = json!({"name": "n", "scopes": ["admin"], "expiresAt": Utc::now() + TimeDelta::days(1)});
    let minted = stage.put(&admin, &format!("/me/tokens/{}", TokenId::random()), Some(body)).await?.ok()?;
    let by_token = async |method: Method, path: &str, body: Option<Value>| {
        stage.send(method, path, minted["secret"].as_str(), body, &[]).await
    };
    // It may look after bots.
    let made = by_token(Method::PUT, &format!("/bots/{bot}"), Some(json!({"displayName": "CI"}))).await?;
    answered(&made, StatusCode::CREATED);
    let path = format!("/bots/{bot}/tokens/{}", TokenId::random());
    refused(&by_token(Method::PUT, &path, Some(token())).await?, StatusCode::FORBIDDEN, "session-needed");
    assert!(!stage.holds(&format!("select from api_tokens where user_id = '{bot}'")).await?);
    answered(&stage.put(&admin, &path, Some(token())).await?, StatusCode::CREATED);
    answered(&by_token(Method::DELETE, &path, None).await?, StatusCode::NO_CONTENT);
    Ok(())
}
