//! Issuers that hang, answer too much, or answer what can't be used.

use std::time::Duration;

use anyhow::Context;
use futures::future::join_all;
use issuers::{FetchError, Issuers, Refused, Unavailable};
use serde_json::json;
use testkit::servers::{
    LocalIssuer,
    issuer::{Fault, Place},
};

use crate::{Stage, fetcher, trusting};

/// Why a token of an issuer that is spoilt so is not verified, and how often that place was asked.
async fn spoilt(place: Place, fault: Fault) -> anyhow::Result<(Refused, usize)> {
    let stage = Stage::new().await?;
    stage.issuer.spoil(place, fault);
    let token = stage.token()?;
    let all = join_all((0..20).map(|_| stage.verify(&token))).await;
    let refused = all[0].clone().err().context("it is believed")?;
    for one in all {
        assert_eq!(one, Err(refused.clone()));
    }
    // And it is not tried again for each who comes.
    for _ in 0..20 {
        assert_eq!(stage.verify(&token).await, Err(refused.clone()));
    }
    let asked = stage.issuer.asked(place);
    // Another place being spoilt has nothing to do with it.
    stage.issuer.mend();
    for _ in 0..3 {
        stage.clock.advance(Duration::from_secs(60));
        if stage.verify(&token).await.is_ok() {
            return Ok((refused, asked));
        }
    }
    anyhow::bail!("it is not well again")
}

#[tokio::test]
async fn an_answer_that_can_not_be_used_is_asked_for_once() -> anyhow::Result<()> {
    let asked = |why| Refused::IssuerUnavailable(Unavailable::Asked(why));
    for place in [Place::Discovery, Place::Keys] {
        for (fault, refused) in [
            (Fault::Large, Some(asked(FetchError::TooLarge))),
            (Fault::LargeByChunks, Some(asked(FetchError::TooLarge))),
            (Fault::Encoded, Some(asked(FetchError::Encoded))),
            (Fault::Status(500), Some(asked(FetchError::Status(500)))),
            (Fault::Status(204), Some(asked(FetchError::Status(204)))),
            (Fault::Redirects("http://127.0.0.1:1/".into()), Some(asked(FetchError::BadUrl))),
            (Fault::Redirects("https://ana@127.0.0.1:1/".into()), Some(asked(FetchError::BadUrl))),
            (Fault::Redirects("https://127.0.0.1:1/".into()), Some(asked(FetchError::Private))),
            (Fault::Redirects("https://169.254.169.254/latest/".into()), Some(asked(FetchError::Private))),
            (Fault::Redirects("https://[::1]:1/".into()), Some(asked(FetchError::Private))),
            (Fault::Redirects("https://localhost:1/".into()), Some(asked(FetchError::Private))),
            (Fault::Redirects("/loop".into()), Some(asked(FetchError::TooManyRedirects))),
            (Fault::Text("<html>Sign in</html>".into()), None),
            (Fault::Text("[".repeat(200_000)), None),
            (Fault::Says(json!({"issuer": "https://evil.example", "keys": null})), None),
            (Fault::Says(json!({"jwks_uri": "http://127.0.0.1/keys", "keys": vec![json!({}); 101]})), None),
        ] {
            let (why, times) = spoilt(place, fault.clone()).await?;
            match refused {
                Some(refused) => assert_eq!(why, refused, "{place:?} {fault:?}"),
                None => assert!(
                    matches!(why, Refused::IssuerUnavailable(Unavailable::Document(_))),
                    "{place:?} {fault:?}: {why:?}"
                ),
            }
            assert_eq!(times, 1, "{place:?} {fault:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_issuer_that_hangs_or_answers_byte_by_byte_is_given_up() -> anyhow::Result<()> {
    let late = Refused::IssuerUnavailable(Unavailable::Asked(FetchError::TimedOut));
    let faults = [
        (Place::Discovery, Fault::Hangs),
        (Place::Keys, Fault::Hangs),
        (Place::Discovery, Fault::Drips),
        (Place::Keys, Fault::Drips),
    ];
    for outcome in join_all(faults.map(|(place, fault)| spoilt(place, fault))).await {
        assert_eq!(outcome?, (late.clone(), 1));
    }
    Ok(())
}

#[tokio::test]
async fn an_issuer_that_hangs_keeps_nobody_else_waiting() -> anyhow::Result<()> {
    let (stage, hanging) = (Stage::new().await?, LocalIssuer::start().await?);
    hanging.spoil(Place::Discovery, Fault::Hangs);
    let issuers = Issuers::new(fetcher(&[&stage.issuer, &hanging])?);
    let trusted = [trusting(&hanging, &json!({}))?, stage.trusting(&json!({}))?];
    let (theirs, ours) = (hanging.token(stage.now, "user_ana", "threadly", &json!({}))?, stage.token()?);
    let waiting: Vec<_> = (0..50).map(|_| issuers.verify(&trusted, &theirs, stage.now)).collect();
    let mut waiting = std::pin::pin!(join_all(waiting));
    let verified = async {
        for _ in 0..20 {
            issuers.verify(&trusted, &ours, stage.now).await?;
        }
        anyhow::Ok(())
    };
    tokio::select! {
        biased;
        _ = &mut waiting => panic!("the others have waited until it was given up"),
        verified = verified => verified?,
    }
    for refused in waiting.await {
        assert!(matches!(refused, Err(Refused::IssuerUnavailable(_))));
    }
    Ok(())
}

#[tokio::test]
async fn who_has_a_keys_set_goes_on_while_the_issuer_hangs() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let token = stage.token()?;
    stage.verify(&token).await?;
    stage.issuer.spoil(Place::Keys, Fault::Hangs);
    stage.clock.advance(Duration::from_secs(3_600));
    for _ in 0..50 {
        stage.verify(&token).await?;
    }
    // Nobody waits, so that it has been asked shows a moment later.
    while stage.issuer.asked(Place::Keys) < 2 {
        tokio::task::yield_now().await;
    }
    stage.verify(&token).await?;
    assert_eq!(stage.issuer.asked(Place::Keys), 2);
    Ok(())
}
