//! Workspaces' own users, on a Kafka that asks for everybody's rights.

use crds::backends::Sharing;
use event_log::{
    Security,
    admin::{
        TopicAdmin,
        acls::{AclScope, principal},
    },
    security::{Login, Mechanism, Password},
};
use operator::{Backends, bootstrap, class::Class, principal as principals, provision_now};
use tenancy::credentials::{Purpose, RootKey};
use testkit::{
    TestStore,
    servers::{OwnKafka, OwnPostgres},
    wait,
};

use crate::lab::{LIMIT, ROOT, manifest, unique};

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_gets_a_user_of_its_own_which_is_repaired_and_removed() -> anyhow::Result<()> {
    let (postgres, kafka) = (OwnPostgres::start().await?, OwnKafka::start_secured().await?);
    let store = TestStore::start()?;
    let backends = Backends {
        postgres_ca: None,
        admin_url: postgres.url(),
        kafka: kafka.bootstrap(),
        kafka_security: kafka.security(),
        root_key: RootKey::from_bytes(ROOT),
        s3: store.config().clone(),
        origins: Vec::new(),
    };
    let class = Class { principals: Sharing::PerWorkspace, ..Class::standard() };
    let control = bootstrap(&backends, "control_principals").await?.with_class(class);
    let manifest = manifest(&unique("acme"), "")?;
    let id = provision_now(&control, &manifest).await?;
    assert!(!principals::is_due(&control, &id).await?);

    let user = principals::user(&id);
    let login = |password: String| Login {
        mechanism: Mechanism::ScramSha512,
        user: user.clone(),
        password: Password::new(password),
    };
    let derived = RootKey::from_bytes(ROOT).purpose(Purpose::Kafka).derive(&user, 1).to_text();
    let lets_in = async |password: &str| {
        let security = Security { login: Some(login(password.to_owned())), ..kafka.security() };
        TopicAdmin::connect(&kafka.bootstrap(), &security)?.cluster_id().await
    };
    lets_in(&derived).await?;

    // By hand: first the rights, then the password.
    let admin = TopicAdmin::connect(&kafka.bootstrap(), &kafka.security())?;
    let due = async || principals::is_due(&control, &id).await.is_ok_and(|due| due).then_some(());
    let scope = AclScope { principal: principal(&user), prefix: None };
    let rights = admin.describe_acls(&scope).await?;
    admin.delete_acls(&scope).await?;
    wait::until("the missing rights are seen", LIMIT, due).await?;
    provision_now(&control, &manifest).await?;
    assert_eq!(admin.describe_acls(&scope).await?, rights);

    admin.upsert_user(&login("by-hand".to_owned()), 4096).await?;
    wait::until("the other password is seen", LIMIT, due).await?;
    provision_now(&control, &manifest).await?;
    lets_in(&derived).await?;
    assert_eq!(lets_in("by-hand").await.unwrap_err().code(), "kafka-login-refused");

    for _ in 0..2 {
        principals::remove(&control, &id).await?;
    }
    wait::until("the user is gone", LIMIT, async || {
        lets_in(&derived).await.is_err_and(|error| error.code() == "kafka-login-refused").then_some(())
    })
    .await?;
    control.close().await;
    Ok(())
}
