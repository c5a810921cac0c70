//! Profiles, status, and finding people.

use anyhow::Result;
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn a_profile_is_changed_field_by_field_and_others_see_it() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let body = json!({"title": " Countess ", "about": "Engines.\nAnd poems.", "timeZone": "europe/london"});
    let me = stage.ask(&ada, "PATCH", "/me", body.clone()).await?.is(200);
    assert_eq!(
        (&me["displayName"], &me["title"], &me["about"], &me["timeZone"], &me["version"]),
        (&json!("Ada"), &json!("Countess"), &json!("Engines.\nAnd poems."), &json!("Europe/London"), &json!(2))
    );
    assert!(me["email"].is_string());
    // Again: nothing is new.
    assert_eq!(stage.ask(&ada, "PATCH", "/me", body).await?.is(200)["version"], 2);
    assert_eq!(stage.ask(&ada, "PATCH", "/me", json!({})).await?.is(200)["version"], 2);

    let seen = stage.get(&bob, &format!("/people/{}", ada.id)).await?;
    assert_eq!(seen.tag(), "\"2\"");
    let seen = seen.is(200);
    assert_eq!((&seen["title"], seen.get("email")), (&json!("Countess"), None));
    let again = stage.ask_if(&bob, "GET", &format!("/people/{}", ada.id), Value::Null, Some("\"2\"")).await?;
    assert_eq!(again.status, 304);

    let renamed = stage.ask(&ada, "PATCH", "/me", json!({"displayName": "Ada Lovelace"})).await?.is(200);
    assert_eq!((&renamed["displayName"], &renamed["title"]), (&json!("Ada Lovelace"), &json!("Countess")));
    assert_eq!(stage.all(&bob, "/people?q=love", 10, "displayName").await?, ["Ada Lovelace"]);
    Ok(())
}

#[tokio::test]
async fn of_two_who_edit_one_profile_the_second_is_told() -> Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.somebody("Ada", "member").await?;
    let tag = stage.get(&ada, "/me").await?.tag();
    let edit = |title: &str| stage.ask_if(&ada, "PATCH", "/me", json!({"title": title}), Some(&tag));
    let (one, other) = tokio::join!(edit("Countess"), edit("Programmer"));
    let mut statuses = [one?.status.as_u16(), other?.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    // Whoever repeats what was done is answered as before.
    let title = stage.get(&ada, "/me").await?.is(200)["title"].as_str().unwrap().to_owned();
    assert_eq!(edit(&title).await?.is(200)["version"], 2);
    edit("Poet").await?.refused(412, "version-mismatch");
    let status = json!({"emoji": "🌴", "text": ""});
    stage.ask_if(&ada, "PUT", "/me/status", status, Some(&tag)).await?.refused(412, "version-mismatch");
    Ok(())
}

#[tokio::test]
async fn what_no_profile_has_is_refused_with_its_field() -> Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.somebody("Ada", "member").await?;
    let cases = [
        (json!({"displayName": "Ada\u{202e}live"}), 422, "name-control-character", "displayName"),
        (json!({"displayName": " "}), 422, "name-empty", "displayName"),
        (json!({"displayName": "x".repeat(81)}), 422, "name-too-long", "displayName"),
        (json!({"title": "x".repeat(81)}), 422, "too-long", "title"),
        (json!({"title": "a\u{202e}b"}), 422, "control-character", "title"),
        (json!({"about": "x".repeat(501)}), 422, "too-long", "about"),
        (json!({"timeZone": "Europe/Atlantis"}), 422, "time-zone-unknown", "timeZone"),
        (json!({"timeZone": "../etc/passwd"}), 422, "time-zone-unknown", "timeZone"),
        (json!({"role": "owner"}), 400, "unknown-field", "role"),
    ];
    for (body, status, code, field) in cases {
        let problem = stage.ask(&ada, "PATCH", "/me", body).await?.refused(status, code);
        assert_eq!(problem["field"], field);
    }
    assert_eq!(stage.get(&ada, "/me").await?.is(200)["version"], 1);
    Ok(())
}

#[tokio::test]
async fn nobody_takes_a_name_that_only_looks_like_anothers_even_at_once() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    stage.somebody("Paul Pay", "member").await?;
    let rename = |who, name: &str| stage.ask(who, "PATCH", "/me", json!({"displayName": name}));
    rename(&ada, "P\u{430}ul P\u{430}y").await?.refused(409, "name-looks-taken");
    rename(&ada, "paul pay").await?.is(200);
    let (one, other) = tokio::join!(rename(&ada, "Cleo"), rename(&bob, "Cle\u{43e}"));
    let mut statuses = [one?.status.as_u16(), other?.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    Ok(())
}

#[tokio::test]
async fn a_status_is_seen_until_it_is_over() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let channel = stage.channel(&ada, "general", "public").await?;
    let holiday = json!({"emoji": "🌴", "text": "On holiday", "until": "2099-08-31T18:00:00Z"});
    let me = stage.put(&ada, "/me/status", holiday.clone()).await?.is(200);
    assert_eq!((&me["status"], &me["version"]), (&holiday, &json!(2)));
    assert_eq!(stage.put(&ada, "/me/status", holiday.clone()).await?.is(200)["version"], 2);
    let person = format!("/people/{}", ada.id);
    let members = format!("/channels/{channel}/members");
    let shown = async || -> Result<[Value; 3]> {
        let one = stage.get(&bob, &person).await?.is(200)["status"].clone();
        let listed = stage.get(&bob, "/people?q=ada").await?.is(200)["items"][0]["status"].clone();
        let member = stage.get(&bob, &members).await?.is(200)["items"][0]["status"].clone();
        Ok([one, listed, member])
    };
    assert_eq!(shown().await?, [holiday.clone(), holiday.clone(), holiday.clone()]);

    stage.run("update users set status_until = now() - interval '1 second' where id = $1", ada.id).await?;
    assert_eq!(shown().await?, [Value::Null, Value::Null, Value::Null]);
    // Whoever has this version has not seen that the status is over.
    let again = stage.ask_if(&bob, "GET", &person, Value::Null, Some("\"2\"")).await?;
    assert_eq!((again.status.as_u16(), &again.json["status"]), (200, &Value::Null));

    stage.put(&ada, "/me/status", json!({"text": "Back"})).await?.is(200);
    assert_eq!(stage.get(&bob, &person).await?.is(200)["status"], json!({"emoji": "", "text": "Back"}));
    for _ in 0..2 {
        stage.delete(&ada, "/me/status").await?.is(204);
    }
    assert_eq!(stage.get(&bob, &person).await?.is(200)["status"], Value::Null);
    let cases = [
        (json!({"text": "Late", "until": "2001-01-01T00:00:00Z"}), 422, "status-over"),
        (json!({}), 422, "status-empty"),
        (json!({"text": "x".repeat(101)}), 422, "too-long"),
        (json!({"text": "a\u{202e}b"}), 422, "control-character"),
        (json!({"emoji": "x".repeat(33)}), 422, "too-long"),
        (json!({"text": "x", "until": "tomorrow"}), 400, "invalid-field"),
    ];
    for (body, status, code) in cases {
        stage.put(&ada, "/me/status", body).await?.refused(status, code);
    }
    Ok(())
}

#[tokio::test]
async fn people_are_found_by_the_beginning_of_any_word_and_pages_go_by_name() -> Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.somebody("Ada Lovelace", "member").await?;
    for name in ["zoë Adams", "Bob", "Grace Hopper", "ada Lovelace", "Ada Lovelace"] {
        stage.somebody(name, "member").await?;
    }
    let bot = stage.somebody("Adabot", "member").await?;
    stage.run("update users set kind = 'bot', email = null where id = $1", bot.id).await?;
    let gone = stage.somebody("Bertha", "member").await?;
    stage.run("update users set active = false where id = $1", gone.id).await?;
    let erased = stage.somebody("Nobody", "member").await?;
    stage.run("update users set active = false, erased_at = now() where id = $1", erased.id).await?;

    let names = async |path: &str, limit| stage.all(&ada, path, limit, "displayName").await;
    for limit in [1, 2, 50] {
        let all = names("/people", limit).await?;
        let lower: Vec<_> = all.iter().map(|name| name.to_lowercase()).collect();
        let expected =
            ["ada lovelace", "ada lovelace", "ada lovelace", "adabot", "bertha", "bob", "grace hopper", "zoë adams"];
        assert_eq!(lower, expected);
    }
    assert_eq!(names("/people?q=ADA", 2).await?.len(), 5);
    assert_eq!(names("/people?q=zoe%20ad", 2).await?, ["zoë Adams"]);
    assert_eq!(names("/people?q=lov%20ada", 2).await?.len(), 3);
    assert_eq!(names("/people?q=dams", 2).await?.len(), 0);
    assert_eq!(names("/people?q=%27%3A*%20%7C%20!", 2).await?.len(), 0);
    assert_eq!(names("/people?q=ada&kind=bot", 2).await?, ["Adabot"]);
    assert_eq!(names("/people?active=false", 2).await?, ["Bertha"]);
    assert_eq!(names("/people?active=true&q=b", 2).await?, ["Bob"]);
    let long = format!("/people?q={}", "x".repeat(81));
    let cases = [
        (long.as_str(), "invalid-search"),
        ("/people?limit=0", "invalid-limit"),
        ("/people?limit=x", "invalid-query"),
        ("/people?active=perhaps", "invalid-query"),
        ("/people?kind=cat", "invalid-query"),
        ("/people?colour=blue", "invalid-query"),
        ("/people?cursor=cGVvcGxlOmFkYQ", "invalid-cursor"),
    ];
    for (path, code) in cases {
        stage.get(&ada, path).await?.refused(400, code);
    }
    Ok(())
}

#[tokio::test]
async fn a_guest_sees_only_whom_they_meet() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let (cleo, guest) = (stage.somebody("Cleo", "member").await?, stage.somebody("Gus", "guest").await?);
    let names = async || stage.all(&guest, "/people", 1, "displayName").await;
    assert_eq!(names().await?, ["Gus"]);
    stage.get(&guest, &format!("/people/{}", ada.id)).await?.refused(404, "person-not-found");
    stage.get(&guest, &format!("/people/{}/avatar", ada.id)).await?.refused(404, "person-not-found");
    stage.get(&guest, &format!("/people/{}", guest.id)).await?.is(200);

    let channel = stage.channel(&ada, "meeting", "public").await?;
    stage.let_in(&ada, channel, &guest).await?;
    let team = domain::TeamId::random();
    stage.put(&bob, &format!("/teams/{team}"), json!({"name": "Builders"})).await?.is(201);
    stage.put(&bob, &format!("/teams/{team}/members/{}", guest.id), Value::Null).await?.is(201);
    assert_eq!(names().await?, ["Ada", "Bob", "Gus"]);
    assert_eq!(stage.all(&guest, "/people?q=cleo", 10, "displayName").await?.len(), 0);
    stage.get(&guest, &format!("/people/{}", ada.id)).await?.is(200);
    stage.get(&guest, &format!("/people/{}", cleo.id)).await?.refused(404, "person-not-found");
    stage.get(&guest, &format!("/people/{}/avatar", ada.id)).await?.refused(404, "avatar-not-found");

    stage.delete(&bob, &format!("/teams/{team}")).await?.is(204);
    stage.delete(&ada, &format!("/channels/{channel}/members/{}", guest.id)).await?.is(204);
    assert_eq!(names().await?, ["Gus"]);
    assert_eq!(stage.all(&ada, "/people", 10, "displayName").await?.len(), 4);
    Ok(())
}
