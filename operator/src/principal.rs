//! A workspace's own user of Kafka, where its class has one for each: it may read and write the topics whose names begin
//! with `t.{id}.`, as a member of groups whose names begin so, and nothing else.
//!
//! Kafka tells how a password is kept, not which it is. Ours are kept with a number of iterations that nobody else's tools
//! use by default, so that one that was set by hand is noticed.

use std::{collections::BTreeSet, time::Duration};

use domain::WorkspaceId;
use event_log::{
    admin::{
        acls::{Acl, AclScope, Operation, Resource, principal},
        users::Credential,
    },
    security::{Login, Mechanism, Password},
};
use tenancy::credentials::PurposeKey;
use tokio::time::{Instant, sleep};

use crate::{Control, OperatorError};

/// Rotation is a matter of the next releases.
const GENERATION: u16 = 1;
/// Twice Kafka's default.
const ITERATIONS: u16 = 8192;
/// Brokers learn of users and rights one after the other.
const SEEN_LIMIT: Duration = Duration::from_secs(10);
const SEEN_POLL: Duration = Duration::from_millis(25);

/// What the users' passwords are made from, and how they are proved.
#[derive(Clone)]
pub(crate) struct Principals {
    pub(crate) key: PurposeKey,
    pub(crate) mechanism: Mechanism,
}

/// The user's name.
#[must_use]
pub fn user(id: &WorkspaceId) -> String {
    format!("t.{id}")
}

/// Whether the user of a workspace is missing, or is not as it should be. Never, where the class has none.
///
/// # Errors
/// Kafka is away or refuses.
pub async fn is_due(control: &Control, id: &WorkspaceId) -> Result<bool, OperatorError> {
    let Some(principals) = control.principals() else { return Ok(false) };
    let (user, wanted) = (user(id), principals.credential());
    let found = control.topics.describe_users(std::slice::from_ref(&user)).await?;
    if found.get(&user).is_none_or(|kept| !kept.contains(&wanted)) {
        return Ok(true);
    }
    Ok(!control.topics.describe_acls(&scope(id)).await?.is_superset(&rights(id)))
}

/// Makes the user and gives it its rights, until the brokers know. What else somebody allowed it stays.
///
/// # Errors
/// Kafka is away or refuses.
pub async fn ensure(control: &Control, id: &WorkspaceId) -> Result<(), OperatorError> {
    let Some(principals) = control.principals() else { return Ok(()) };
    control.topics.upsert_user(&principals.login(id), principals.credential().iterations).await?;
    control.topics.create_acls(&rights(id).into_iter().collect::<Vec<_>>()).await?;
    let deadline = Instant::now() + SEEN_LIMIT;
    while is_due(control, id).await? {
        if Instant::now() >= deadline {
            return Err(OperatorError::TimedOut(SEEN_LIMIT.as_secs()));
        }
        sleep(SEEN_POLL).await;
    }
    Ok(())
}

/// Takes the user's rights and passwords away, whatever the class says now. Safe to repeat.
///
/// # Errors
/// Kafka is away or refuses.
pub async fn remove(control: &Control, id: &WorkspaceId) -> Result<(), OperatorError> {
    control.topics.delete_acls(&scope(id)).await?;
    for mechanism in Mechanism::ALL {
        control.topics.delete_user(&user(id), mechanism).await?;
    }
    Ok(())
}

impl Principals {
    fn credential(&self) -> Credential {
        Credential { mechanism: self.mechanism, iterations: ITERATIONS + GENERATION }
    }

    /// How the workspace's own programs log in.
    pub(crate) fn login(&self, id: &WorkspaceId) -> Login {
        let user = user(id);
        let password = Password::new(self.key.derive(&user, u32::from(GENERATION)).to_text());
        Login { mechanism: self.mechanism, user, password }
    }
}

fn rights(id: &WorkspaceId) -> BTreeSet<Acl> {
    let allow = |(resource, operation)| Acl {
        principal: principal(&user(id)),
        resource,
        prefix: format!("{}.", user(id)),
        operation,
    };
    // Reading and writing imply describing.
    [(Resource::Topic, Operation::Read), (Resource::Topic, Operation::Write), (Resource::Group, Operation::Read)]
        .map(allow)
        .into()
}

fn scope(id: &WorkspaceId) -> AclScope {
    AclScope { principal: principal(&user(id)), prefix: None }
}

#[cfg(test)]
mod tests {
    use domain::ids::TopicKind;

    use super::*;

    #[test]
    fn the_rights_reach_every_topic_of_the_workspace_and_no_other_prefix() {
        let id: WorkspaceId = "aaaabbbbcccc".parse().unwrap();
        let rights = rights(&id);
        assert!(
            rights.iter().all(|right| right.prefix == "t.aaaabbbbcccc." && right.principal == "User:t.aaaabbbbcccc")
        );
        assert!(TopicKind::ALL.into_iter().all(|kind| id.topic(kind).starts_with("t.aaaabbbbcccc.")));
    }
}
