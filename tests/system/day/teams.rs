//! The afternoon: who works with whom.

use anyhow::ensure;
use reqwest::Method;
use serde_json::{Value, json};

use super::people::{Person, each, fresh};

/// The engineers.
pub(super) async fn teams(ada: &Person, ben: &Person, cleo: &Person, dan: &Person) -> anyhow::Result<String> {
    let acme = &ada.company;
    acme.act("Ada makes Ben an admin; he may make nobody an owner");
    ada.put(&format!("/people/{}/role", ben.id), json!({"role": "admin"})).await?.is(200)?;
    let role = format!("/people/{}/role", cleo.id);
    ben.put(&role, json!({"role": "owner"})).await?.refused(403, "not-an-owner")?;

    acme.act("Cleo makes a team and leads it; nobody makes another that looks the same");
    let engineers = fresh();
    let (path, body) = (format!("/teams/{engineers}"), json!({"name": "Engineers", "description": "Who builds it."}));
    cleo.put(&path, body.clone()).await?.is(201)?;
    cleo.put(&path, body).await?.is(200)?;
    dan.put(&format!("/teams/{}", fresh()), json!({"name": "\u{415}ngineers"}))
        .await?
        .refused(409, "team-name-taken")?;

    acme.act("Cleo takes Dan in and makes him a lead, and Dan takes in Ben and Ada");
    let member = |person: &Person| format!("{path}/members/{}", person.id);
    dan.put(&member(ben), Value::Null).await?.refused(403, "not-a-lead")?;
    cleo.put(&member(dan), Value::Null).await?.is(201)?;
    cleo.put(&member(dan), json!({"role": "lead"})).await?.is(200)?;
    dan.put(&member(ben), Value::Null).await?.is(201)?;
    dan.put(&member(ada), Value::Null).await?.is(201)?;
    dan.delete(&member(ada)).await?.is(204)?;
    let members = ada.get(&format!("{path}/members")).await?.is(200)?;
    let mut found = each(&members, "displayName");
    found.sort_by_key(Value::to_string);
    ensure!(found == ["Ben", "Cleo", "Dan"], "{members}");

    acme.act("Ada finds the team by its name, and has it already when she reads it again");
    ensure!(each(&ada.get("/teams?q=eng").await?.is(200)?, "teamId") == [json!(engineers)]);
    let tag = ada.get(&path).await?.header("etag")?;
    ada.ask(Method::GET, &path, Value::Null, &[("if-none-match", &tag)]).await?.is(304)?;

    acme.act("Cleo tries out a team, and ends it");
    let trial = format!("/teams/{}", fresh());
    cleo.put(&trial, json!({"name": "Trial"})).await?.is(201)?;
    cleo.delete(&trial).await?.is(204)?;
    cleo.get(&trial).await?.refused(404, "team-not-found")?;
    Ok(engineers)
}
