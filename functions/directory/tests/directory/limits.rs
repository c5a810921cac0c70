//! How many channels, teams and conversations there are at most.

use anyhow::Result;
use domain::{ChannelId, TeamId};
use serde_json::{Value, json};

use crate::stage::{Answer, Somebody, Stage};

/// The answers in the order of their statuses.
fn sorted(one: Answer, other: Answer) -> [Answer; 2] {
    let mut answers = [one, other];
    answers.sort_by_key(|answer| answer.status);
    answers
}

async fn put(stage: &Stage, who: &Somebody, path: &str, name: &str) -> Result<Answer> {
    stage.put(who, path, json!({"name": name, "visibility": "public"})).await
}

#[tokio::test]
async fn the_last_channel_is_made_once_even_at_once_and_archived_ones_count() -> Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.somebody("Ada", "member").await?;
    let fill = "insert into channels (id, name, name_key, visibility, created_by, archived_at)
                select gen_random_uuid(), 'c' || i, 'c' || i, 'public', $1, case when i % 2 = 0 then now() end
                from generate_series(1, 19999) i";
    stage.run(fill, ada.id).await?;
    // Conversations are no channels.
    let bob = stage.somebody("Bob", "member").await?;
    stage.ask(&ada, "POST", "/conversations", json!({"userIds": [bob.id]})).await?.is(201);
    let paths = [(); 2].map(|()| format!("/channels/{}", ChannelId::random()));
    let (one, other) = tokio::join!(put(&stage, &ada, &paths[0], "one"), put(&stage, &ada, &paths[1], "other"));
    let [made, refused] = sorted(one?, other?);
    let made = made.is(201);
    refused.refused(409, "too-many-channels");
    // What is there can be asked for again, and changed.
    let path = format!("/channels/{}", made["channelId"].as_str().unwrap_or_default());
    put(&stage, &ada, &path, made["name"].as_str().unwrap_or_default()).await?.is(200);
    put(&stage, &ada, &path, "renamed").await?.is(200);
    Ok(())
}

#[tokio::test]
async fn the_last_team_is_made_once_even_at_once_and_one_that_ends_makes_room() -> Result<()> {
    let stage = Stage::new().await?;
    let ada = stage.somebody("Ada", "member").await?;
    let fill = "insert into teams (id, name, name_key, created_by, archived_at)
                select gen_random_uuid(), 't' || i, 't' || i, $1, case when i > 4999 then now() end
                from generate_series(1, 5100) i";
    stage.run(fill, ada.id).await?;
    let make = async |name: &str| stage.put(&ada, &format!("/teams/{}", TeamId::random()), json!({"name": name})).await;
    let (one, other) = tokio::join!(make("one"), make("other"));
    let [made, refused] = sorted(one?, other?);
    let made = made.is(201);
    refused.refused(409, "too-many-teams");
    let path = format!("/teams/{}", made["teamId"].as_str().unwrap_or_default());
    stage.put(&ada, &path, json!({"name": made["name"]})).await?.is(200);
    stage.delete(&ada, &path).await?.is(204);
    make("another").await?.is(201);
    make("one too many").await?.refused(409, "too-many-teams");
    Ok(())
}

#[tokio::test]
async fn nobody_opens_more_than_five_thousand_conversations_and_all_that_others_open_count_for_them() -> Result<()> {
    let stage = Stage::new().await?;
    let (ada, bob, cleo) = (
        stage.somebody("Ada", "member").await?,
        stage.somebody("Bob", "member").await?,
        stage.somebody("Cleo", "member").await?,
    );
    let fill = "with made as (
                    insert into channels (id, name, visibility, kind, created_by)
                    select gen_random_uuid(), '', 'private', 'group', $1 from generate_series(1, 4999) returning id)
                insert into channel_members (channel_id, user_id, active, version) select id, $1, true, 1 from made";
    stage.run(fill, ada.id).await?;
    let open =
        async |who: &Somebody, with: Value| stage.ask(who, "POST", "/conversations", json!({"userIds": with})).await;
    let (one, other) = tokio::join!(open(&ada, json!([bob.id])), open(&ada, json!([cleo.id])));
    let [made, refused] = sorted(one?, other?);
    made.is(201);
    refused.refused(409, "too-many-conversations");
    // Those that she has are found, and others open some with her.
    let (one, other) = (open(&ada, json!([bob.id])).await?, open(&ada, json!([cleo.id])).await?);
    let [found, refused] = sorted(one, other);
    found.is(200);
    refused.refused(409, "too-many-conversations");
    open(&bob, json!([ada.id, cleo.id])).await?.is(201);
    Ok(())
}
