//! What everybody may know of a workspace.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::wait;

use crate::stage::{Stage, answered};

#[tokio::test]
async fn meta_needs_no_token_and_has_a_tag_that_changes_with_it() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let get = async |tag: &str| stage.send(Method::GET, "/meta", None, None, &[("if-none-match", tag)]).await;
    let first = get("\"0\"").await?;
    answered(&first, StatusCode::OK);
    assert_eq!(first.headers["cache-control"], "max-age=60");
    assert_eq!(first.json["displayName"], "accounts");
    assert_eq!(first.json["signUp"], json!({"mode": "open", "domains": []}));
    let limits =
        json!({"maxBodyBytes": 262_144, "maxMessageChars": 20_000, "defaultPageLimit": 50, "maxPageLimit": 200});
    assert_eq!((&first.json["limits"], &first.json["issuers"]), (&limits, &json!([])));
    assert!(first.json["capabilities"].as_array().is_some_and(|words| words.contains(&json!("api-tokens"))));
    let tag = first.headers["etag"].to_str()?.to_owned();
    let again = get(&tag).await?;
    answered(&again, StatusCode::NOT_MODIFIED);
    assert_eq!(
        (&again.headers["etag"], &again.headers["cache-control"]),
        (&first.headers["etag"], &first.headers["cache-control"])
    );

    sqlx::query("update control.workspaces set sign_up_mode = 'Domain', sign_up_domains = '{acme.example}'")
        .execute(&stage.lab.control.pool)
        .await?;
    let changed = wait::until("another answer", Duration::from_secs(20), async || {
        get(&tag).await.ok().filter(|answer| answer.status == StatusCode::OK)
    })
    .await?;
    assert_eq!(changed.json["signUp"], json!({"mode": "domain", "domains": ["acme.example"]}));
    Ok(())
}
