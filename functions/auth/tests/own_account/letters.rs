use people::letters;
use reqwest::StatusCode;
use serde_json::json;
use testkit::wait;

use crate::stage::{LIMIT, STRANGER, Stage, address, token};

#[tokio::test]
async fn a_letter_waits_for_a_server_that_is_away_and_then_goes_once() -> anyhow::Result<()> {
    let mut stage = Stage::new("Open").await?;
    let email = address();
    if let Some(sink) = &mut stage.sink {
        sink.kill().await?;
    }
    stage.post("auth/sign-up", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    wait::until("the letter was tried", LIMIT, async || {
        (stage.count("select attempts::bigint from letters").await.ok()? >= 1).then_some(())
    })
    .await?;
    if let Some(sink) = &mut stage.sink {
        sink.restart().await?;
    }
    let letter = stage.letter(&email, "link").await?;
    stage.post_is_done().await?;
    assert_eq!(stage.letters(&email, 1).await?.len(), 1);
    let redeem = json!({"ticket": token(&letter, "ticket")?});
    stage.post("auth/redeem", redeem, STRANGER).await?.is(StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_letter_whose_sender_died_goes_again_and_both_tickets_work() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let email = address();
    stage.post("auth/sign-up", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    let first = stage.letter(&email, "link").await?;
    stage.post_is_done().await?;
    // As it is when a process ends between sending and noting it, and its lease is over.
    stage.run("update letters set sent_at = null, next_at = now()").await?;
    stage.post("auth/sign-up", json!({"email": address()}), STRANGER).await?.is(StatusCode::ACCEPTED);
    let letters = stage.letters(&email, 2).await?;
    assert_eq!(letters[0].header("message-id"), letters[1].header("message-id"));
    let tickets = [token(&letters[0], "ticket")?, token(&letters[1], "ticket")?];
    assert!(tickets[0] != tickets[1] && tickets.contains(&token(&first, "ticket")?));
    for ticket in tickets {
        stage.post("auth/redeem", json!({"ticket": ticket}), STRANGER).await?.is(StatusCode::OK);
    }
    Ok(())
}

#[tokio::test]
async fn what_can_never_be_sent_is_parked_with_the_reason_and_holds_nobody_up() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    let insert = "insert into letters (id, kind, recipient, data) values
        (gen_random_uuid(), 'sign-up', 'ada@192.0.2.1', '{\"kind\": \"sign-up\"}'),
        (gen_random_uuid(), 'telegram', 'ada@acme.example', '{\"kind\": \"telegram\"}'),
        (gen_random_uuid(), 'reset-password', 'gone@acme.example',
         '{\"kind\": \"reset-password\", \"data\": {\"user\": \"01890000-0000-7000-8000-000000000000\"}}')";
    stage.run(insert).await?;
    stage.run("update letters set attempts = 7 where kind = 'sign-up'").await?;
    let email = address();
    stage.post("auth/sign-up", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    stage.letter(&email, "link").await?;
    stage.post_is_done().await?;
    assert_eq!(stage.count("select count(*) from letters where parked is not null").await?, 2);
    // Nobody is left to be written to.
    assert_eq!(stage.count("select count(*) from letters where kind = 'reset-password'").await?, 0);
    let secrets = "select count(*) from letters where data::text ~ 'ticket|token'";
    assert_eq!(stage.count(secrets).await?, 0);
    Ok(())
}

#[tokio::test]
async fn letters_of_last_week_are_gone() -> anyhow::Result<()> {
    let stage = Stage::new("Open").await?;
    stage.post("auth/sign-up", json!({"email": address()}), STRANGER).await?.is(StatusCode::ACCEPTED);
    stage.post_is_done().await?;
    stage.run("update letters set sent_at = now() - interval '8 days'").await?;
    let email = address();
    stage.post("auth/sign-up", json!({"email": email}), STRANGER).await?.is(StatusCode::ACCEPTED);
    stage.letter(&email, "link").await?;
    wait::until("the old one is gone", LIMIT, async || {
        (stage.count("select count(*) from letters").await.ok()? == 1).then_some(())
    })
    .await
}

#[tokio::test]
async fn an_invitation_goes_out_with_a_link_that_finds_it_and_one_that_was_taken_back_does_not() -> anyhow::Result<()> {
    let stage = Stage::new("Invitation").await?;
    let (good, revoked) = (address(), address());
    let (invitation, taken_back) = (stage.invite(&good, "guest").await?, stage.invite(&revoked, "guest").await?);
    sqlx::query("update invitations set revoked_at = now() where id = $1")
        .bind(taken_back.0)
        .execute(&stage.pool)
        .await?;
    let mut transaction = stage.pool.begin().await?;
    for (to, invitation) in [(&good, invitation), (&revoked, taken_back)] {
        letters::write(&mut transaction, to, &people::Letter::Invitation { invitation }).await?;
    }
    transaction.commit().await?;
    // Whatever is due is seen to together.
    stage.post("auth/sign-up", json!({"email": good}), STRANGER).await?.is(StatusCode::ACCEPTED);
    let letter = stage.letter(&good, "Grace Hopper invites you").await?;
    let secret = token(&letter, "invitation")?;
    let found = people::lock(&mut *stage.pool.acquire().await?, people::Lock::Token(&secret), None).await?;
    assert_eq!(found.id, invitation);
    stage.post_is_done().await?;
    assert_eq!(stage.count("select count(*) from letters where kind = 'invitation'").await?, 1);
    Ok(())
}
