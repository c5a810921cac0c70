//! The afternoon: programs work for people, with tokens that are for little and end.

use anyhow::ensure;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use testkit::wait;

use super::people::{LIMIT, Person, each, fresh, text};

/// What programs were given: their tokens, which live still.
pub(super) async fn programs(ben: &Person, cleo: &Person, general: &str) -> anyhow::Result<[String; 2]> {
    let acme = &ben.company;
    let message = || format!("/channels/{general}/messages/{}", fresh());
    let wanted =
        |scopes: &[&str]| json!({"name": "script", "scopes": scopes, "expiresAt": Utc::now() + TimeDelta::days(1)});
    let with = |secret: &Value, of: &Person| anyhow::Ok(Person { token: text(secret)?, ..of.clone() });

    acme.act("Cleo makes a token that reads messages: it posts none, and changes nothing of hers");
    let (id, kept) = (fresh(), fresh());
    let made = cleo.put(&format!("/me/tokens/{id}"), wanted(&["messages:read"])).await?.is(201)?;
    let script = with(&made["secret"], cleo)?;
    script.get(&format!("/channels/{general}/messages")).await?.is(200)?;
    script.put(&message(), json!({"text": "Beep."})).await?.refused(403, "scope-missing")?;
    script.get("/me/tokens").await?.refused(403, "session-needed")?;
    cleo.put(&format!("/me/tokens/{}", fresh()), wanted(&["admin"])).await?.refused(403, "scope-not-allowed")?;
    let late = json!({"name": "late", "scopes": ["messages:read"], "expiresAt": "2020-01-01T00:00:00Z"});
    cleo.put(&format!("/me/tokens/{}", fresh()), late).await?.refused(422, "expires-in-the-past")?;

    acme.act("Cleo lists her tokens and ends one; within seconds it is worth nothing");
    let made = cleo.put(&format!("/me/tokens/{kept}"), wanted(&["channels:read"])).await?.is(201)?;
    ensure!(each(&cleo.get("/me/tokens").await?.is(200)?, "tokenId") == [json!(id), json!(kept)]);
    cleo.delete(&format!("/me/tokens/{id}")).await?.is(204)?;
    ends(&script, &format!("/channels/{general}/messages")).await?;
    let of_cleo = text(&made["secret"])?;

    acme.act("Ben makes a bot with a token, takes it into general, and it tells of a build");
    let bot = fresh();
    ben.put(&format!("/bots/{bot}"), json!({"displayName": "Builds"})).await?.is(201)?;
    ben.put(&format!("/bots/{bot}"), json!({"displayName": "Builds"})).await?.is(200)?;
    ensure!(each(&ben.get("/bots").await?.is(200)?, "userId") == [json!(bot)]);
    let (first, second) = (fresh(), fresh());
    let tokens = format!("/bots/{bot}/tokens");
    let scopes = wanted(&["messages:write", "people:read"]);
    let made = ben.put(&format!("{tokens}/{first}"), scopes.clone()).await?.is(201)?;
    let builds = with(&made["secret"], &Person { id: bot.clone(), ..ben.clone() })?;
    ben.put(&format!("/channels/{general}/members/{bot}"), Value::Null).await?.is(201)?;
    builds.put(&message(), json!({"text": "Build 1 is green."})).await?.is(201)?;

    acme.act("Ben gives the bot another token in place of the first");
    let made = ben.put(&format!("{tokens}/{second}"), scopes).await?.is(201)?;
    ben.delete(&format!("{tokens}/{first}")).await?.is(204)?;
    ensure!(each(&ben.get(&tokens).await?.is(200)?, "tokenId") == [json!(second)]);
    ends(&builds, "/people").await?;
    let builds = with(&made["secret"], &builds)?;
    builds.put(&message(), json!({"text": "Build 2 is green."})).await?.is(201)?;
    ensure!(builds.get("/me").await?.is(200)?["kind"] == "bot");
    Ok([of_cleo, builds.token])
}

async fn ends(program: &Person, path: &str) -> anyhow::Result<()> {
    let answer = wait::until("the token is refused", LIMIT, async || match program.get(path).await {
        Ok(answer) if answer.status == 200 => None,
        answer => Some(answer),
    });
    let answer = answer.await??;
    ensure!(answer.status == 401, "{answer:?}");
    Ok(())
}
