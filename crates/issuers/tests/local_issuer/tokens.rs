//! Which tokens say something, and which do not.

use issuers::{Refused, SKEW_SECONDS, unverified_issuer};
use serde_json::{Value, json};
use testkit::servers::{
    LocalIssuer,
    issuer::{IssuerKey, Place},
};

use crate::{AUDIENCE, PARTY, Stage, fetcher, trusting, with};

#[tokio::test]
async fn a_token_says_who_somebody_is_by_each_algorithm_that_the_issuer_may_use() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    for algorithm in ["RS256", "PS512", "ES256", "ES384", "EdDSA"] {
        let key = IssuerKey::make(algorithm)?;
        let issuer = LocalIssuer::start().await?;
        issuer.rotate(&key);
        let issuers = issuers::Issuers::new(fetcher(&[&issuer])?);
        let person = json!({"email": "ana@acme.example", "email_verified": true, "name": "Ana", "sid": "s1"});
        let token = issuer.token(stage.now, "user_ana", AUDIENCE, &person)?;
        let trusted = [trusting(&issuer, &json!({"algorithms": [algorithm]}))?];
        let identity = issuers.verify(&trusted, &token, stage.now).await?;
        assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), (issuer.url(), "user_ana"), "{algorithm}");
        assert_eq!(identity.email.as_deref(), Some("ana@acme.example"));
        assert_eq!((identity.name.as_deref(), identity.session.as_deref()), (Some("Ana"), Some("s1")));
        assert_eq!(identity.expires_at, stage.now + 60);
        assert_eq!(unverified_issuer(&token).as_deref(), Some(issuer.url()));
        let others = [trusting(&issuer, &json!({"algorithms": ["RS384", "PS256"]}))?];
        assert_eq!(issuers.verify(&others, &token, stage.now).await, Err(Refused::AlgorithmNotAllowed), "{algorithm}");
    }
    Ok(())
}

#[tokio::test]
async fn clerks_tokens_are_for_the_parties_that_are_named() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    stage.issuer.rotate(&IssuerKey::make("RS256")?);
    let trusted = [stage.trusting(&json!({"audiences": []}))?];
    let token = stage.issuer.clerk_token(stage.now, "user_2ana", "sess_2x", PARTY)?;
    let identity = stage.issuers.verify(&trusted, &token, stage.now).await?;
    assert_eq!((identity.subject.as_str(), identity.session.as_deref()), ("user_2ana", Some("sess_2x")));
    assert_eq!((identity.email, identity.name, identity.picture), (None, None, None));
    for (change, refused) in [
        (json!({"azp": "https://evil.example"}), Refused::WrongAudience),
        (json!({"azp": format!("{PARTY}/")}), Refused::WrongAudience),
        (json!({"azp": null}), Refused::WrongAudience),
        // Whom it names, it is for: nobody else, wherever it comes from.
        (json!({"aud": "other"}), Refused::WrongAudience),
        (json!({"sts": "pending"}), Refused::SessionPending),
    ] {
        let claims = with(stage.issuer.clerk_claims(stage.now, "user_2ana", "sess_2x", PARTY), &change);
        let token = stage.issuer.key().sign(&claims)?;
        assert_eq!(stage.issuers.verify(&trusted, &token, stage.now).await, Err(refused), "{change}");
    }
    // Where no party is named, a token must name us.
    let strict = [stage.trusting(&json!({"authorizedParties": []}))?];
    assert_eq!(stage.issuers.verify(&strict, &token, stage.now).await, Err(Refused::WrongAudience));
    Ok(())
}

#[tokio::test]
async fn a_token_must_be_for_us() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    for (aud, ours) in [
        (json!(AUDIENCE), true),
        (json!([AUDIENCE]), true),
        (json!(["other", AUDIENCE]), true),
        (json!("other"), false),
        (json!("Threadly"), false),
        (json!(["other"]), false),
        (json!([]), false),
        (json!(""), false),
        (json!(null), false),
    ] {
        let token = stage.issuer.token(stage.now, "user_ana", AUDIENCE, &json!({"aud": aud}))?;
        let verified = stage.verify(&token).await;
        assert_eq!(verified.err(), (!ours).then_some(Refused::WrongAudience), "{aud}");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_counts_from_its_beginning_to_its_end_and_clocks_may_differ_a_little() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (now, skew) = (stage.now, SKEW_SECONDS);
    for (change, refused) in [
        (json!({"exp": now - skew + 1}), None),
        (json!({"exp": now - skew}), Some(Refused::Expired)),
        (json!({"exp": 0}), Some(Refused::Expired)),
        (json!({"exp": now as f64 - skew as f64 + 1.5}), None),
        (json!({"nbf": now + skew}), None),
        (json!({"nbf": now + skew + 1}), Some(Refused::NotYetValid)),
        (json!({"iat": now + skew}), None),
        (json!({"iat": now + skew + 1}), Some(Refused::NotYetValid)),
        (json!({"iat": null, "nbf": null}), None),
        (json!({"exp": now + 10_000_000_000_u64}), None),
    ] {
        let token = stage.issuer.token(now, "user_ana", AUDIENCE, &change)?;
        assert_eq!(stage.verify(&token).await.err(), refused, "{change} at {now}");
    }
    Ok(())
}

#[tokio::test]
async fn what_breaks_a_rule_of_tokens_is_none() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let (key, now) = (stage.issuer.key(), stage.now);
    let claims = |more: Value| stage.issuer.claims(now, "user_ana", AUDIENCE, &more);
    let good = stage.token()?;
    let (message, _) = good.rsplit_once('.').unwrap();
    let twice = |claim: &str| {
        let text = claims(json!({})).to_string();
        key.sign_text(&key.header().to_string(), &format!("{},{claim}}}", text.trim_end_matches('}')))
    };
    for (token, why) in [
        (String::new(), "empty"),
        ("opaque".to_owned(), "opaque"),
        (message.to_owned(), "without a signature"),
        (format!("{good}.more"), "of four parts"),
        (format!("{good}="), "padded signature"),
        (good.replacen("ey", "e y", 1), "with a space"),
        (key.sign(&claims(json!({"exp": null})))?, "without an end"),
        (key.sign(&claims(json!({"exp": "soon"})))?, "with an end that is none"),
        (key.sign(&claims(json!({"exp": -1})))?, "with an end before 1970"),
        (key.sign(&claims(json!({"sub": null})))?, "without a subject"),
        (key.sign(&claims(json!({"sub": ""})))?, "with an empty subject"),
        (key.sign(&claims(json!({"sub": "a".repeat(256)})))?, "with a long subject"),
        (key.sign(&claims(json!({"sub": "a\u{0}b"})))?, "with a control character"),
        (key.sign(&claims(json!({"iss": null})))?, "without an issuer"),
        (key.sign(&claims(json!({"aud": 7})))?, "with an audience that is none"),
        (key.sign(&claims(json!({"pad": "a".repeat(8 * 1024)})))?, "longer than 8 KiB"),
        (twice(r#""sub":"user_eve""#)?, "of two subjects"),
        (twice(r#""aud":"threadly""#)?, "of two audiences"),
        (twice(r#""exp":99999999999"#)?, "of two ends"),
        (key.sign_with(&json!({"kid": null}), &claims(json!({})))?, "without a key's id"),
        (key.sign_with(&json!({"crit": ["exp"]}), &claims(json!({})))?, "that demands something"),
        (key.sign_with(&json!({"crit": []}), &claims(json!({})))?, "that demands nothing"),
        (key.sign_with(&json!({"typ": "dpop+jwt"}), &claims(json!({})))?, "of another kind"),
        (key.sign_with(&json!({"typ": "logout+jwt"}), &claims(json!({})))?, "of another kind"),
        (key.sign_with(&json!({"alg": 7}), &claims(json!({})))?, "with an algorithm that is none"),
        (key.sign_text(r#"{"alg":"ES256","kid":"a","kid":"b"}"#, &claims(json!({})).to_string())?, "of two keys"),
        (key.sign_text("[]", "[]")?, "of lists"),
    ] {
        let verified = stage.verify(&token).await;
        let padded = why == "padded signature";
        let refused = if padded {
            verified == Err(Refused::BadSignature)
        } else {
            matches!(verified, Err(Refused::Malformed(_)))
        };
        assert!(refused, "{why}: {verified:?}");
    }
    for kind in ["JWT", "jwt", "at+jwt", "application/at+JWT"] {
        stage.verify(&key.sign_with(&json!({"typ": kind}), &claims(json!({})))?).await?;
    }
    stage.verify(&key.sign_with(&json!({"typ": null}), &claims(json!({})))?).await?;
    Ok(())
}

#[tokio::test]
async fn only_the_issuers_own_keys_and_algorithms_count() -> anyhow::Result<()> {
    let stage = Stage::new().await?;
    let rsa = IssuerKey::make("RS256")?;
    let (encrypts, weak) = (IssuerKey::make("ES256")?.saying(&json!({"use": "enc"})), IssuerKey::rsa("RS256", 1_024)?);
    // One that doesn't say what it is for.
    let open = IssuerKey::make("RS256")?.saying(&json!({"alg": null}));
    for key in [&rsa, &encrypts, &weak, &open] {
        stage.issuer.publish(key);
    }
    let key = stage.issuer.key();
    let stranger = IssuerKey::make("ES256")?;
    let claims = stage.issuer.claims(stage.now, "user_ana", AUDIENCE, &json!({}));
    let of = |iss: &str| stage.issuer.claims(stage.now, "user_ana", AUDIENCE, &json!({"iss": iss}));
    let (head, rest) = rsa.sign(&claims)?.split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let other = stage.issuer.claims(stage.now, "user_eve", AUDIENCE, &json!({}));
    let forged = rsa.sign(&other)?.split('.').nth(1).unwrap().to_owned();
    let signature = rest.split_once('.').unwrap().1.to_owned();
    let pem = rsa.public_pem().unwrap().as_bytes();
    for (token, refused, why) in [
        (key.sign_with(&json!({"alg": "none"}), &claims)?, Refused::AlgorithmNotAllowed, "none"),
        (key.sign_with(&json!({"alg": "None"}), &claims)?, Refused::AlgorithmNotAllowed, "None"),
        (rsa.sign_by_secret(pem, &claims)?, Refused::AlgorithmNotAllowed, "HS256 by the public key"),
        (key.sign_with(&json!({"alg": "HS256"}), &claims)?, Refused::AlgorithmNotAllowed, "HS256 by name"),
        (rsa.sign_with(&json!({"alg": "RS512"}), &claims)?, Refused::AlgorithmNotAllowed, "one that isn't pinned"),
        (rsa.sign_with(&json!({"alg": "ES256"}), &claims)?, Refused::AlgorithmNotAllowed, "another than the key's"),
        (key.sign_with(&json!({"alg": "EdDSA"}), &claims)?, Refused::AlgorithmNotAllowed, "another than the key's"),
        (
            open.sign_with(&json!({"alg": "ES256"}), &claims)?,
            Refused::AlgorithmNotAllowed,
            "another than the key's kind",
        ),
        (format!("{head}.{forged}.{signature}"), Refused::BadSignature, "other claims"),
        (format!("{head}.{}", rest.rsplit_once('.').unwrap().0) + ".", Refused::BadSignature, "no signature"),
        (stranger.sign_with(&json!({"kid": key.id()}), &claims)?, Refused::BadSignature, "a stranger's under our id"),
        (stranger.sign(&claims)?, Refused::UnknownKey, "a stranger's"),
        (encrypts.sign(&claims)?, Refused::UnknownKey, "one that encrypts"),
        (weak.sign(&claims)?, Refused::UnknownKey, "a short RSA key"),
        (key.sign(&of("https://evil.example"))?, Refused::UnknownIssuer, "an issuer that isn't trusted"),
        (key.sign(&of(&format!("{}/", stage.issuer.url())))?, Refused::UnknownIssuer, "almost the issuer"),
    ] {
        assert_eq!(stage.verify(&token).await, Err(refused), "{why}");
    }
    for key in [&key, &rsa, &open] {
        stage.verify(&key.sign(&claims)?).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_trusted_issuers_key_signs_for_that_issuer_alone() -> anyhow::Result<()> {
    let (stage, other) = (Stage::new().await?, LocalIssuer::start().await?);
    let issuers = issuers::Issuers::new(fetcher(&[&stage.issuer, &other])?);
    let trusted = [stage.trusting(&json!({}))?, trusting(&other, &json!({}))?];
    let claims = stage.issuer.claims(stage.now, "user_ana", AUDIENCE, &json!({}));
    for kid in [other.key().id(), stage.issuer.key().id()] {
        let token = other.key().sign_with(&json!({"kid": kid}), &claims)?;
        let refused = issuers.verify(&trusted, &token, stage.now).await.unwrap_err();
        assert!(matches!(refused, Refused::UnknownKey | Refused::BadSignature), "{refused}");
    }
    // Equal subjects of two issuers are two people.
    let theirs =
        issuers.verify(&trusted, &other.token(stage.now, "user_ana", AUDIENCE, &json!({}))?, stage.now).await?;
    let ours = issuers.verify(&trusted, &stage.token()?, stage.now).await?;
    assert!(theirs.subject == ours.subject && theirs.issuer != ours.issuer);
    Ok(())
}

#[tokio::test]
async fn keys_that_a_token_brings_along_are_never_looked_at() -> anyhow::Result<()> {
    let (stage, evil) = (Stage::new().await?, LocalIssuer::start().await?);
    // It could be asked.
    let issuers = issuers::Issuers::new(fetcher(&[&stage.issuer, &evil])?);
    let claims = stage.issuer.claims(stage.now, "user_ana", AUDIENCE, &json!({}));
    let place = format!("{}{}", evil.url(), Place::Keys.path());
    let trusted = [stage.trusting(&json!({}))?];
    let known = json!({"kid": stage.issuer.key().id()});
    for header in
        [json!({"jku": place}), json!({"x5u": place}), json!({"jwk": evil.key().jwk()}), json!({"x5c": ["AQAB"]})]
    {
        let token = evil.key().sign_with(&header, &claims)?;
        assert_eq!(issuers.verify(&trusted, &token, stage.now).await, Err(Refused::UnknownKey), "{header}");
        let token = evil.key().sign_with(&with(header.clone(), &known), &claims)?;
        assert_eq!(issuers.verify(&trusted, &token, stage.now).await, Err(Refused::BadSignature), "{header}");
    }
    assert_eq!(evil.asked(Place::Keys) + evil.asked(Place::Discovery), 0);
    Ok(())
}
