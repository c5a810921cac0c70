//! Where an issuer's URL may lead.

use anyhow::Context;
use issuers::{FetchError, Fetcher, Issuer, Issuers, Refused, Unavailable};
use serde_json::json;
use testkit::servers::{
    LocalIssuer,
    issuer::{Fault, IssuerKey, Place, now},
};

use crate::{AUDIENCE, Stage, fetcher, trusting};

/// What becomes of a token of this issuer's.
async fn ask(fetcher: &Fetcher, url: &str, jwks: Option<&str>) -> anyhow::Result<Refused> {
    let settings = json!({"issuer": url, "audiences": [AUDIENCE], "jwksUri": jwks});
    let trusted: Issuer = serde_json::from_value(settings)?;
    let claims = json!({"iss": url, "sub": "user_ana", "aud": AUDIENCE, "exp": now() + 60});
    let token = IssuerKey::make("EdDSA")?.sign(&claims)?;
    let verified = Issuers::new(fetcher.clone()).verify(&[trusted], &token, now()).await;
    verified.err().context("it is believed")
}

fn private() -> Refused {
    Refused::IssuerUnavailable(Unavailable::Asked(FetchError::Private))
}

#[tokio::test]
async fn nothing_in_a_private_network_is_asked_by_address_or_by_name() -> anyhow::Result<()> {
    let local = LocalIssuer::start().await?;
    let port = local.address().rsplit_once(':').unwrap().1;
    // It is trusted, and would answer.
    let fetcher = Fetcher::new(Some(local.authority()), &[])?;
    for host in [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f000001",
        "0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.0.1",
        "[fd00::1]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
    ] {
        let url = format!("https://{host}:{port}");
        assert_eq!(ask(&fetcher, &url, None).await?, private(), "{url}");
        let keys = format!("{url}{}", Place::Keys.path());
        assert_eq!(ask(&fetcher, "https://accounts.example", Some(&keys)).await?, private(), "{keys}");
    }
    assert_eq!(local.asked(Place::Discovery) + local.asked(Place::Keys), 0);
    Ok(())
}

#[tokio::test]
async fn an_exception_is_one_host_and_one_port() -> anyhow::Result<()> {
    let (local, other) = (LocalIssuer::start().await?, LocalIssuer::start().await?);
    let fetcher = fetcher(&[&local])?;
    assert_eq!(ask(&fetcher, other.url(), None).await?, private());
    let by_name = local.url().replace("127.0.0.1", "localhost");
    assert_eq!(ask(&fetcher, &by_name, None).await?, private());
    // Nor by way of the exception.
    let keys = format!("{}{}", other.url(), Place::Keys.path());
    local.spoil(Place::Keys, Fault::Redirects(keys));
    assert_eq!(ask(&fetcher, local.url(), None).await?, private());
    assert_eq!(other.asked(Place::Discovery) + other.asked(Place::Keys), 0);
    // By its name it is one if that is named; the name is resolved, and what answers is who it says.
    let named = Fetcher::new(Some(local.authority()), &[by_name.trim_start_matches("https://")])?;
    local.mend();
    let keys = format!("{by_name}{}", Place::Keys.path());
    assert_eq!(ask(&named, local.url(), Some(&keys)).await?, Refused::UnknownKey);
    Ok(())
}

#[tokio::test]
async fn who_has_no_certificate_of_an_authority_that_is_trusted_is_not_asked() -> anyhow::Result<()> {
    let (local, other) = (LocalIssuer::start().await?, LocalIssuer::start().await?);
    let refused = Refused::IssuerUnavailable(Unavailable::Asked(FetchError::Tls));
    for authority in [None, Some(other.authority())] {
        let fetcher = Fetcher::new(authority, &[local.address()])?;
        assert_eq!(ask(&fetcher, local.url(), None).await?, refused);
    }
    assert_eq!(local.asked(Place::Discovery), 0);
    assert!(Fetcher::new(Some("no certificate"), &[]).is_err());
    Ok(())
}

#[tokio::test]
async fn a_place_that_has_moved_is_followed() -> anyhow::Result<()> {
    let (stage, elsewhere) = (Stage::new().await?, LocalIssuer::start().await?);
    let issuers = Issuers::new(fetcher(&[&stage.issuer, &elsewhere])?);
    elsewhere.publish(&stage.issuer.key());
    stage.issuer.spoil(Place::Keys, Fault::Redirects(format!("{}{}", elsewhere.url(), Place::Keys.path())));
    issuers.verify(&[trusting(&stage.issuer, &json!({}))?], &stage.token()?, stage.now).await?;
    assert_eq!(elsewhere.asked(Place::Keys), 1);
    Ok(())
}

#[tokio::test]
async fn a_name_that_nobody_has_and_a_port_that_nobody_hears_are_told_apart() -> anyhow::Result<()> {
    let asked = |why| Refused::IssuerUnavailable(Unavailable::Asked(why));
    let nobody = Fetcher::new(None, &["127.0.0.1:1"])?;
    assert_eq!(ask(&nobody, "https://127.0.0.1:1", None).await?, asked(FetchError::Unreachable));
    assert_eq!(ask(&nobody, "https://issuer.invalid", None).await?, asked(FetchError::Unresolved));
    Ok(())
}
