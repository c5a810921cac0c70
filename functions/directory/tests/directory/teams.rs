//! Teams: who leads them, who is in them, and how they end.

use anyhow::Result;
use domain::TeamId;
use serde_json::{Value, json};

use crate::stage::{Somebody, Stage};

async fn team(stage: &Stage, lead: &Somebody, name: &str) -> Result<TeamId> {
    let id = TeamId::random();
    stage.put(lead, &format!("/teams/{id}"), json!({"name": name})).await?.is(201);
    Ok(id)
}

#[tokio::test]
async fn a_teams_maker_leads_it_and_of_two_who_edit_it_the_second_is_told() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let path = format!("/teams/{}", TeamId::random());
    let body = json!({"name": "Engineers", "description": "Who builds it.\nAll of it."});
    let made = stage.put(&ada, &path, body.clone()).await?.is(201);
    assert_eq!((&made["membership"], &made["version"]), (&json!("lead"), &json!(1)));
    assert_eq!(stage.put(&ada, &path, body).await?.is(200)["version"], 1);
    stage.put(&bob, &path, json!({"name": "Mine"})).await?.refused(403, "not-a-lead");

    let tag = stage.get(&bob, &path).await?.tag();
    assert_eq!(stage.ask_if(&bob, "GET", &path, Value::Null, Some(&tag)).await?.status, 304);
    let (one, other) = tokio::join!(
        stage.ask_if(&ada, "PUT", &path, json!({"name": "One"}), Some(&tag)),
        stage.ask_if(&ada, "PUT", &path, json!({"name": "Other"}), Some(&tag))
    );
    let mut statuses = [one?.status.as_u16(), other?.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    stage.ask_if(&ada, "DELETE", &path, Value::Null, Some(&tag)).await?.refused(412, "version-mismatch");

    let cases = [
        (json!({"name": " "}), 422, "name-empty"),
        (json!({"name": "a\u{202e}b"}), 422, "name-control-character"),
        (json!({"name": "x".repeat(81)}), 422, "name-too-long"),
        (json!({"name": "a", "description": "x".repeat(501)}), 422, "too-long"),
        (json!({"name": "a", "description": "a\u{202e}b"}), 422, "control-character"),
        (json!({"name": "a", "colour": "blue"}), 400, "unknown-field"),
    ];
    for (body, status, code) in cases {
        stage.put(&ada, &format!("/teams/{}", TeamId::random()), body).await?.refused(status, code);
    }
    let guest = stage.somebody("Gus", "guest").await?;
    let by_guest = stage.put(&guest, &format!("/teams/{}", TeamId::random()), json!({"name": "Guests"})).await?;
    by_guest.refused(403, "not-for-guests");
    Ok(())
}

#[tokio::test]
async fn a_team_that_has_ended_is_found_no_more_and_its_name_is_free() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let old = team(&stage, &ada, "Engineers").await?;
    let look_alike = json!({"name": "Eng\u{456}neers"});
    let new = format!("/teams/{}", TeamId::random());
    let problem = stage.put(&bob, &new, look_alike.clone()).await?.refused(409, "team-name-taken");
    assert_eq!(problem["field"], "name");
    let path = format!("/teams/{old}");
    stage.delete(&bob, &path).await?.refused(403, "not-a-lead");
    for _ in 0..2 {
        stage.delete(&ada, &path).await?.is(204);
    }
    stage.delete(&bob, &path).await?.refused(404, "team-not-found");
    stage.get(&ada, &path).await?.refused(404, "team-not-found");
    stage.get(&ada, &format!("{path}/members")).await?.refused(404, "team-not-found");
    stage.put(&ada, &path, json!({"name": "Again"})).await?.refused(404, "team-not-found");
    stage.put(&ada, &format!("{path}/members/{}", bob.id), Value::Null).await?.refused(404, "team-not-found");
    assert!(stage.all(&ada, "/teams", 10, "name").await?.is_empty());
    stage.put(&bob, &new, look_alike).await?.is(201);
    Ok(())
}

#[tokio::test]
async fn leads_and_admins_say_who_is_in_a_team_and_everybody_may_leave() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let (guest, boss) = (stage.somebody("Gus", "guest").await?, stage.somebody("Boss", "admin").await?);
    let id = team(&stage, &ada, "Engineers").await?;
    let (path, member) = (format!("/teams/{id}"), |who: &Somebody| format!("/teams/{id}/members/{}", who.id));
    stage.put(&bob, &member(&bob), Value::Null).await?.refused(403, "not-a-lead");
    stage.get(&guest, &path).await?.refused(404, "team-not-found");
    assert!(stage.all(&guest, "/teams", 10, "name").await?.is_empty());
    stage.put(&ada, &member(&bob), Value::Null).await?.is(201);
    stage.put(&ada, &member(&bob), Value::Null).await?.is(200);
    stage.put(&ada, &member(&guest), json!({"role": "member"})).await?.is(201);
    stage.put(&bob, &member(&bob), json!({"role": "lead"})).await?.refused(403, "not-a-lead");
    stage.put(&ada, &member(&bob), json!({"role": "lead"})).await?.is(200);
    stage.put(&bob, &member(&bob), Value::Null).await?.is(200);
    assert_eq!(stage.all(&guest, "/teams", 10, "membership").await?, ["member"]);
    assert_eq!(stage.all(&guest, &format!("{path}/members"), 1, "role").await?, ["lead", "lead", "member"]);
    assert_eq!(stage.all(&bob, &format!("{path}/members?q=gu"), 1, "displayName").await?, ["Gus"]);

    let gone = stage.somebody("Gone", "member").await?;
    stage.run("update users set active = false where id = $1", gone.id).await?;
    stage.put(&ada, &member(&gone), Value::Null).await?.refused(404, "person-not-found");
    for _ in 0..2 {
        stage.delete(&guest, &member(&guest)).await?.is(204);
    }
    stage.delete(&guest, &member(&bob)).await?.refused(404, "team-not-found");
    for lead in [&ada, &bob, &bob] {
        stage.delete(lead, &member(lead)).await?.is(204);
    }
    stage.put(&boss, &member(&ada), json!({"role": "lead"})).await?.is(201);
    let versions: Vec<i64> = sqlx::query_scalar("select version from team_members where user_id = $1")
        .bind(ada.id.0)
        .fetch_all(&stage.pool)
        .await?;
    assert_eq!(versions, [3]);
    Ok(())
}

#[tokio::test]
async fn teams_are_found_by_the_beginning_of_any_word() -> Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.somebody("Ada", "member").await?;
    for name in ["Sales North", "sales South", "Builders"] {
        team(&stage, &ada, name).await?;
    }
    let names = async |path: &str| stage.all(&ada, path, 1, "name").await;
    assert_eq!(names("/teams").await?, ["Builders", "Sales North", "sales South"]);
    assert_eq!(names("/teams?q=sa").await?, ["Sales North", "sales South"]);
    assert_eq!(names("/teams?q=south%20s").await?, ["sales South"]);
    assert!(names("/teams?q=ales").await?.is_empty());
    Ok(())
}
