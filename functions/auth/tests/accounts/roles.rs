//! Roles, and the owner who is always there.

use domain::{Role, UserId};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::stage::{Someone, Stage, answered, refused};

const ROUNDS: usize = 51;

#[tokio::test]
async fn owners_give_every_role_and_admins_only_those_below_theirs() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, admin, member) =
        (stage.person(Role::Owner).await?, stage.person(Role::Admin).await?, stage.person(Role::Member).await?);
    for (by, role, status, code) in [
        (&member, "guest", StatusCode::FORBIDDEN, "not-an-admin"),
        (&admin, "guest", StatusCode::OK, ""),
        (&admin, "member", StatusCode::OK, ""),
        (&admin, "admin", StatusCode::FORBIDDEN, "not-an-owner"),
        (&owner, "owner", StatusCode::OK, ""),
        (&admin, "member", StatusCode::FORBIDDEN, "not-an-owner"),
        (&owner, "guest", StatusCode::OK, ""),
    ] {
        refused(&stage.set_role(by, member.id, role).await?, status, code);
    }
    refused(&stage.set_role(&admin, UserId::random(), "member").await?, StatusCode::NOT_FOUND, "person-not-found");
    refused(&stage.set_role(&member, UserId::random(), "member").await?, StatusCode::FORBIDDEN, "not-an-admin");
    let wrong = stage.put(&owner, &format!("/people/{}/role", member.id), Some(json!({"role": "king"}))).await?;
    refused(&wrong, StatusCode::BAD_REQUEST, "invalid-field");
    assert_eq!(wrong.json["field"], "role");

    stage.relayed().await?;
    let told = stage.told("USER_CHANGED", member.id).await?;
    let roles: Vec<_> = told.iter().filter_map(|event| event["role"].as_str()).collect();
    assert_eq!(roles, ["member", "guest", "member", "owner", "guest"]);
    Ok(())
}

#[tokio::test]
async fn a_role_given_again_is_answered_the_same_and_one_given_blindly_is_refused() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, member) = (stage.person(Role::Owner).await?, stage.person(Role::Member).await?);
    let path = format!("/people/{}/role", member.id);
    let give = async |role: &str, tag: &str| {
        let body = Some(json!({"role": role}));
        stage.send(Method::PUT, &path, Some(&owner.token), body, &[("if-match", tag)]).await
    };
    refused(&give("admin", "\"7\"").await?, StatusCode::PRECONDITION_FAILED, "version-mismatch");
    let first = give("admin", "\"1\"").await?;
    answered(&first, StatusCode::OK);
    assert_eq!((first.json["version"].as_i64(), first.headers["etag"].to_str()?), (Some(2), "\"2\""));
    let again = give("admin", "\"1\"").await?;
    answered(&again, StatusCode::OK);
    assert_eq!(again.json, first.json);
    assert_eq!(stage.told("USER_CHANGED", member.id).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_member_who_becomes_a_guest_keeps_their_channels() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, member) = (stage.person(Role::Owner).await?, stage.person(Role::Member).await?);
    let channel = stage.channel(&owner, &[member.id], "channel").await?;
    answered(&stage.set_role(&owner, member.id, "guest").await?, StatusCode::OK);
    assert!(stage.is_in(channel, member.id).await?);
    assert!(stage.told("CHANNEL_MEMBER_REMOVED", member.id).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn the_last_owner_neither_steps_down_nor_leaves() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.person(Role::Owner).await?;
    let refuse = async || {
        let down = stage.set_role(&owner, owner.id, "member").await?;
        refused(&down, StatusCode::CONFLICT, "last-owner");
        let off = stage.put(&owner, &format!("/people/{}/deactivation", owner.id), None).await?;
        refused(&off, StatusCode::CONFLICT, "last-owner");
        let gone = stage.delete(&owner, &format!("/people/{}?confirm={}", owner.id, owner.email)).await?;
        refused(&gone, StatusCode::CONFLICT, "last-owner");
        anyhow::Ok(())
    };
    refuse().await?;
    // One who is deactivated is none.
    let other = stage.person(Role::Owner).await?;
    answered(&stage.put(&owner, &format!("/people/{}/deactivation", other.id), None).await?, StatusCode::NO_CONTENT);
    refuse().await?;
    answered(&stage.delete(&owner, &format!("/people/{}/deactivation", other.id)).await?, StatusCode::NO_CONTENT);
    answered(&stage.set_role(&owner, owner.id, "member").await?, StatusCode::OK);
    refused(&stage.set_role(&owner, owner.id, "owner").await?, StatusCode::FORBIDDEN, "not-an-admin");
    Ok(())
}

#[tokio::test]
async fn of_two_owners_who_leave_at_once_one_stays() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (one, other) = (stage.person(Role::Owner).await?, stage.person(Role::Owner).await?);
    let down = |by: &Someone, of: &Someone| {
        let (by, of) = (by.clone(), of.id);
        let stage = &stage;
        async move { stage.set_role(&by, of, "member").await }
    };
    let (mut last, mut outranked) = (0, 0);
    for round in 0..ROUNDS {
        let (first, second) = match round % 3 {
            0 => tokio::join!(down(&one, &one), down(&other, &other)),
            1 => tokio::join!(down(&one, &other), down(&other, &one)),
            _ => {
                let off = format!("/people/{}/deactivation", one.id);
                tokio::join!(stage.put(&one, &off, None), down(&other, &other))
            }
        };
        let mut done = 0;
        for answer in [first?, second?] {
            match (answer.status.as_u16(), answer.code()) {
                (200 | 204, _) => done += 1,
                (409, "last-owner") => last += 1,
                // Whom the other has made a member before, or signed out.
                (403, "not-an-admin" | "account-deactivated") | (401, "session-revoked") => outranked += 1,
                _ => anyhow::bail!("round {round}: {} {}", answer.status, answer.json),
            }
        }
        assert_eq!(done, 1, "round {round}");
        let owners: i64 = sqlx::query_scalar("select count(*) from users where role = 'owner' and active")
            .fetch_one(&stage.pool)
            .await?;
        assert_eq!(owners, 1, "round {round}");
        stage.run("update users set role = 'owner', active = true").await?;
        stage.run("update sessions set revoked_at = null").await?;
    }
    assert_eq!(last + outranked, ROUNDS);
    assert!(last >= ROUNDS / 3, "{last} of {ROUNDS}");
    Ok(())
}
