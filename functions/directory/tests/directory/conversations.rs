//! Conversations: the same people have one.

use anyhow::Result;
use domain::{ChannelId, UserId};
use serde_json::{Value, json};

use crate::stage::{Somebody, Stage};

fn with(people: &[&Somebody]) -> Value {
    json!({"userIds": people.iter().map(|person| person.id).collect::<Vec<_>>()})
}

#[tokio::test]
async fn opened_fifty_times_at_once_by_two_people_it_is_one_conversation() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let opens = (0..50).map(|n| {
        let (who, other) = if n % 2 == 0 { (&ada, &bob) } else { (&bob, &ada) };
        stage.ask(who, "POST", "/conversations", if n % 3 == 0 { with(&[other]) } else { with(&[other, who, other]) })
    });
    let answers = futures::future::try_join_all(opens).await?;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let found = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((made, found), (1, 49), "{:?}", answers.iter().map(|a| (a.status, &a.json)).collect::<Vec<_>>());
    let first = &answers[0].json;
    assert!(answers.iter().all(|answer| answer.json["channelId"] == first["channelId"]));
    assert_eq!((&first["kind"], first["members"].as_array().map(Vec::len)), (&json!("direct"), Some(2)));
    let channels: i64 = sqlx::query_scalar("select count(*) from channels").fetch_one(&stage.pool).await?;
    assert_eq!(channels, 1);

    let path = format!("/channels/{}", first["channelId"].as_str().unwrap());
    let channel = stage.get(&bob, &path).await?.is(200);
    assert_eq!(
        (&channel["kind"], &channel["visibility"], &channel["name"]),
        (&json!("direct"), &json!("private"), &json!(""))
    );
    assert!(stage.all(&ada, "/channels", 10, "name").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn nobody_comes_or_goes_and_nothing_of_it_changes() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let (cleo, boss) = (stage.somebody("Cleo", "member").await?, stage.somebody("Boss", "owner").await?);
    let opened = stage.ask(&ada, "POST", "/conversations", with(&[&bob])).await?.is(201);
    let path = format!("/channels/{}", opened["channelId"].as_str().unwrap());
    let body = json!({"name": "ours", "visibility": "private"});
    for (method, path, body) in [
        ("PUT", path.clone(), body),
        ("PUT", format!("{path}/archive"), Value::Null),
        ("PUT", format!("{path}/members/{}", cleo.id), Value::Null),
        ("DELETE", format!("{path}/members/{}", bob.id), Value::Null),
        ("DELETE", format!("{path}/members/{}", ada.id), Value::Null),
    ] {
        stage.ask(&ada, method, &path, body.clone()).await?.refused(403, "conversation-fixed");
        stage.ask(&boss, method, &path, body).await?.refused(404, "channel-not-found");
    }
    // Nobody is there before them.
    let squatted = stage.put(
        &cleo,
        "/channels/0190b0c2-7c7e-8a51-9d3b-6f2f7e1c0a42",
        json!({"name": "a", "visibility": "public"}),
    );
    squatted.await?.refused(422, "channel-id-reserved");
    // A conversation that is there is found, whoever of it is gone meanwhile.
    stage.run("update users set active = false where id = $1", bob.id).await?;
    assert_eq!(
        stage.ask(&ada, "POST", "/conversations", with(&[&bob])).await?.is(200)["channelId"],
        opened["channelId"]
    );
    // Whoever was taken out and is active again is in again.
    let out = "update channel_members set active = false, version = version + 1 where user_id = $1";
    stage.run(out, bob.id).await?;
    stage.ask(&ada, "POST", "/conversations", with(&[&bob])).await?.is(200);
    assert_eq!(stage.get(&ada, &format!("{path}/members")).await?.is(200)["items"].as_array().map(Vec::len), Some(1));
    stage.run("update users set active = true where id = $1", bob.id).await?;
    let again = stage.ask(&ada, "POST", "/conversations", with(&[&bob])).await?.is(200);
    assert_eq!(again["members"].as_array().map(Vec::len), Some(2));
    stage.run("update users set active = false where id = $1", bob.id).await?;
    stage.ask(&cleo, "POST", "/conversations", with(&[&bob])).await?.refused(404, "person-not-found");
    Ok(())
}

#[tokio::test]
async fn whoever_is_unknown_or_too_many_opens_nothing() -> Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.somebody("Ada", "member").await?;
    let mut crowd = Vec::new();
    for n in 0..9 {
        crowd.push(stage.somebody(&format!("P{n}"), "member").await?);
    }
    let crowd: Vec<&Somebody> = crowd.iter().collect();
    let open = |body| stage.ask(&ada, "POST", "/conversations", body);
    open(with(&[])).await?.refused(422, "conversation-alone");
    open(with(&[&ada])).await?.refused(422, "conversation-alone");
    open(with(&crowd)).await?.refused(422, "conversation-too-large");
    open(json!({"userIds": [UserId::random()]})).await?.refused(404, "person-not-found");
    open(json!({"userIds": ["ada"]})).await?.refused(400, "invalid-field");
    open(json!({})).await?.refused(400, "invalid-field");
    let group = open(with(&crowd[..8])).await?.is(201);
    assert_eq!((&group["kind"], group["members"].as_array().map(Vec::len)), (&json!("group"), Some(9)));
    Ok(())
}

#[tokio::test]
async fn a_guest_talks_only_to_whom_they_meet() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let guest = stage.somebody("Gus", "guest").await?;
    let open = |who, people: &[&Somebody]| stage.ask(who, "POST", "/conversations", with(people));
    open(&guest, &[&ada]).await?.refused(404, "person-not-found");
    let channel = stage.channel(&ada, "meeting", "private").await?;
    stage.let_in(&ada, channel, &guest).await?;
    open(&guest, &[&ada]).await?.is(201);
    open(&guest, &[&ada, &bob]).await?.refused(404, "person-not-found");
    open(&bob, &[&guest]).await?.is(201);
    open(&guest, &[&bob]).await?.is(200);
    open(&guest, &[&ada, &bob]).await?.is(201);
    Ok(())
}

#[tokio::test]
async fn conversations_are_listed_to_who_is_in_them_the_newest_first() -> Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.somebody("Ada", "member").await?;
    let mut opened = Vec::new();
    for n in 0..5 {
        let other = stage.somebody(&format!("P{n}"), "member").await?;
        let conversation = stage.ask(&ada, "POST", "/conversations", with(&[&other])).await?.is(201);
        opened.insert(0, conversation["channelId"].as_str().unwrap().to_owned());
    }
    for limit in [1, 2, 5] {
        assert_eq!(stage.all(&ada, "/conversations", limit, "channelId").await?, opened);
    }
    let page = stage.get(&ada, "/conversations?limit=1").await?.is(200);
    let names: Vec<_> =
        page["items"][0]["members"].as_array().unwrap().iter().map(|m| m["displayName"].clone()).collect();
    assert_eq!(names, [json!("Ada"), json!("P4")]);
    let stranger = stage.somebody("Eve", "owner").await?;
    assert!(stage.all(&stranger, "/conversations", 5, "channelId").await?.is_empty());
    let nowhere = format!("/channels/{}", opened[0].parse::<ChannelId>()?);
    stage.get(&stranger, &nowhere).await?.refused(404, "channel-not-found");
    stage.get(&ada, "/conversations?cursor=Y29udmVyc2F0aW9uczp4").await?.refused(400, "invalid-cursor");
    Ok(())
}
