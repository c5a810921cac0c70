//! Who gets in, and what is said to who doesn't.

use std::{collections::BTreeSet, sync::Arc};

use domain::ids::TopicKind;
use event_log::{
    EventLog, KafkaConfig, Security,
    admin::{AdminError, TopicAdmin, users::Credential},
    range::{RangeLimits, RangeReader},
    security::{Mechanism, Tls},
};
use tenancy::{Settings, Workspace, workspace::SignUp};
use testkit::{servers::tls::authority, wait};

use crate::broker::{LIMIT, admin, broker, login, make_topics, security_of, unique};

async fn refused(bootstrap: &str, security: &Security) -> AdminError {
    TopicAdmin::connect(bootstrap, security).unwrap().cluster_id().await.unwrap_err()
}

#[tokio::test]
async fn a_broker_that_no_trusted_authority_vouches_for_is_not_spoken_to() -> anyhow::Result<()> {
    let kafka = broker().await?;
    for ca in [Some(authority()?), None] {
        let security = Security { tls: Some(Tls { ca }), ..kafka.security() };
        let error = refused(&kafka.bootstrap(), &security).await;
        assert!(matches!(error, AdminError::Untrusted { .. }), "{error}");
        assert!(error.to_string().contains("certificate verify failed"), "{error}");
    }
    // Vouched for, but under another name.
    let elsewhere = kafka.bootstrap().replace("127.0.0.1", "localhost");
    let error = refused(&elsewhere, &kafka.security()).await;
    assert!(matches!(error, AdminError::Untrusted { .. }), "{error}");
    Ok(())
}

#[tokio::test]
async fn what_is_no_certificate_is_told_before_anybody_is_asked() -> anyhow::Result<()> {
    let security = Security { tls: Some(Tls { ca: Some("no certificate".to_owned()) }), login: None };
    let error = TopicAdmin::connect("127.0.0.1:9", &security).err().unwrap();
    assert!(matches!(error, AdminError::Client { .. }) && error.to_string().contains("ssl.ca.pem"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_and_a_missing_user_are_told_with_the_users_name() -> anyhow::Result<()> {
    let kafka = broker().await?;
    for user in ["admin", "nobody-knows-me"] {
        let error = refused(&kafka.bootstrap(), &security_of(&kafka, user, "wrong-password")).await;
        let AdminError::LoginRefused { user: named, .. } = &error else { panic!("{error}") };
        assert_eq!(named, user);
        assert!(!error.to_string().contains("wrong-password"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn every_request_says_why_it_is_not_let_in() -> anyhow::Result<()> {
    let kafka = broker().await?;
    let stranger = TopicAdmin::connect(&kafka.bootstrap(), &security_of(&kafka, "stranger", "x"))?;
    let names = [unique()];
    let errors = [
        stranger.describe(&names).await.unwrap_err(),
        stranger.delete(&names).await.unwrap_err(),
        stranger.describe_users(&names).await.unwrap_err(),
        stranger.describe_options(&names).await.unwrap_err(),
    ];
    assert!(errors.iter().all(|error| error.code() == "kafka-login-refused"), "{errors:?}");
    Ok(())
}

#[tokio::test]
async fn whoever_speaks_no_tls_is_told_that_the_broker_hung_up() -> anyhow::Result<()> {
    let kafka = broker().await?;
    let error = refused(&kafka.bootstrap(), &Security::default()).await;
    assert!(matches!(error, AdminError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("Disconnected"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_user_comes_changes_its_password_and_goes() -> anyhow::Result<()> {
    let kafka = broker().await?;
    let admin = admin(&kafka)?;
    let user = unique();
    let lets_in = async |password: &str| {
        let security = security_of(&kafka, &user, password);
        TopicAdmin::connect(&kafka.bootstrap(), &security)?.cluster_id().await
    };
    let let_in = async |what: &str, password: &str| {
        wait::until(what, LIMIT, async || lets_in(password).await.is_ok().then_some(())).await
    };
    assert_eq!(admin.describe_users(std::slice::from_ref(&user)).await?, [].into());

    admin.upsert_user(&login(&user, "first"), 8192).await?;
    let_in("the user is let in", "first").await?;
    let credential = Credential { mechanism: Mechanism::ScramSha512, iterations: 8192 };
    let described = admin.describe_users(&[user.clone(), unique()]).await?;
    assert_eq!(described, [(user.clone(), BTreeSet::from([credential]))].into());

    admin.upsert_user(&login(&user, "second"), 8193).await?;
    let_in("the new password counts", "second").await?;
    assert_eq!(lets_in("first").await.unwrap_err().code(), "kafka-login-refused");

    // Asked for twice, since whoever repeats a step must not fail.
    for _ in 0..2 {
        admin.delete_user(&user, Mechanism::ScramSha512).await?;
    }
    wait::until("the user is gone", LIMIT, async || {
        lets_in("second").await.is_err_and(|error| error.code() == "kafka-login-refused").then_some(())
    })
    .await?;
    let few = admin.upsert_user(&login(&user, "third"), 1).await.unwrap_err();
    assert!(matches!(&few, AdminError::Refused { what, .. } if what.contains(&user)), "{few}");
    Ok(())
}

#[tokio::test]
async fn the_house_writes_and_reads_what_it_wrote() -> anyhow::Result<()> {
    let kafka = broker().await?;
    let workspace = Arc::new(Workspace {
        id: "aaaabbbbcccc".parse()?,
        handle: "acme".parse()?,
        display_name: "Acme".to_owned(),
        owner_email: "ops@acme.example".to_owned(),
        sign_up: SignUp::Open,
        suspended: false,
        message_partitions: 1,
        epoch: 1,
        schema_version: 1,
        settings: Settings::default(),
    });
    let topic = workspace.topic(TopicKind::Messages);
    make_topics(&admin(&kafka)?, std::slice::from_ref(&topic)).await?;
    let config = KafkaConfig {
        bootstrap: kafka.bootstrap(),
        security: kafka.security(),
        installation: unique(),
        instance: "test".to_owned(),
    };
    let reader = RangeReader::new(&config);
    let log = EventLog::connect(config)?;
    log.warm().await?;
    log.append_again(&workspace, TopicKind::Messages, 0, b"hello").await?;
    let range = reader.read(&topic, 0, 0, 1, RangeLimits { records: 1, time: LIMIT }).await?;
    assert_eq!(range.records[0].value, b"hello");
    Ok(())
}
