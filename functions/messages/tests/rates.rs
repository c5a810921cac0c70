//! What a workspace's manifest says of how much it posts.

use anyhow::{Context as _, Result};
use domain::{ChannelId, MessageId, SessionId, UserId};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgConnectOptions};
use testkit::{Lab, Program};

/// Far more than one a second.
const MANY: usize = 200;

#[tokio::test]
async fn a_workspace_that_posts_too_fast_is_told_to_wait_and_a_retry_is_not_counted() -> Result<()> {
    let lab = Lab::start().await?;
    let workspace = lab.workspace("rates").await?;
    let settings = json!({"limits": {"messagesPerSecond": 1}});
    let write = "update control.workspaces set settings = $1";
    sqlx::query(write).bind(settings).execute(&lab.control.pool).await?;
    let options: PgConnectOptions = lab.admin_url.parse()?;
    let pool = PgPool::connect_with(options.database(&workspace.id.database())).await?;
    let (ada, session, channel) = (UserId::random(), SessionId::random(), ChannelId::random());
    for statement in [
        "insert into users (id, email, display_name, role) values ($1, 'ada@acme.example', 'Ada', 'member')",
        "insert into sessions (id, user_id) values ($2, $1)",
        "insert into channels (id, name, visibility, created_by) values ($3, 'general', 'public', $1)",
        "insert into channel_members (channel_id, user_id, active, version) values ($3, $1, true, 1)",
    ] {
        // Each takes all three, so that one binding does for all.
        let statement = format!("with ids as (select $1::uuid, $2::uuid, $3::uuid) {statement}");
        let statement = sqlx::query(sqlx::AssertSqlSafe(statement));
        statement.bind(ada.0).bind(session.0).bind(channel.0).execute(&pool).await?;
    }
    let messages = lab.spawn(Program::Messages, "messages", "http").await?;
    let token = lab.signer.sign(&workspace.id, ada, session)?;
    let (client, base) = (Client::new(), format!("{}/w/{}/v1/channels/{channel}", messages.url(), workspace.handle));
    let post = async |id: MessageId| -> Result<(StatusCode, bool, Value)> {
        let request = client.put(format!("{base}/messages/{id}")).bearer_auth(&token).json(&json!({"text": "hello"}));
        let answer = request.send().await?;
        let (status, says_when) = (answer.status(), answer.headers().contains_key("retry-after"));
        Ok((status, says_when, answer.json().await?))
    };

    let first = MessageId::random();
    assert_eq!(post(first).await?.0, StatusCode::CREATED);
    let mut refused = None;
    for _ in 0..MANY {
        let answer = post(MessageId::random()).await?;
        if answer.0 != StatusCode::CREATED {
            refused = Some(answer);
            break;
        }
    }
    let (status, says_when, problem) = refused.context("nothing was refused")?;
    assert_eq!((status, &problem["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("workspace-rate-limited")));
    assert!(says_when);
    for _ in 0..20 {
        assert_eq!(post(first).await?.0, StatusCode::OK);
    }
    Ok(())
}
