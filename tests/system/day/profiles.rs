//! After lunch: people say who they are and what they are doing.

use std::collections::BTreeMap;

use anyhow::ensure;
use chrono::{TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testkit::wait;

use super::people::{LIMIT, Person, each, text};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture, as far as anybody looks";

pub(super) async fn profiles(ada: &Person, ben: &Person) -> anyhow::Result<()> {
    let acme = &ada.company;
    acme.act("Ada fills in her profile on two devices at once: the second has to read it again");
    let seen = ada.get("/me").await?.header("etag")?;
    let change = async |about: &str| {
        let body = json!({"displayName": "Ada", "title": "Countess", "about": about, "timeZone": "Europe/London"});
        ada.ask(Method::PATCH, "/me", body, &[("if-match", &seen)]).await
    };
    let new = change("Engines.").await?.header("etag")?;
    change("Poetry.").await?.refused(412, "version-mismatch")?;
    change("Engines.").await?.is(200)?;
    ada.ask(Method::GET, "/me", Value::Null, &[("if-none-match", &new)]).await?.is(304)?;

    acme.act("Zones that don't exist, names that turn around, and names that only look like Ada's are refused");
    ben.patch("/me", json!({"timeZone": "Europe/Atlantis"})).await?.refused(422, "time-zone-unknown")?;
    ben.patch("/me", json!({"displayName": "Ben\u{202e}nib"})).await?.refused(422, "name-control-character")?;
    // The first letter is Cyrillic.
    ben.patch("/me", json!({"displayName": "\u{410}da"})).await?.refused(409, "name-looks-taken")?;

    acme.act("Ada is out to lunch for a moment, and Ben sees it until it is over");
    let path = format!("/people/{}", ada.id);
    let until = Utc::now() + TimeDelta::seconds(4);
    ada.put("/me/status", json!({"emoji": "🥪", "text": "Out to lunch", "until": until})).await?.is(200)?;
    wait::until("her status is over", LIMIT, async || {
        let seen = ben.get(&path).await.ok()?.is(200).ok()?;
        seen["status"].is_null().then_some(())
    })
    .await?;
    let shown = ada.put("/me/status", json!({"text": "Back"})).await?.is(200)?;
    ensure!(shown["status"]["text"] == "Back", "{shown}");
    ada.delete("/me/status").await?.is(204)?;

    picture(ada, ben).await?;
    acme.act("Ben finds Ada by the first letters of her name, and reads everybody, one to a page");
    let found = ben.get("/people?q=ad").await?.is(200)?;
    ensure!(each(&found, "displayName") == [json!("Ada")], "{found}");
    let (mut names, mut path) = (Vec::new(), "/people?limit=1".to_owned());
    loop {
        let page = ben.get(&path).await?.is(200)?;
        names.extend(each(&page, "displayName"));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("/people?limit=1&cursor={cursor}");
    }
    ensure!(names == ["Ada", "Ben", "Cleo", "Dan", "Eve"], "{names:?}");
    Ok(())
}

async fn picture(ada: &Person, ben: &Person) -> anyhow::Result<()> {
    ada.company.act("Ada uploads a picture, Ben sees it, and she takes it away again");
    let upload = ada.post("/me/avatar", announced(PNG.len())).await?.is(201)?;
    let id = text(&upload["uploadId"])?;
    ada.post(&format!("/me/avatar/{id}"), Value::Null).await?.refused(409, "upload-incomplete")?;
    let headers: BTreeMap<String, String> = serde_json::from_value(upload["headers"].clone())?;
    let mut request = reqwest::Client::new().put(text(&upload["url"])?).body(PNG);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    ensure!(request.send().await?.status() == 200);
    for _ in 0..2 {
        ada.post(&format!("/me/avatar/{id}"), Value::Null).await?.is(200)?;
    }
    let path = format!("/people/{}/avatar", ada.id);
    let led = ben.get(&path).await?;
    ensure!(led.status == 302, "{led:?}");
    let shown = reqwest::get(led.header("location")?).await?.bytes().await?;
    ensure!(shown == PNG, "another picture");
    ada.delete("/me/avatar").await?.is(204)?;
    ben.get(&path).await?.refused(404, "avatar-not-found")
}

/// Globex holds little.
pub(super) async fn there_is_no_room_for_pictures(ivo: &Person) -> anyhow::Result<()> {
    ivo.company.act("Ivo's picture is larger than all that Globex may store");
    ivo.post("/me/avatar", announced(2_000)).await?.refused(403, "workspace-storage-full")
}

fn announced(length: usize) -> Value {
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(PNG));
    json!({"contentType": "image/png", "length": length, "sha256": digest})
}
