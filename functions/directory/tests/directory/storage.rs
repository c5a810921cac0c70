//! The workspace's limit of storage.

use anyhow::Result;
use serde_json::{Value, json};

use crate::stage::Stage;

fn picture(length: u64) -> Value {
    json!({"contentType": "image/png", "length": length, "sha256": "0".repeat(64)})
}

#[tokio::test]
async fn a_picture_for_which_there_is_no_room_is_refused_before_it_is_put() -> Result<()> {
    let stage = Stage::with_settings(&json!({"limits": {"storageBytes": 1_000}})).await?;
    let (ada, bob) = (stage.somebody("Ada", "member").await?, stage.somebody("Bob", "member").await?);
    let has = "update users set avatar_digest = repeat('0', 64), avatar_type = 'image/png', avatar_length = 600
               where id = $1";
    stage.run(has, ada.id).await?;
    stage.ask(&bob, "POST", "/me/avatar", picture(401)).await?.refused(403, "workspace-storage-full");
    stage.ask(&bob, "POST", "/me/avatar", picture(400)).await?.is(201);
    // One's own is replaced.
    stage.ask(&ada, "POST", "/me/avatar", picture(1_000)).await?.is(201);
    stage.ask(&ada, "POST", "/me/avatar", picture(1_001)).await?.refused(403, "workspace-storage-full");
    Ok(())
}
