//! Using an invitation as somebody who is in already.

use chrono::{TimeDelta, Utc};
use domain::{Role, TokenId};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::stage::{Stage, answered, refused};

const JOIN: &str = "/me/invitations";

#[tokio::test]
async fn a_link_lets_into_its_channels_and_raises_nobody() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, guest) = (stage.person(Role::Owner).await?, stage.person(Role::Guest).await?);
    let (channel, team) = (stage.channel(&owner, &[], "channel").await?, stage.team(&owner, &[]).await?);
    let fields = json!({"role": "admin", "channels": [channel], "teams": [team]});
    let (_, token) = stage.invitation(&owner, fields).await?;
    for _ in 0..2 {
        let joined = stage.post(&guest, JOIN, json!({"token": token})).await?;
        answered(&joined, StatusCode::OK);
        assert_eq!(joined.json, json!({"userId": guest.id, "role": "guest"}));
    }
    assert!(stage.is_in(channel, guest.id).await?);
    stage.relayed().await?;
    assert_eq!(stage.told("CHANNEL_MEMBER_ADDED", guest.id).await?.len(), 2);
    assert_eq!(stage.told("TEAM_MEMBER_CHANGED", guest.id).await?.len(), 1);
    assert_eq!(stage.told("USER_CHANGED", guest.id).await?.len(), 1);
    let late = stage.person(Role::Member).await?;
    refused(&stage.post(&late, JOIN, json!({"token": token})).await?, StatusCode::GONE, "invitation-used");

    // Whoever was taken out stays out, however often they use it.
    stage.run("update channel_members set active = false").await?;
    answered(&stage.post(&guest, JOIN, json!({"token": token})).await?, StatusCode::OK);
    assert!(!stage.is_in(channel, guest.id).await?);
    Ok(())
}

#[tokio::test]
async fn a_letter_to_ones_proved_address_raises_once_and_never_lowers() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, member) = (stage.person(Role::Owner).await?, stage.person(Role::Member).await?);
    let address = json!(member.email.to_uppercase());
    let (_, token) = stage.invitation(&owner, json!({"email": address, "role": "admin"})).await?;
    refused(&stage.post(&owner, JOIN, json!({"token": token})).await?, StatusCode::FORBIDDEN, "invitation-for-another");
    let (one, other) = tokio::join!(
        stage.post(&member, JOIN, json!({"token": token})),
        stage.post(&member, JOIN, json!({"token": token}))
    );
    for answer in [one?, other?] {
        assert_eq!(answer.ok()?["role"], "admin");
    }
    assert_eq!(stage.told("USER_CHANGED", member.id).await?.len(), 2);
    // Demoted, they don't get up by the same letter.
    answered(&stage.set_role(&owner, member.id, "member").await?, StatusCode::OK);
    assert_eq!(stage.post(&member, JOIN, json!({"token": token})).await?.ok()?["role"], "member");
    let (_, token) = stage.invitation(&owner, json!({"email": address, "role": "guest"})).await?;
    assert_eq!(stage.post(&member, JOIN, json!({"token": token})).await?.ok()?["role"], "member");
    Ok(())
}

#[tokio::test]
async fn an_address_that_was_only_typed_in_raises_nobody() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, member) = (stage.person(Role::Owner).await?, stage.registered().await?);
    let (_, token) = stage.invitation(&owner, json!({"email": member.email, "role": "admin"})).await?;
    assert_eq!(stage.post(&member, JOIN, json!({"token": token})).await?.ok()?["role"], "member");
    Ok(())
}

#[tokio::test]
async fn only_who_has_signed_in_joins() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let owner = stage.person(Role::Owner).await?;
    let (_, token) = stage.invitation(&owner, json!({})).await?;
    refused(&stage.ask(JOIN, json!({"token": token})).await?, StatusCode::UNAUTHORIZED, "token-missing");
    let body = json!({"name": "n", "scopes": ["admin"], "expiresAt": Utc::now() + TimeDelta::days(1)});
    let minted = stage.put(&owner, &format!("/me/tokens/{}", TokenId::random()), Some(body)).await?.ok()?;
    let answer = stage.send(Method::POST, JOIN, minted["secret"].as_str(), Some(json!({"token": token})), &[]).await?;
    refused(&answer, StatusCode::FORBIDDEN, "session-needed");
    refused(&stage.post(&owner, JOIN, json!({"token": "x"})).await?, StatusCode::NOT_FOUND, "invitation-not-found");
    Ok(())
}

#[tokio::test]
async fn whoever_is_in_already_keeps_what_they_are_there() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (owner, lead) = (stage.person(Role::Owner).await?, stage.person(Role::Member).await?);
    let (channel, team) = (stage.channel(&owner, &[lead.id], "channel").await?, stage.team(&owner, &[lead.id]).await?);
    stage.run("update channel_members set role = 'admin'").await?;
    stage.run("update team_members set role = 'lead'").await?;
    let (_, token) = stage.invitation(&owner, json!({"channels": [channel], "teams": [team]})).await?;
    answered(&stage.post(&lead, JOIN, json!({"token": token})).await?, StatusCode::OK);
    assert!(stage.holds("select from channel_members where active and role = 'admin'").await?);
    assert!(stage.holds("select from team_members where active and role = 'lead'").await?);
    stage.relayed().await?;
    assert!(stage.told("CHANNEL_MEMBER_ADDED", lead.id).await?.is_empty());
    assert!(stage.told("TEAM_MEMBER_CHANGED", lead.id).await?.is_empty());

    // Whoever was taken out comes in as a member.
    stage.run("update channel_members set active = false").await?;
    let (_, token) = stage.invitation(&owner, json!({"channels": [channel]})).await?;
    answered(&stage.post(&lead, JOIN, json!({"token": token})).await?, StatusCode::OK);
    assert!(stage.holds("select from channel_members where active and role = 'member'").await?);
    Ok(())
}
