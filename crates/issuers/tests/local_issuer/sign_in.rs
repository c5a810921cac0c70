//! Signing in by OpenID Connect, up to the token.

use anyhow::Context;
use issuers::{Begun, Issuer, Refused, Returned, SignInError, Unavailable};
use serde_json::{Value, json};
use testkit::servers::issuer::{Fault, IssuerKey, Place};
use url::Url;

use crate::{Stage, with};

const BACK: &str = "https://talk.acme.example/v1/sign-in/oidc";

fn client(stage: &Stage, more: &Value) -> anyhow::Result<Issuer> {
    stage.trusting(&json!({"client": with(json!({"clientId": "threadly"}), more)}))
}

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// A sign-in up to the browser's coming back: what was kept, the code, and the issuer's name.
async fn come_back(stage: &Stage, issuer: &Issuer) -> anyhow::Result<(Begun, String, String)> {
    let begun = stage.issuers.begin(issuer, BACK).await?;
    let back = stage.issuer.sign_in(&begun.url)?;
    assert!(back.as_str().starts_with(BACK));
    assert_eq!(query(&back, "state").as_ref(), Some(&begun.state));
    Ok((begun, query(&back, "code").context("a code")?, query(&back, "iss").context("an issuer")?))
}

fn returned<'a>(begun: &'a Begun, code: &'a str, issuer: &'a str) -> Returned<'a> {
    Returned { code, issuer: Some(issuer), verifier: &begun.verifier, nonce: &begun.nonce, redirect_uri: BACK }
}

#[tokio::test]
async fn somebody_signs_in_with_and_without_a_secret() -> anyhow::Result<()> {
    let in_form = json!({"token_endpoint_auth_methods_supported": ["client_secret_post"]});
    for (secret, methods) in [(json!(null), json!({})), (json!("hush"), json!({})), (json!("hush & more"), in_form)] {
        let stage = Stage::new().await?;
        if let Some(secret) = secret.as_str() {
            stage.issuer.client_secret(secret);
        }
        stage.issuer.spoil(Place::Discovery, Fault::Says(methods));
        let issuer = client(&stage, &json!({"clientSecret": secret}))?;
        let (begun, code, iss) = come_back(&stage, &issuer).await?;
        let identity = stage.issuers.finish(&issuer, returned(&begun, &code, &iss), stage.now).await?;
        assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), (stage.issuer.url(), "user_ana"));
        assert_eq!(identity.email.as_deref(), Some("ana@acme.example"));
    }
    Ok(())
}

#[tokio::test]
async fn what_is_sent_to_the_issuer_tells_no_secret_and_is_new_each_time() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let issuer = client(&stage, &json!({"clientSecret": "hush", "scopes": ["openid", "email"]}))?;
    let begun = stage.issuers.begin(&issuer, BACK).await?;
    let url = Url::parse(&begun.url)?;
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "threadly"),
        ("redirect_uri", BACK),
        ("scope", "openid email"),
        ("state", &begun.state),
        ("nonce", &begun.nonce),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(query(&url, name).as_deref(), Some(value), "{name}");
    }
    assert!(!begun.url.contains(&begun.verifier) && !begun.url.contains("hush"));
    // 256 bits each, in the letters that RFC 7636 allows.
    assert!([&begun.state, &begun.nonce, &begun.verifier].iter().all(|secret| secret.len() == 43));
    let again = stage.issuers.begin(&issuer, BACK).await?;
    assert!(again.state != begun.state && again.nonce != begun.nonce && again.verifier != begun.verifier);
    assert!(!format!("{begun:?}").contains(&begun.verifier));
    Ok(())
}

#[tokio::test]
async fn a_code_is_good_for_whoever_began_and_once() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let issuer = client(&stage, &json!({}))?;
    let refused = Err(SignInError::CodeRefused("invalid_grant".to_owned()));
    let (other, ..) = come_back(&stage, &issuer).await?;
    let (begun, code, iss) = come_back(&stage, &issuer).await?;
    let right = returned(&begun, &code, &iss);
    stage.issuers.finish(&issuer, right, stage.now).await?;
    assert_eq!(stage.issuers.finish(&issuer, right, stage.now).await, refused, "a second time");
    let (begun, code, iss) = come_back(&stage, &issuer).await?;
    let right = returned(&begun, &code, &iss);
    let guessed = "a".repeat(5_000);
    for (wrong, why) in [
        (Returned { code: "guessed", ..right }, "a guessed code"),
        (Returned { code: &guessed, ..right }, "a long code"),
        (Returned { verifier: &other.verifier, ..right }, "another's verifier"),
    ] {
        assert_eq!(stage.issuers.finish(&issuer, wrong, stage.now).await, refused, "{why}");
    }
    let (begun, code, iss) = come_back(&stage, &issuer).await?;
    let elsewhere = Returned { redirect_uri: "https://evil.example/", ..returned(&begun, &code, &iss) };
    assert_eq!(stage.issuers.finish(&issuer, elsewhere, stage.now).await, refused, "another redirect URI");
    stage.issuer.client_secret("hush");
    let (begun, code, iss) = come_back(&stage, &issuer).await?;
    let without = stage.issuers.finish(&issuer, returned(&begun, &code, &iss), stage.now).await;
    assert_eq!(without, Err(SignInError::CodeRefused("invalid_client".to_owned())));
    Ok(())
}

#[tokio::test]
async fn who_was_sent_back_by_another_issuer_has_not_signed_in() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let issuer = client(&stage, &json!({}))?;
    let (begun, code, iss) = come_back(&stage, &issuer).await?;
    let right = returned(&begun, &code, &iss);
    for named in [None, Some("https://evil.example")] {
        let wrong = Returned { issuer: named, ..right };
        assert_eq!(stage.issuers.finish(&issuer, wrong, stage.now).await, Err(SignInError::OtherIssuer), "{named:?}");
    }
    assert_eq!(stage.issuer.asked(Place::Token), 0, "the code was shown to nobody");
    stage.issuers.finish(&issuer, right, stage.now).await?;
    Ok(())
}

#[tokio::test]
async fn the_token_must_be_for_our_client_and_for_this_sign_in() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let issuer = client(&stage, &json!({}))?;
    let now = stage.now;
    for (change, refused) in [
        (json!({"nonce": "another"}), SignInError::WrongNonce),
        (json!({"nonce": null}), SignInError::WrongNonce),
        (json!({"aud": "other"}), Refused::WrongAudience.into()),
        (json!({"aud": ["threadly", "other"]}), Refused::WrongAudience.into()),
        (json!({"aud": "threadly", "azp": "other"}), Refused::WrongAudience.into()),
        (json!({"aud": null, "azp": "threadly"}), Refused::WrongAudience.into()),
        (json!({"iss": "https://evil.example"}), Refused::UnknownIssuer.into()),
        (json!({"exp": now - 30}), Refused::Expired.into()),
        (json!({"nbf": now + 600}), Refused::NotYetValid.into()),
        (json!({"sub": ""}), Refused::Malformed("its subject is none").into()),
    ] {
        stage.issuer.person(with(json!({"sub": "user_ana"}), &change));
        let (begun, code, iss) = come_back(&stage, &issuer).await?;
        let finished = stage.issuers.finish(&issuer, returned(&begun, &code, &iss), now).await;
        assert_eq!(finished, Err(refused), "{change}");
    }
    stage.issuer.person(json!({"sub": "user_ana", "aud": ["threadly", "other"], "azp": "threadly"}));
    let (begun, code, iss) = come_back(&stage, &issuer).await?;
    stage.issuers.finish(&issuer, returned(&begun, &code, &iss), now).await?;
    Ok(())
}

#[tokio::test]
async fn a_token_of_a_key_that_is_new_is_believed_and_of_a_stranger_s_is_not() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let issuer = client(&stage, &json!({}))?;
    stage.verify(&stage.token()?).await?;
    stage.issuer.rotate(&IssuerKey::make("EdDSA")?);
    let (begun, code, iss) = come_back(&stage, &issuer).await?;
    stage.issuers.finish(&issuer, returned(&begun, &code, &iss), stage.now).await?;
    // Keys come from where the issuer publishes them, also for a token that it has handed over itself.
    stage.issuer.remove(&stage.issuer.key());
    stage.clock.advance(std::time::Duration::from_secs(7_200));
    let (begun, code, iss) = come_back(&stage, &issuer).await?;
    let finished = stage.issuers.finish(&issuer, returned(&begun, &code, &iss), stage.now).await;
    assert_eq!(finished, Err(Refused::UnknownKey.into()));
    Ok(())
}

#[tokio::test]
async fn an_issuer_that_answers_nonsense_signs_nobody_in() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let issuer = client(&stage, &json!({}))?;
    for (fault, bad_document) in [
        (Fault::Says(json!({"id_token": null})), true),
        (Fault::Text("<html>".to_owned()), true),
        (Fault::Large, false),
        (Fault::Status(502), false),
        // The code is not carried on to wherever it may lead.
        (Fault::Redirects(format!("{}{}", stage.issuer.url(), Place::Token.path())), false),
    ] {
        stage.issuer.spoil(Place::Token, fault.clone());
        let before = stage.issuer.asked(Place::Token);
        let (begun, code, iss) = come_back(&stage, &issuer).await?;
        let finished = stage.issuers.finish(&issuer, returned(&begun, &code, &iss), stage.now).await;
        let Err(SignInError::Unavailable(why)) = finished else { panic!("{fault:?}: {finished:?}") };
        assert_eq!(matches!(why, Unavailable::Document(_)), bad_document, "{fault:?}: {why}");
        assert_eq!(stage.issuer.asked(Place::Token) - before, 1, "{fault:?}");
    }
    stage.issuer.spoil(Place::Token, Fault::Says(json!({"id_token": "opaque"})));
    let (begun, code, iss) = come_back(&stage, &issuer).await?;
    let finished = stage.issuers.finish(&issuer, returned(&begun, &code, &iss), stage.now).await;
    assert!(matches!(finished, Err(SignInError::Refused(Refused::Malformed(_)))), "{finished:?}");
    Ok(())
}

#[tokio::test]
async fn an_issuer_without_a_client_or_without_such_a_sign_in_offers_none() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    assert_eq!(stage.issuers.begin(&stage.trusting(&json!({}))?, BACK).await, Err(SignInError::NoClient));
    stage.issuer.spoil(Place::Discovery, Fault::Says(json!({"authorization_endpoint": null})));
    let issuer = client(&stage, &json!({}))?;
    assert_eq!(stage.issuers.begin(&issuer, BACK).await, Err(SignInError::NotOffered));
    Ok(())
}
