//! The afternoon: where things are said.

use anyhow::ensure;
use reqwest::Method;
use serde_json::{Value, json};

use super::people::{Person, each, fresh, text};

/// Acme's channel for everybody.
pub(super) async fn channels(ada: &Person, ben: &Person, cleo: &Person, dan: &Person) -> anyhow::Result<String> {
    let acme = &ada.company;
    acme.act("Ada makes channels: general for everybody, news where only admins post, and a private one for the board");
    let (general, news, board) = (fresh(), fresh(), fresh());
    let path = |channel: &str| format!("/channels/{channel}");
    let wanted = json!({"name": "general", "topic": "Today", "purpose": "Talk of the house.\nNews go to #news.",
                        "visibility": "public"});
    ada.put(&path(&general), wanted.clone()).await?.is(201)?;
    ada.put(&path(&general), wanted).await?.is(200)?;
    let wanted = json!({"name": "news", "visibility": "public", "posting": "admins"});
    ada.put(&path(&news), wanted).await?.is(201)?;
    ada.put(&path(&board), json!({"name": "board", "visibility": "private"})).await?.is(201)?;
    let twin = json!({"name": "g\u{435}neral", "visibility": "public"});
    dan.put(&path(&fresh()), twin).await?.refused(409, "channel-name-taken")?;

    acme.act("Cleo finds general and joins; the board does not exist for her");
    let member = |channel: &str, person: &Person| format!("/channels/{channel}/members/{}", person.id);
    ensure!(each(&cleo.get("/channels?q=gen").await?.is(200)?, "channelId") == [json!(general)]);
    cleo.put(&member(&general, cleo), Value::Null).await?.is(201)?;
    cleo.get(&path(&board)).await?.refused(404, "channel-not-found")?;
    cleo.put(&member(&news, cleo), Value::Null).await?.is(201)?;
    let post = json!({"text": "May I?"});
    let message = format!("{}/messages/{}", path(&news), fresh());
    cleo.put(&message, post.clone()).await?.refused(403, "posting-restricted")?;

    acme.act("Ben, an admin of Acme, lets Dan in and makes Cleo an admin of general, who may change its topic then");
    ben.put(&member(&general, ben), Value::Null).await?.is(201)?;
    ben.put(&member(&general, dan), Value::Null).await?.is(201)?;
    let tag = cleo.get(&path(&general)).await?.header("etag")?;
    let topic =
        json!({"name": "general", "topic": "Tomorrow", "purpose": "Talk of the house.", "visibility": "public"});
    let change = async || cleo.ask(Method::PUT, &path(&general), topic.clone(), &[("if-match", &tag)]).await;
    change().await?.refused(403, "not-an-admin")?;
    ben.put(&member(&general, cleo), json!({"role": "admin"})).await?.is(200)?;
    change().await?.is(200)?;

    acme.act("Dan reads who is in general, one to a page, leaves, and is let in again");
    let (mut names, mut page) = (Vec::new(), format!("{}/members?limit=1", path(&general)));
    loop {
        let read = dan.get(&page).await?.is(200)?;
        names.extend(each(&read, "displayName"));
        let Some(cursor) = read["nextCursor"].as_str() else { break };
        page = format!("{}/members?limit=1&cursor={cursor}", path(&general));
    }
    names.sort_by_key(Value::to_string);
    ensure!(names == ["Ada", "Ben", "Cleo", "Dan"], "{names:?}");
    dan.delete(&member(&general, dan)).await?.is(204)?;
    dan.get(&format!("{}/messages", path(&general))).await?.refused(403, "not-a-member")?;
    cleo.put(&member(&general, dan), Value::Null).await?.is(201)?;

    acme.act("Ada archives the news, where nobody can post then, and brings them back");
    ada.put(&format!("{}/archive", path(&news)), Value::Null).await?.is(200)?;
    ada.put(&message, post.clone()).await?.refused(403, "channel-archived")?;
    let back = ada.delete(&format!("{}/archive", path(&news))).await?.is(200)?;
    ensure!(back["archived"] == false, "{back}");
    text(&ada.put(&message, post).await?.is(201)?["position"])?;
    Ok(general)
}
