use reqwest::StatusCode;
use serde_json::json;
use testkit::wait;

use crate::stage::{LIMIT, PASSWORD, STRANGER, Stage};

const DUE: &str = "select count(*) from control.due where purpose = 'expiries' and at > now() + interval '1 hour'";

#[tokio::test]
async fn what_is_over_is_deleted_once_a_day_and_nothing_else() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let (email, session) = stage.somebody().await?;
    let due = async || sqlx::query_scalar::<_, i64>(DUE).fetch_one(stage.control()).await.ok();
    wait::until("somebody's sign-in has it asked for", LIMIT, async || (due().await? == 1).then_some(())).await?;

    // More than one statement deletes, of sessions that nobody came back to, ended ones and issuers'.
    let old = "insert into sessions (id, user_id, last_used_at, revoked_at, origin)
               select gen_random_uuid(), u.id, now() - interval '92 days',
                      case when n % 2 = 0 then now() - interval '92 days' end,
                      case when n % 3 = 0 then 'issuer' else 'password' end
               from users u, generate_series(1, 2500) n";
    stage.run(old).await?;
    let tokens = "insert into refresh_tokens (token_hash, session_id, expires_at)
                  select sha256(s.id::text::bytea || n::text::bytea), s.id, now() - interval '1 second'
                  from sessions s, generate_series(1, 2) n";
    stage.run(tokens).await?;
    stage.run("insert into sign_in_failures (key, failures, last_at) values ('x', 1, now() - interval '25 h')").await?;
    // Ended lately, though last used long ago: it stays, so that it stays ended.
    let kept = "insert into sessions (id, user_id, last_used_at, revoked_at, origin)
                select gen_random_uuid(), id, now() - interval '92 days', now(), 'issuer' from users";
    stage.run(kept).await?;
    // As if it had been asked for yesterday.
    let now = "update control.due set at = now(), holder = 'yesterday' where purpose = 'expiries'";
    sqlx::query(now).execute(stage.control()).await?;
    wait::until("what is over is gone", LIMIT, async || {
        let counts = "select (select count(*) from sessions) + (select count(*) from refresh_tokens) * 10
                             + (select count(*) from sign_in_failures) * 100";
        (stage.count(counts).await.ok()? == 12).then_some(())
    })
    .await?;
    wait::until("it is asked for tomorrow", LIMIT, async || (due().await? == 1).then_some(())).await?;

    let refresh = json!({"refreshToken": session["refreshToken"]});
    stage.post("auth/refresh", refresh, STRANGER).await?.is(StatusCode::OK);
    stage.sign_in(&email, PASSWORD, STRANGER).await?.is(StatusCode::OK);
    Ok(())
}
