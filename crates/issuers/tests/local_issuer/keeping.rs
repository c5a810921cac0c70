//! How keys are kept, how they change, and how seldom an issuer is asked.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures::future::join_all;
use issuers::Refused;
use serde_json::json;
use testkit::servers::{
    LocalIssuer,
    issuer::{Fault, IssuerKey, Place},
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::{AUDIENCE, Stage, fetcher, trusting};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_tokens_of_unknown_keys_ask_the_issuer_once() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    stage.verify(&stage.token()?).await?;
    let before = stage.issuer.asked(Place::Keys);
    stage.issuer.spoil(Place::Keys, Fault::Slow(Duration::from_millis(200)));
    let claims = stage.issuer.claims(stage.now, "user_eve", AUDIENCE, &json!({}));
    let stranger = IssuerKey::make("ES256")?;
    let tokens: Vec<_> =
        (0..200).map(|n| stranger.sign_with(&json!({"kid": format!("key_{n}")}), &claims)).collect::<Result<_, _>>()?;
    for refused in join_all(tokens.iter().map(|token| stage.verify(token))).await {
        assert_eq!(refused, Err(Refused::UnknownKey));
    }
    assert_eq!(stage.issuer.asked(Place::Keys) - before, 1);
    // Nor for a minute afterwards, whoever comes.
    for token in &tokens {
        assert_eq!(stage.verify(token).await, Err(Refused::UnknownKey));
    }
    assert_eq!(stage.issuer.asked(Place::Keys) - before, 1);
    stage.clock.advance(MINUTE);
    for token in &tokens {
        assert_eq!(stage.verify(token).await, Err(Refused::UnknownKey));
    }
    assert_eq!(stage.issuer.asked(Place::Keys) - before, 2);
    assert_eq!(stage.issuer.asked(Place::Discovery), 1, "where the keys are is known");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_first_tokens_ask_the_issuer_once_and_are_all_verified() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let token = stage.token()?;
    for verified in join_all((0..200).map(|_| stage.verify(&token))).await {
        verified?;
    }
    assert_eq!((stage.issuer.asked(Place::Discovery), stage.issuer.asked(Place::Keys)), (1, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_tokens_of_a_new_key_ask_the_issuer_once_and_are_all_verified() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    stage.verify(&stage.token()?).await?;
    stage.issuer.rotate(&IssuerKey::make("EdDSA")?);
    stage.issuer.spoil(Place::Keys, Fault::Slow(Duration::from_millis(200)));
    let token = stage.token()?;
    for verified in join_all((0..200).map(|_| stage.verify(&token))).await {
        verified?;
    }
    assert_eq!(stage.issuer.asked(Place::Keys), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_change_under_load_refuse_no_token_of_the_old_or_the_new_one() -> anyhow::Result<()> {
    const CALLERS: usize = 8;
    let stage = Arc::new(Stage::new().await?);
    stage.verify(&stage.token()?).await?;
    let keys: Vec<_> =
        ["EdDSA", "ES256", "RS256", "EdDSA", "ES256"].map(IssuerKey::make).into_iter().collect::<Result<_, _>>()?;
    for key in keys {
        let old = stage.issuer.key();
        let claims = stage.issuer.claims(stage.now, "user_ana", AUDIENCE, &json!({}));
        let tokens = Arc::new([old.sign(&claims)?, key.sign(&claims)?]);
        // All are at it when the key changes; each goes on with both.
        let changed = Arc::new(Barrier::new(CALLERS + 1));
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let (stage, tokens, changed) = (Arc::clone(&stage), Arc::clone(&tokens), Arc::clone(&changed));
            callers.spawn(async move {
                for _ in 0..5 {
                    stage.verify(&tokens[0]).await?;
                }
                changed.wait().await;
                for _ in 0..5 {
                    stage.verify(&tokens[1]).await?;
                    stage.verify(&tokens[0]).await?;
                }
                anyhow::Ok(())
            });
        }
        stage.issuer.rotate(&key);
        changed.wait().await;
        while let Some(caller) = callers.join_next().await {
            caller??;
        }
        stage.clock.advance(MINUTE);
    }
    assert_eq!(stage.issuer.asked(Place::Keys), 6, "once at first, and once for each change");
    Ok(())
}

#[tokio::test]
async fn a_key_that_the_issuer_takes_away_counts_no_longer_than_the_set_is_fresh() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    stage.issuer.cache_control("max-age=600");
    let (stolen, token) = (stage.issuer.key(), stage.token()?);
    stage.verify(&token).await?;
    stage.issuer.rotate(&IssuerKey::make("EdDSA")?);
    stage.issuer.remove(&stolen);
    stage.verify(&token).await?;
    stage.clock.advance(10 * MINUTE + MINUTE);
    assert_eq!(stage.verify(&token).await, Err(Refused::UnknownKey));
    // Nor where the set was loaded for another reason.
    let stage = Stage::new().await?;
    let (stolen, token) = (stage.issuer.key(), stage.token()?);
    stage.verify(&token).await?;
    stage.issuer.rotate(&IssuerKey::make("EdDSA")?);
    stage.issuer.remove(&stolen);
    stage.verify(&stage.token()?).await?;
    assert_eq!(stage.verify(&token).await, Err(Refused::UnknownKey));
    Ok(())
}

#[tokio::test]
async fn what_the_issuer_says_of_how_long_keys_are_fresh_is_bounded() -> anyhow::Result<()> {
    for (said, fresh) in [
        ("no-store", 5 * MINUTE),
        ("max-age=1", 5 * MINUTE),
        ("max-age=7200", 2 * HOUR),
        ("max-age=31536000", 24 * HOUR),
    ] {
        let stage = Stage::new().await?;
        stage.issuer.cache_control(said);
        let token = stage.token()?;
        stage.verify(&token).await?;
        stage.clock.advance(fresh.saturating_sub(Duration::from_secs(1)));
        stage.verify(&token).await?;
        assert_eq!(stage.issuer.asked(Place::Keys), 1, "{said}");
        stage.clock.advance(2 * MINUTE);
        stage.verify(&token).await?;
        assert_eq!(stage.issuer.asked(Place::Keys), 2, "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn while_an_issuer_is_away_its_keys_count_for_a_day_and_it_is_left_alone() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let token = stage.token()?;
    stage.verify(&token).await?;
    stage.issuer.spoil(Place::Keys, Fault::Status(503));
    stage.clock.advance(2 * HOUR);
    for _ in 0..50 {
        stage.verify(&token).await?;
    }
    assert_eq!(stage.issuer.asked(Place::Keys), 2);
    // Past its hour and the day.
    stage.clock.advance(24 * HOUR);
    for _ in 0..50 {
        assert!(matches!(stage.verify(&token).await, Err(Refused::IssuerUnavailable(_))));
    }
    assert_eq!(stage.issuer.asked(Place::Keys), 3);
    stage.issuer.mend();
    assert!(stage.verify(&token).await.is_err(), "it is not asked before its time");
    stage.clock.advance(MINUTE);
    stage.verify(&token).await?;
    Ok(())
}

#[tokio::test]
async fn whether_a_new_key_is_good_can_not_be_told_while_the_issuer_is_away() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let old = stage.token()?;
    stage.verify(&old).await?;
    stage.issuer.rotate(&IssuerKey::make("EdDSA")?);
    stage.issuer.spoil(Place::Keys, Fault::Status(500));
    let new = stage.token()?;
    for _ in 0..20 {
        assert!(matches!(stage.verify(&new).await, Err(Refused::IssuerUnavailable(_))));
        stage.verify(&old).await?;
    }
    assert_eq!(stage.issuer.asked(Place::Keys), 2);
    stage.issuer.mend();
    stage.clock.advance(MINUTE);
    stage.verify(&new).await?;
    Ok(())
}

#[tokio::test]
async fn keys_are_found_again_after_they_have_moved() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let elsewhere = json!({"jwks_uri": format!("{}/gone", stage.issuer.url())});
    stage.issuer.spoil(Place::Discovery, Fault::Says(elsewhere));
    let token = stage.token()?;
    assert!(stage.verify(&token).await.is_err());
    stage.issuer.mend();
    // Asking where they are and asking for them each take a turn.
    let mut turns = 0;
    while stage.verify(&token).await.is_err() {
        stage.clock.advance(MINUTE);
        turns += 1;
        assert!(turns < 5, "they are not found again");
    }
    Ok(())
}

#[tokio::test]
async fn what_one_workspace_says_of_an_issuers_keys_is_nothing_to_another() -> anyhow::Result<()> {
    let (stage, evil) = (Stage::new().await?, LocalIssuer::start().await?);
    let issuers = issuers::Issuers::new(fetcher(&[&stage.issuer, &evil])?);
    let place = format!("{}{}", evil.url(), Place::Keys.path());
    let deceived = [trusting(&stage.issuer, &json!({"jwksUri": place}))?];
    let honest = [trusting(&stage.issuer, &json!({}))?];
    let forged = evil.key().sign(&stage.issuer.claims(stage.now, "user_ana", AUDIENCE, &json!({})))?;
    let token = stage.token()?;
    for _ in 0..2 {
        issuers.verify(&deceived, &forged, stage.now).await?;
        assert_eq!(issuers.verify(&honest, &forged, stage.now).await, Err(Refused::UnknownKey));
        issuers.verify(&honest, &token, stage.now).await?;
        assert_eq!(issuers.verify(&deceived, &token, stage.now).await, Err(Refused::UnknownKey));
    }
    assert_eq!(evil.asked(Place::Discovery), 0);
    Ok(())
}

#[tokio::test]
async fn clones_share_what_is_kept() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (token, trusted) = (stage.token()?, [stage.trusting(&json!({}))?]);
    let subjects: HashSet<_> = join_all((0..5).map(|_| {
        let (issuers, token, trusted) = (stage.issuers.clone(), &token, &trusted);
        async move { issuers.verify(trusted, token, stage.now).await.map(|identity| identity.subject) }
    }))
    .await
    .into_iter()
    .collect::<Result<_, _>>()?;
    assert_eq!((subjects.len(), stage.issuer.asked(Place::Keys)), (1, 1));
    Ok(())
}
