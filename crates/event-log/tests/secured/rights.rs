//! Who may what.

use std::collections::BTreeSet;

use event_log::admin::{
    TopicAdmin,
    acls::{Acl, AclScope, Operation, Resource, principal},
};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use testkit::wait;

use crate::{
    broker::{Broker, LIMIT, admin, broker, login, make_topics, security_of, unique},
    tenant::{Tenant, refusal},
};

/// A user with rights to everything that begins with its name and a dot.
struct Guest {
    user: String,
    topic: String,
    group: String,
    program: Tenant,
}

impl Guest {
    async fn arrive(kafka: &Broker, admin: &TopicAdmin, user: &str) -> anyhow::Result<Self> {
        admin.upsert_user(&login(user, "secret"), 4096).await?;
        admin.create_acls(&rights(user)).await?;
        let topic = format!("{user}.messages");
        make_topics(admin, std::slice::from_ref(&topic)).await?;
        let program = Tenant::new(&kafka.bootstrap(), &security_of(kafka, user, "secret"));
        wait::until("the user is let in", LIMIT, async || program.write(&topic, "mine").await.is_ok().then_some(()))
            .await?;
        Ok(Self { user: user.to_owned(), topic, group: format!("{user}.readers"), program })
    }
}

fn rights(user: &str) -> Vec<Acl> {
    let right =
        |resource, operation| Acl { principal: principal(user), resource, prefix: format!("{user}."), operation };
    [(Resource::Topic, Operation::Read), (Resource::Topic, Operation::Write), (Resource::Group, Operation::Read)]
        .map(|(resource, operation)| right(resource, operation))
        .into()
}

fn scope(user: &str) -> AclScope {
    AclScope { principal: principal(user), prefix: None }
}

fn code<T>(result: KafkaResult<T>) -> Option<RDKafkaErrorCode> {
    result.err().as_ref().and_then(KafkaError::rdkafka_error_code)
}

#[tokio::test]
async fn a_principal_has_its_own_topics_and_groups_and_nobody_elses() -> anyhow::Result<()> {
    let kafka = broker().await?;
    let admin = admin(&kafka)?;
    let name = unique();
    let guest = Guest::arrive(&kafka, &admin, &name).await?;
    // A name that only begins alike is another name.
    let neighbour = Guest::arrive(&kafka, &admin, &format!("{name}x")).await?;

    assert_eq!(guest.program.read(&guest.group, &guest.topic).await?, "mine");

    let not_your_topic = Some(RDKafkaErrorCode::TopicAuthorizationFailed);
    assert_eq!(code(guest.program.write(&neighbour.topic, "yours").await), not_your_topic);
    assert_eq!(code(guest.program.read(&guest.group, &neighbour.topic).await), not_your_topic);
    let not_your_group = Some(RDKafkaErrorCode::GroupAuthorizationFailed);
    assert_eq!(code(guest.program.read(&neighbour.group, &guest.topic).await), not_your_group);

    // Nor may it change what it or others may.
    let secret = security_of(&kafka, &guest.user, "secret");
    let as_guest = TopicAdmin::connect(&kafka.bootstrap(), &secret)?;
    assert_eq!(as_guest.create_acls(&rights(&guest.user)).await.unwrap_err().code(), "kafka-refused");
    assert_eq!(as_guest.delete(std::slice::from_ref(&guest.topic)).await.unwrap_err().code(), "kafka-refused");
    Ok(())
}

#[tokio::test]
async fn rights_are_seen_given_twice_and_taken_away_for_good() -> anyhow::Result<()> {
    let kafka = broker().await?;
    let admin = admin(&kafka)?;
    let (name, other) = (unique(), unique());
    let guest = Guest::arrive(&kafka, &admin, &name).await?;
    admin.create_acls(&rights(&other)).await?;

    admin.create_acls(&rights(&name)).await?;
    let given: BTreeSet<Acl> = rights(&name).into_iter().collect();
    let see = async || admin.describe_acls(&scope(&name)).await;
    wait::until("the rights are seen", LIMIT, async || (see().await.ok()? == given).then_some(())).await?;

    let nothing = AclScope { prefix: Some(format!("{name}.me")), ..scope(&name) };
    assert_eq!(admin.delete_acls(&nothing).await?, 0, "a prefix is meant as it is written");
    let of_prefix = AclScope { prefix: Some(format!("{name}.")), ..scope(&name) };
    assert_eq!(admin.describe_acls(&of_prefix).await?, given);

    assert_eq!(admin.delete_acls(&scope(&name)).await?, given.len());
    wait::until("writing is refused", LIMIT, async || {
        let refused = code(guest.program.write(&guest.topic, "mine").await);
        (refused == Some(RDKafkaErrorCode::TopicAuthorizationFailed)).then_some(())
    })
    .await?;
    let read = guest.program.read(&guest.group, &guest.topic).await;
    assert!(read.as_ref().is_err_and(refusal), "{read:?}");
    assert_eq!(see().await?, BTreeSet::new());
    let others = admin.describe_acls(&scope(&other)).await?;
    assert_eq!(others.len(), rights(&other).len(), "another's rights stay");
    Ok(())
}
