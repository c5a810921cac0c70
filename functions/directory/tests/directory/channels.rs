//! Channels: properties, archive, names that look alike, and what people are in them.

use anyhow::Result;
use domain::ChannelId;
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn a_channel_has_a_purpose_and_a_posting_rule_and_the_log_is_told_all_of_it() -> Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.somebody("Ada", "member").await?;
    let id = ChannelId::random();
    let path = format!("/channels/{id}");
    let plain = json!({"name": "general", "visibility": "public"});
    let made = stage.put(&ada, &path, plain.clone()).await?;
    assert_eq!(made.tag(), "\"1.admin\"");
    let made = made.is(201);
    let shown = (&made["kind"], &made["posting"], &made["purpose"], &made["archived"], &made["membership"]);
    assert_eq!(shown, (&json!("channel"), &json!("everyone"), &json!(""), &json!(false), &json!("admin")));

    let body = json!({
        "name": "general", "topic": "Talk", "purpose": "One.\nTwo.", "visibility": "public", "posting": "admins",
    });
    // The log's relay removes what it has told; here it shall stay.
    sqlx::query("create table told as select event from outbox with no data").execute(&stage.pool).await?;
    let keep = "create function keep() returns trigger language plpgsql security definer as
                $$ begin insert into public.told values (new.event); return new; end $$";
    sqlx::raw_sql(keep).execute(&stage.pool).await?;
    sqlx::raw_sql("create trigger keep after insert on outbox for each row execute function keep()")
        .execute(&stage.pool)
        .await?;
    let changed = stage.put(&ada, &path, body.clone()).await?.is(200);
    assert_eq!((&changed["purpose"], &changed["version"]), (&json!("One.\nTwo."), &json!(2)));
    assert_eq!(stage.put(&ada, &path, body).await?.is(200)["version"], 2);
    stage.put(&ada, &format!("{path}/archive"), Value::Null).await?.is(200);
    let told: Vec<Value> = sqlx::query_scalar("select event->'data' from told").fetch_all(&stage.pool).await?;
    assert_eq!(told.len(), 4, "each change twice");
    assert_eq!((&told[0]["purpose"], &told[0]["posting"]), (&json!("One.\nTwo."), &json!("admins")));
    assert_eq!((&told[3]["archived"], &told[3]["purpose"]), (&json!(true), &json!("One.\nTwo.")));

    let cases = [
        (json!({"name": "a\u{202e}b", "visibility": "public"}), 422, "name-control-character"),
        (json!({"name": "x".repeat(81), "visibility": "public"}), 422, "name-too-long"),
        (json!({"name": "a", "topic": "x".repeat(251), "visibility": "public"}), 422, "topic-too-long"),
        (json!({"name": "a", "topic": "a\u{202e}b", "visibility": "public"}), 422, "topic-control-character"),
        (json!({"name": "a", "purpose": "x".repeat(501), "visibility": "public"}), 422, "purpose-too-long"),
        (json!({"name": "a", "purpose": "a\u{2066}b", "visibility": "public"}), 422, "purpose-control-character"),
        (json!({"name": "a", "visibility": "public", "posting": "nobody"}), 400, "invalid-field"),
    ];
    for (body, status, code) in cases {
        stage.put(&ada, &format!("/channels/{}", ChannelId::random()), body).await?.refused(status, code);
    }
    Ok(())
}

#[tokio::test]
async fn of_two_who_edit_one_channel_the_second_is_told() -> Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.somebody("Ada", "member").await?;
    let path = format!("/channels/{}", stage.channel(&ada, "general", "public").await?);
    let tag = stage.get(&ada, &path).await?.tag();
    assert_eq!(stage.ask_if(&ada, "GET", &path, Value::Null, Some(&tag)).await?.status, 304);
    let body = |topic: &str| json!({"name": "general", "topic": topic, "visibility": "public"});
    let (one, other) = tokio::join!(
        stage.ask_if(&ada, "PUT", &path, body("one"), Some(&tag)),
        stage.ask_if(&ada, "PUT", &path, body("other"), Some(&tag))
    );
    let mut statuses = [one?.status.as_u16(), other?.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let archive = format!("{path}/archive");
    stage.ask_if(&ada, "PUT", &archive, Value::Null, Some(&tag)).await?.refused(412, "version-mismatch");
    // Whoever comes in sees something else.
    let bob = stage.somebody("Bob", "member").await?;
    let tag = stage.get(&bob, &path).await?.tag();
    stage.let_in(&bob, path.trim_start_matches("/channels/").parse()?, &bob).await?;
    assert_eq!(stage.ask_if(&bob, "GET", &path, Value::Null, Some(&tag)).await?.is(200)["membership"], "member");
    let nowhere = format!("/channels/{}", ChannelId::random());
    let unmade = stage.ask_if(&ada, "PUT", &nowhere, json!({"name": "x", "visibility": "public"}), Some(&tag)).await?;
    unmade.refused(412, "version-mismatch");
    Ok(())
}

#[tokio::test]
async fn names_that_look_alike_are_one_name() -> Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.somebody("Ada", "member").await?;
    stage.channel(&ada, "general", "private").await?;
    let other = stage.channel(&ada, "random", "public").await?;
    for name in ["GENERAL", "gener\u{430}l", "general\u{fe0f}", " general"] {
        let body = json!({"name": name, "visibility": "public"});
        let new = format!("/channels/{}", ChannelId::random());
        let problem = stage.put(&ada, &new, body.clone()).await?.refused(409, "channel-name-taken");
        assert_eq!(problem["field"], "name");
        stage.put(&ada, &format!("/channels/{other}"), body).await?.refused(409, "channel-name-taken");
    }
    Ok(())
}

#[tokio::test]
async fn an_archived_channel_is_read_left_and_brought_back_and_keeps_its_name() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let cleo = stage.somebody("Cleo", "member").await?;
    let channel = stage.channel(&ada, "old", "public").await?;
    stage.let_in(&bob, channel, &bob).await?;
    let (path, archive) = (format!("/channels/{channel}"), format!("/channels/{channel}/archive"));
    stage.put(&bob, &archive, Value::Null).await?.refused(403, "not-an-admin");
    stage.put(&cleo, &archive, Value::Null).await?.refused(403, "not-a-member");
    for _ in 0..2 {
        let archived = stage.put(&ada, &archive, Value::Null).await?.is(200);
        assert_eq!((&archived["archived"], &archived["version"]), (&json!(true), &json!(2)));
    }
    let body = json!({"name": "new", "visibility": "public"});
    stage.put(&ada, &path, body).await?.refused(403, "channel-archived");
    let members = format!("{path}/members");
    stage.put(&cleo, &format!("{members}/{}", cleo.id), Value::Null).await?.refused(403, "channel-archived");
    stage.get(&cleo, &path).await?.is(200);
    stage.delete(&bob, &format!("{members}/{}", bob.id)).await?.is(204);
    let other = json!({"name": "Old", "visibility": "public"});
    let taken = stage.put(&ada, &format!("/channels/{}", ChannelId::random()), other).await?;
    taken.refused(409, "channel-name-taken");
    stage.channel(&ada, "fresh", "public").await?;
    let names = async |path: &str| stage.all(&cleo, path, 1, "name").await;
    assert_eq!(names("/channels").await?, ["fresh", "old"]);
    assert_eq!(names("/channels?archived=true").await?, ["old"]);
    assert_eq!(names("/channels?archived=false").await?, ["fresh"]);

    for _ in 0..2 {
        assert_eq!(stage.delete(&ada, &archive).await?.is(200)["version"], 3);
    }
    stage.put(&cleo, &format!("{members}/{}", cleo.id), Value::Null).await?.is(201);
    Ok(())
}

#[tokio::test]
async fn channels_are_found_by_name_and_guests_find_their_own() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let guest = stage.somebody("Gus", "guest").await?;
    for name in ["dev tools", "dev-ops", "Design"] {
        stage.channel(&ada, name, "public").await?;
    }
    let secret = stage.channel(&ada, "dev secret", "private").await?;
    let names = async |who, path: &str| stage.all(who, path, 1, "name").await;
    assert_eq!(names(&bob, "/channels?q=DEV").await?, ["dev tools", "dev-ops"]);
    assert_eq!(names(&ada, "/channels?q=dev%20s").await?, ["dev secret"]);
    assert_eq!(names(&bob, "/channels?q=ops").await?, ["dev-ops"]);
    assert!(names(&guest, "/channels").await?.is_empty());
    stage.let_in(&ada, secret, &guest).await?;
    assert_eq!(names(&guest, "/channels").await?, ["dev secret"]);
    let public = stage.channel(&ada, "open", "public").await?;
    stage.get(&guest, &format!("/channels/{public}")).await?.refused(404, "channel-not-found");
    let join = format!("/channels/{public}/members/{}", guest.id);
    stage.put(&guest, &join, Value::Null).await?.refused(404, "channel-not-found");
    let body = json!({"name": "mine", "visibility": "private"});
    stage.put(&guest, &format!("/channels/{}", ChannelId::random()), body).await?.refused(403, "not-for-guests");
    Ok(())
}

#[tokio::test]
async fn only_admins_say_what_others_are_in_a_channel() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let (cleo, boss) = (stage.somebody("Cleo", "member").await?, stage.somebody("Boss", "admin").await?);
    let channel = stage.channel(&ada, "general", "public").await?;
    let member = |person: &crate::stage::Somebody| format!("/channels/{channel}/members/{}", person.id);
    let role = |role: &str| json!({"role": role});
    stage.put(&bob, &member(&bob), role("admin")).await?.refused(403, "not-a-member");
    stage.put(&bob, &member(&bob), role("member")).await?.is(201);
    stage.put(&bob, &member(&bob), role("admin")).await?.refused(403, "not-an-admin");
    stage.put(&bob, &member(&cleo), role("admin")).await?.refused(403, "not-an-admin");
    stage.put(&bob, &member(&ada), role("member")).await?.refused(403, "not-an-admin");
    // Without a role, or with theirs, nothing changes.
    stage.put(&bob, &member(&ada), Value::Null).await?.is(200);
    stage.put(&bob, &member(&ada), json!({})).await?.is(200);
    stage.put(&bob, &member(&ada), json!({"role": null})).await?.is(200);
    stage.put(&bob, &member(&ada), role("admin")).await?.is(200);
    stage.put(&ada, &member(&bob), role("admin")).await?.is(200);
    stage.put(&bob, &member(&cleo), role("admin")).await?.is(201);
    stage.put(&bob, &member(&bob), role("king")).await?.refused(400, "invalid-field");
    let roles = stage.all(&bob, &format!("/channels/{channel}/members"), 1, "role").await?;
    assert_eq!(roles, ["admin", "admin", "admin"]);

    // The last admin may leave; a workspace's admin looks after what is left.
    stage.put(&ada, &member(&bob), role("member")).await?.is(200);
    for person in [&cleo, &ada, &ada] {
        stage.delete(person, &member(person)).await?.is(204);
    }
    stage.put(&bob, &member(&bob), role("admin")).await?.refused(403, "not-an-admin");
    stage.put(&boss, &member(&bob), role("admin")).await?.is(200);
    Ok(())
}

#[tokio::test]
async fn guests_and_bots_come_in_and_deactivated_people_do_not() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, guest) = (stage.somebody("Ada", "member").await?, stage.somebody("Gus", "guest").await?);
    let (bot, gone) = (stage.somebody("Robo", "member").await?, stage.somebody("Gone", "member").await?);
    stage.run("update users set kind = 'bot', email = null where id = $1", bot.id).await?;
    stage.run("update users set active = false where id = $1", gone.id).await?;
    let channel = stage.channel(&ada, "general", "private").await?;
    let members = format!("/channels/{channel}/members");
    stage.let_in(&ada, channel, &guest).await?;
    stage.let_in(&ada, channel, &bot).await?;
    for nobody in [gone.id, domain::UserId::random()] {
        stage.put(&ada, &format!("{members}/{nobody}"), Value::Null).await?.refused(404, "person-not-found");
    }
    stage.put(&guest, &format!("{members}/{}", gone.id), Value::Null).await?.refused(403, "not-for-guests");
    assert_eq!(stage.all(&guest, &format!("{members}?q=rob"), 1, "displayName").await?, ["Robo"]);
    assert_eq!(stage.all(&guest, &members, 2, "displayName").await?.len(), 3);
    stage.get(&guest, &format!("{members}?q={}", "x".repeat(81))).await?.refused(400, "invalid-search");
    Ok(())
}

#[tokio::test]
async fn of_many_who_let_in_the_same_person_at_once_one_does() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let channel = stage.channel(&ada, "general", "private").await?;
    let path = format!("/channels/{channel}/members/{}", bob.id);
    let puts = (0..20).map(|n| {
        let body = if n % 2 == 0 { json!({"role": "admin"}) } else { json!({"role": "member"}) };
        stage.put(&ada, &path, body)
    });
    let answers = futures::future::try_join_all(puts).await?;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 201)), "{statuses:?}");
    Ok(())
}
