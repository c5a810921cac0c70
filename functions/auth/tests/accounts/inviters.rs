//! An invitation is worth what its maker is.

use domain::{Role, SessionId, UserId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stage::{PASSWORD, Someone, Stage, answered, refused};

async fn accept(stage: &Stage, token: &str) -> anyhow::Result<testkit::Answer> {
    let id = UserId::random();
    let body = json!({
        "token": token, "userId": id, "email": format!("{}@acme.example", id.0.simple()), "password": PASSWORD,
        "displayName": "Grace", "sessionId": SessionId::random(),
    });
    stage.ask("/auth/accept-invitation", body).await
}

/// A link into a private channel, and a letter to an address, both by the same person.
async fn invite(stage: &Stage, by: &Someone, role: &str) -> anyhow::Result<(String, String)> {
    let channel = stage.channel(by, &[by.id], "channel").await?;
    let (_, link) = stage.invitation(by, json!({"channels": [channel], "maxUses": 1000})).await?;
    let address = format!("{}@acme.example", UserId::random().0.simple());
    stage.invitation(by, json!({"email": address, "role": role})).await?;
    Ok((link, address))
}

/// The role that somebody comes in with by a letter that proves their address, or why they don't.
async fn come_in(stage: &Stage, address: &str) -> anyhow::Result<Value> {
    Ok(json!(
        stage.sign_in_as(address, Role::Guest).await.map(|_| ()).is_ok().then_some(
            sqlx::query_scalar::<_, String>("select role from users where email = $1")
                .bind(address)
                .fetch_one(&stage.pool)
                .await?
        )
    ))
}

#[tokio::test]
async fn whoever_is_deactivated_or_erased_comes_back_by_no_invitation_of_their_own() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.person(Role::Owner).await?;
    for path in ["/deactivation", ""] {
        let maker = stage.person(Role::Owner).await?;
        let (link, address) = invite(&stage, &maker, "owner").await?;
        answered(&accept(&stage, &link).await?, StatusCode::CREATED);
        let method = if path.is_empty() { Method::DELETE } else { Method::PUT };
        let gone = stage.send(method, &format!("/people/{}{path}", maker.id), Some(&owner.token), None, &[]).await?;
        answered(&gone, StatusCode::NO_CONTENT);
        refused(&accept(&stage, &link).await?, StatusCode::GONE, "invitation-revoked");
        let peek = stage.ask("/auth/invitation", json!({"token": link})).await?;
        refused(&peek, StatusCode::GONE, "invitation-revoked");
        assert_eq!(come_in(&stage, &address).await?, "guest");
        assert!(
            !stage
                .holds(&format!("select from invitations where created_by = '{}' and revoked_at is null", maker.id))
                .await?
        );
    }
    Ok(())
}

#[tokio::test]
async fn whoever_is_demoted_invites_to_no_more_than_they_may_now() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, maker) = (stage.person(Role::Owner).await?, stage.person(Role::Owner).await?);
    let (link, address) = invite(&stage, &maker, "admin").await?;
    answered(&stage.set_role(&owner, maker.id, "admin").await?, StatusCode::OK);
    answered(&accept(&stage, &link).await?, StatusCode::CREATED);
    assert_eq!(come_in(&stage, &address).await?, "guest");
    answered(&stage.set_role(&owner, maker.id, "member").await?, StatusCode::OK);
    refused(&accept(&stage, &link).await?, StatusCode::GONE, "invitation-revoked");
    // Raised again, they make new ones; those stay taken back.
    answered(&stage.set_role(&owner, maker.id, "owner").await?, StatusCode::OK);
    refused(&accept(&stage, &link).await?, StatusCode::GONE, "invitation-revoked");
    Ok(())
}

#[tokio::test]
async fn however_the_maker_lost_their_role_the_invitation_is_worth_nothing() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let maker = stage.person(Role::Admin).await?;
    let (link, _) = invite(&stage, &maker, "member").await?;
    for state in ["role = 'member'", "role = 'admin', active = false"] {
        stage.run(&format!("update users set {state} where id = '{}'", maker.id)).await?;
        refused(&accept(&stage, &link).await?, StatusCode::GONE, "invitation-revoked");
    }
    Ok(())
}

#[tokio::test]
async fn a_use_under_way_comes_before_the_makers_end_or_finds_it() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, maker) = (stage.person(Role::Owner).await?, stage.person(Role::Admin).await?);
    let (link, _) = invite(&stage, &maker, "member").await?;
    let mut use_under_way = stage.pool.begin().await?;
    people::lock(&mut use_under_way, people::Lock::Token(&link), None).await?;
    let path = format!("/people/{}/deactivation", maker.id);
    let (gone, waited) = tokio::join!(stage.put(&owner, &path, None), async {
        let waiting = testkit::wait::until("the deactivation waits", std::time::Duration::from_secs(20), async || {
            let waits = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
            stage.holds(waits).await.ok()?.then_some(())
        });
        waiting.await?;
        use_under_way.commit().await?;
        anyhow::Ok(())
    });
    waited?;
    answered(&gone?, StatusCode::NO_CONTENT);
    refused(&accept(&stage, &link).await?, StatusCode::GONE, "invitation-revoked");
    Ok(())
}
