//! Night: some leave, for a while or for good.

use anyhow::ensure;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    people::{PASSWORD, Person, each},
    town::Town,
};

pub(super) async fn globex(gus: &Person, hana: &Person, kim: &Person) -> anyhow::Result<()> {
    let globex = &gus.company;
    let role = |of: &Person| format!("/people/{}/role", of.id);
    globex.act("Gus, the last owner, may not go; he makes Hana an owner, and steps down");
    gus.put(&role(gus), json!({"role": "member"})).await?.refused(409, "last-owner")?;
    gus.put(&format!("/people/{}/deactivation", gus.id), Value::Null).await?.refused(409, "last-owner")?;
    gus.put(&role(hana), json!({"role": "owner"})).await?.is(200)?;
    let tag = gus.get(&format!("/people/{}", gus.id)).await?.header("etag")?;
    let stepped = gus.ask(Method::PUT, &role(gus), json!({"role": "member"}), &[("if-match", &tag)]).await?.is(200)?;
    ensure!(stepped["role"] == "member", "{stepped}");

    globex.act("Kim erases herself, which needs her own word for it");
    let path = format!("/people/{}", kim.id);
    kim.delete(&path).await?.refused(422, "confirmation-needed")?;
    kim.delete(&format!("{path}?confirm={}", kim.email)).await?.is(204)?;
    kim.is_out("session-revoked").await?;
    let left = each(&hana.get("/people?kind=person").await?.is(200)?, "displayName");
    ensure!(left == ["Gus", "Hana", "Ivo", "June"], "{left:?}");
    Ok(())
}

/// Of Dan a reply stays, in a channel where Cleo is.
pub(super) async fn acme(
    town: &Town,
    [ada, ben, cleo, dan, eve]: [&Person; 5],
    general: &str,
    reply: &str,
) -> anyhow::Result<()> {
    let acme = &town.acme;
    acme.act("Ben deactivates Eve, who is out everywhere and told by letter, and takes her back");
    let path = format!("/people/{}/deactivation", eve.id);
    for _ in 0..2 {
        ben.put(&path, Value::Null).await?.is(204)?;
    }
    eve.is_out("session-revoked").await?;
    town.letter(&eve.email, "Your account in Acme was deactivated").await?;
    eve.sign_in(PASSWORD, Value::Null).await?.refused(403, "account-deactivated")?;
    ben.delete(&path).await?.is(204)?;
    let eve = eve.on(eve.device, eve.place).await?;
    ensure!(each(&eve.get("/channels").await?.is(200)?, "name") == [json!("press")]);

    acme.act("Ada erases Dan; what he said stays, by nobody");
    let path = format!("/people/{}", dan.id);
    ben.delete(&path).await?.refused(403, "not-an-owner")?;
    for _ in 0..2 {
        ada.delete(&path).await?.is(204)?;
    }
    dan.is_out("session-revoked").await?;
    dan.sign_in(PASSWORD, Value::Null).await?.refused(401, "wrong-credentials")?;
    let thread = cleo.get(&format!("/channels/{general}/messages/{reply}/thread")).await?.is(200)?;
    ensure!(each(&thread, "userId") == [json!(dan.id)], "{thread}");
    let seen = cleo.get(&path).await?.is(200)?;
    ensure!(seen["displayName"] == "Deleted person" && seen["active"] == false, "{seen}");

    acme.act("Ada turns off the light");
    ada.post("/auth/sign-out", Value::Null).await?.is(204)?;
    ada.is_out("session-revoked").await
}
