//! The Secret that holds an owner's link.

use std::{collections::BTreeMap, time::Duration};

use domain::WorkspaceId;
use k8s_openapi::{
    api::core::v1::Secret,
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
    jiff::{SignedDuration, Timestamp},
};
use kube::{
    Api, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use tokio::time::timeout;

use super::OwnerLink;

/// Selects all of them.
pub const SELECTOR: &str = "threadly.dev/secret=owner-link";
const KIND: (&str, &str) = ("threadly.dev/secret", "owner-link");
/// Whose it is: the workspace's identity, and its object for people.
const WORKSPACE: &str = "threadly.dev/workspace-id";
const PLACE: &str = "threadly.dev/workspace";
/// When the link is void.
const VOID: &str = "threadly.dev/void-after";
/// A link that is void within this is made anew.
const RENEW: SignedDuration = SignedDuration::from_hours(24);
const WRITE_LIMIT: Duration = Duration::from_secs(15);

/// The name of a workspace's.
pub fn name(id: &WorkspaceId) -> String {
    format!("owner-{id}")
}

/// Whose it is.
pub fn workspace(secret: &Secret) -> Option<WorkspaceId> {
    secret.labels().get(WORKSPACE)?.parse().ok().filter(|id| name(id) == secret.name_any())
}

/// It holds a link for this address that is good for a while.
pub fn is_good(secret: &Secret, email: &str, now: Timestamp) -> bool {
    let field = |name: &str| secret.data.as_ref().and_then(|data| data.get(name)).map(|value| value.0.as_slice());
    let void: Option<Timestamp> = secret.annotations().get(VOID).and_then(|void| void.parse().ok());
    field("email") == Some(email.as_bytes())
        && field("url").is_some_and(|url| !url.is_empty())
        && void.is_some_and(|void| now + RENEW < void)
}

fn made(id: &WorkspaceId, place: &str, link: &OwnerLink, now: Timestamp) -> Secret {
    let text = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let seconds = i64::try_from(link.lifetime.as_secs()).unwrap_or(i64::MAX);
    let void = Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(now).to_string();
    let labels = [KIND, (WORKSPACE, id.as_str()), ("app.kubernetes.io/managed-by", "threadly-operator")];
    Secret {
        metadata: ObjectMeta {
            name: Some(name(id)),
            labels: Some(text(&labels)),
            annotations: Some(text(&[(PLACE, place), (VOID, &void)])),
            ..ObjectMeta::default()
        },
        string_data: Some(text(&[("url", &link.url), ("email", &link.email)])),
        ..Secret::default()
    }
}

/// Writes a link into a workspace's Secret; whether that is done.
pub async fn write(api: &Api<Secret>, id: &WorkspaceId, place: &str, link: &OwnerLink, is_there: bool) -> bool {
    let (name, secret) = (name(id), made(id, place, link, Timestamp::now()));
    if !is_there {
        match timeout(WRITE_LIMIT, api.create(&PostParams::default(), &secret)).await {
            Ok(Ok(_)) => return true,
            // From a former life, without its label: it becomes ours.
            Ok(Err(kube::Error::Api(status))) if status.code == 409 => {}
            done => return report(&name, done.map(|done| done.map(drop))),
        }
    }
    let patched = timeout(WRITE_LIMIT, api.patch(&name, &PatchParams::default(), &Patch::Merge(&secret))).await;
    report(&name, patched.map(|done| done.map(drop)))
}

/// Removes one; if that fails, it is seen again.
pub async fn remove(api: &Api<Secret>, name: &str) {
    let removed = timeout(WRITE_LIMIT, api.delete(name, &DeleteParams::default())).await;
    report(name, removed.map(|done| done.map(drop)));
}

fn report(name: &str, done: Result<Result<(), kube::Error>, tokio::time::error::Elapsed>) -> bool {
    match done {
        Ok(Ok(())) => true,
        Ok(Err(kube::Error::Api(status))) if status.code == 404 => false,
        Ok(Err(error)) => {
            tracing::warn!(name, %error, "an owner's Secret is not as it should be; trying again");
            false
        }
        Err(_) => {
            tracing::warn!(name, "the API server did not answer; trying again");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::ByteString;

    use super::*;

    #[test]
    fn a_link_is_good_for_its_address_until_a_day_before_its_end() {
        let id: WorkspaceId = "abcdefghijkl".parse().unwrap();
        let (url, email) = ("http://a/#ticket=t".to_owned(), "a@b.example".to_owned());
        let link = OwnerLink { url, email, lifetime: Duration::from_hours(72) };
        let now = Timestamp::from_second(1_000_000).unwrap();
        let mut secret = made(&id, "team/acme", &link, now);
        assert_eq!(workspace(&secret), Some(id.clone()));
        // As the API server gives it back.
        let data = secret.string_data.take().unwrap();
        secret.data = Some(data.into_iter().map(|(key, value)| (key, ByteString(value.into_bytes()))).collect());
        assert!(is_good(&secret, "a@b.example", now));
        assert!(is_good(&secret, "a@b.example", now + SignedDuration::from_hours(47)));
        assert!(!is_good(&secret, "a@b.example", now + SignedDuration::from_hours(48)));
        assert!(!is_good(&secret, "c@b.example", now), "another owner");
        secret.data.as_mut().unwrap().remove("url");
        assert!(!is_good(&secret, "a@b.example", now));
        secret.metadata.name = Some("owner-else".to_owned());
        assert_eq!(workspace(&secret), None, "a label by hand takes no other Secret along");
    }
}
