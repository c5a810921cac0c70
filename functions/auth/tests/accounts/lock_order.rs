//! Who waits for whom: always in one order, so that nobody waits for each other.

use std::time::Duration;

use domain::{AccountKind, Name, Role, UserId};
use people::NewPerson;
use reqwest::StatusCode;
use serde_json::json;
use sqlx::PgConnection;
use tenancy::Limits;
use testkit::wait;

use crate::stage::{PASSWORD, Someone, Stage, answered};

const LIMIT: Duration = Duration::from_secs(20);

/// Waits until a transaction waits for a lock.
async fn somebody_waits(stage: &Stage) -> anyhow::Result<()> {
    wait::until("somebody waits for a lock", LIMIT, async || {
        stage
            .holds("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
            .await
            .ok()?
            .then_some(())
    })
    .await
}

async fn come_in(connection: &mut PgConnection, name: &Name, checked_first: bool) -> anyhow::Result<()> {
    let (id, limits) = (UserId::random(), Limits { members: Some(100), ..Limits::default() });
    let (role, kind) = (Role::Member, AccountKind::Person);
    if checked_first {
        people::check_name(connection, id, name).await?;
    }
    let person = NewPerson { id, email: None, email_proved: false, name, role, kind };
    people::admit(connection, &limits, person).await?;
    if !checked_first {
        people::check_name(connection, id, name).await?;
    }
    Ok(())
}

#[tokio::test]
async fn two_who_come_with_one_name_into_a_limited_workspace_wait_in_one_order() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let name: Name = "Ada Lovelace".parse()?;
    let (mut one, mut other) = (stage.pool.begin().await?, stage.pool.begin().await?);
    // As who registers: the name first. As who redeems a ticket: the name last.
    people::check_name(&mut one, UserId::random(), &name).await?;
    let second = async {
        come_in(&mut other, &name, false).await?;
        other.commit().await?;
        anyhow::Ok(())
    };
    let first = async {
        somebody_waits(&stage).await?;
        come_in(&mut one, &name, true).await?;
        one.commit().await?;
        anyhow::Ok(())
    };
    let (second, first) = tokio::join!(second, first);
    second?;
    first?;
    assert!(stage.holds("select from users where display_name = 'Ada Lovelace' offset 1").await?);
    Ok(())
}

/// Somebody with a password and an old session beside the current one.
async fn somebody(stage: &Stage) -> anyhow::Result<Someone> {
    let member = stage.registered().await?;
    let old = format!(
        "insert into sessions (id, user_id, last_used_at) values (gen_random_uuid(), '{}', now() - interval '40 days')",
        member.id
    );
    stage.run(&old).await?;
    Ok(member)
}

#[tokio::test]
async fn erasure_takes_the_password_before_the_sessions_as_a_sign_in_does() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, member) = (stage.person(Role::Owner).await?, somebody(&stage).await?);
    let mut sign_in = stage.pool.begin().await?;
    sqlx::query("select from passwords where user_id = $1 for share").bind(member.id.0).execute(&mut *sign_in).await?;
    let path = format!("/people/{}", member.id);
    let erase = stage.delete(&owner, &path);
    let (erased, signed_in) = tokio::join!(erase, async {
        somebody_waits(&stage).await?;
        let end =
            "update sessions set revoked_at = now() where user_id = $1 and last_used_at < now() - interval '30 days'";
        sqlx::query(end).bind(member.id.0).execute(&mut *sign_in).await?;
        sign_in.commit().await?;
        anyhow::Ok(())
    });
    signed_in?;
    answered(&erased?, StatusCode::NO_CONTENT);
    Ok(())
}

#[tokio::test]
async fn a_reset_takes_the_password_before_the_sessions_as_a_sign_in_does() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let member = somebody(&stage).await?;
    let ticket = auth::tickets::issue(&stage.pool, &member.email, Role::Guest, Duration::from_hours(1)).await?;
    stage.run(&format!("update users set email_proved_at = now() where id = '{}'", member.id)).await?;
    stage.run(&format!("update sign_in_tickets set purpose = 'reset-password', user_id = '{}'", member.id)).await?;
    let mut sign_in = stage.pool.begin().await?;
    sqlx::query("select from passwords where user_id = $1 for share").bind(member.id.0).execute(&mut *sign_in).await?;
    let body = json!({"ticket": ticket.expose(), "password": PASSWORD});
    let (reset, signed_in) = tokio::join!(stage.ask("/auth/reset-password", body), async {
        somebody_waits(&stage).await?;
        let end =
            "update sessions set revoked_at = now() where user_id = $1 and last_used_at < now() - interval '30 days'";
        sqlx::query(end).bind(member.id.0).execute(&mut *sign_in).await?;
        sign_in.commit().await?;
        anyhow::Ok(())
    });
    signed_in?;
    answered(&reset?, StatusCode::OK);
    Ok(())
}
