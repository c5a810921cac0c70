//! What a Workspace's status says, from what the operator knows. Pure.

use crds::workspace_status::{
    HostState, HostStatus, OwnerStatus, ResourcesStatus, UsageStatus, WorkspaceStatus as Told,
};
use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::Timestamp,
};

use crate::{
    status::{Part, PartState, WorkspaceStatus},
    usage::{Usage, quantity},
};

/// Longest message of a condition; the API server takes 32,768.
const MESSAGE: usize = 1024;

/// What a condition says, without when.
#[derive(Clone, Copy)]
pub struct Word<'a> {
    /// The condition's type.
    pub kind: &'static str,
    /// True, False or Unknown.
    pub status: &'static str,
    /// Stable, one word.
    pub reason: &'a str,
    /// A plain sentence.
    pub message: &'a str,
}

/// What is told beside the operator's word; what is not known stays as it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// Where people go.
    pub url: Option<String>,
    /// What it uses.
    pub usage: Option<Usage>,
    /// The first owner's way in.
    pub owner: Option<OwnerStatus>,
}

/// The status of an object of this generation, given what it said before. Equal to `before` if nothing has changed.
pub fn status(known: &WorkspaceStatus, beside: Beside, before: Option<&Told>, now: Timestamp) -> Told {
    let before = before.cloned().unwrap_or_default();
    let Beside { url, usage, owner } = beside;
    let hosts = known.details.hosts.clone().unwrap_or(before.hosts);
    let conditions = words(known, &hosts)
        .into_iter()
        .map(|word| {
            condition(word, known.details.object.as_ref().map(|object| object.generation), &before.conditions, now)
        })
        .collect();
    Told {
        observed_generation: known.details.object.as_ref().map(|object| object.generation),
        workspace_id: known.id.as_ref().map(ToString::to_string).or(before.workspace_id),
        class_name: known.details.class.clone().or(before.class_name),
        url: known.ready.then_some(url).flatten().or(before.url),
        resources: known.id.as_ref().map(|id| ResourcesStatus {
            topic_prefix: format!("t.{id}"),
            database: id.database(),
            bucket: Some(id.bucket()),
            epoch: i32::try_from(known.details.epoch).unwrap_or(i32::MAX),
            schema_version: known.details.schema_version,
        }),
        owner: owner.or(before.owner),
        usage: usage.map(|found| used(found, before.usage.as_ref(), now)).or(before.usage),
        conditions,
        hosts,
        credentials: before.credentials,
    }
}

/// Figures that are as they were are not written again, so that an idle workspace's status stays as it is.
fn used(found: Usage, before: Option<&UsageStatus>, now: Timestamp) -> UsageStatus {
    let as_of = Timestamp::from_second(now.as_second()).unwrap_or(now).to_string();
    let (members, messages_24h) = (found.members, found.messages_24h);
    let fresh = UsageStatus { members, storage: quantity(found.storage), messages_24h, as_of };
    match before {
        Some(before) if UsageStatus { as_of: before.as_of.clone(), ..fresh.clone() } == *before => before.clone(),
        _ => fresh,
    }
}

/// What the host names have come to.
fn routes(hosts: &[HostStatus]) -> Word<'static> {
    let (status, reason, message) = if hosts.is_empty() {
        ("True", "NotAsked", "it asks for no host names")
    } else if hosts.iter().any(|host| host.state == HostState::Taken) {
        ("False", "HostTaken", "an older workspace has a name that it asks for: status.hosts says which")
    } else {
        ("False", "NotRouted", "the names are its own; this version makes no routes for them")
    };
    Word { kind: "RoutesReady", status, reason, message }
}

fn words<'a>(known: &'a WorkspaceStatus, hosts: &[HostStatus]) -> Vec<Word<'a>> {
    let truth = |yes: bool| if yes { "True" } else { "False" };
    let (reason, message) = (known.reason.as_str(), known.message.as_str());
    let mut words =
        vec![Word { kind: "Ready", status: truth(known.ready && !known.details.suspended), reason, message }];
    if known.ready && known.details.suspended {
        words[0] = Word { kind: "Ready", status: "False", reason: "Suspended", message: "spec.suspended is true" };
    }
    for part in Part::ALL {
        let state = known.details.parts.get(&part).copied().unwrap_or(PartState::Pending);
        let (status, reason, message) = match state {
            PartState::InOrder => ("True", "InOrder", ""),
            PartState::Pending => ("False", "Provisioning", "it is being made"),
            PartState::Unknown => ("Unknown", reason, message),
            PartState::Faulty => ("False", reason, message),
        };
        words.push(Word { kind: part.condition(), status, reason, message });
    }
    words.push(routes(hosts));
    let flag = |kind, on: bool, field| {
        let (reason, message) = if on { ("Wanted", field) } else { ("NotWanted", "") };
        Word { kind, status: truth(on), reason, message }
    };
    words.push(flag("Suspended", known.details.suspended, "spec.suspended is true"));
    words.push(flag("Paused", known.details.paused, "spec.paused is true: the operator leaves it as it is"));
    let (reconciling, stalled) = (known.is_under_way(), known.is_stalled());
    let under_way = if reconciling { (reason, message) } else { ("Settled", "") };
    words.push(Word { kind: "Reconciling", status: truth(reconciling), reason: under_way.0, message: under_way.1 });
    let stuck = if stalled { (reason, message) } else { ("CanRecover", "") };
    words.push(Word { kind: "Stalled", status: truth(stalled), reason: stuck.0, message: stuck.1 });
    words
}

/// A word as a condition; it says since when, by what stood there before.
pub fn condition(word: Word<'_>, generation: Option<i64>, before: &[Condition], now: Timestamp) -> Condition {
    let former = before.iter().find(|condition| condition.type_ == word.kind);
    let since = former.filter(|former| former.status == word.status).map(|former| former.last_transition_time.clone());
    // The API server keeps whole seconds.
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    Condition {
        type_: word.kind.to_owned(),
        status: word.status.to_owned(),
        reason: word.reason.to_owned(),
        message: word.message.chars().take(MESSAGE).collect(),
        observed_generation: generation,
        last_transition_time: since.unwrap_or(Time(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_dated_when_it_changes_and_only_then() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let usage = Usage { members: 3, storage: 8 << 20, messages_24h: 5 };
        let first = used(usage, None, at(1_000));
        assert_eq!((first.members, &*first.storage, first.messages_24h), (3, "8Mi", 5));
        assert_eq!(first.as_of, "1970-01-01T00:16:40Z");
        assert_eq!(used(Usage { storage: (8 << 20) - 1, ..usage }, Some(&first), at(2_000)), first);
        let second = used(Usage { messages_24h: 6, ..usage }, Some(&first), at(2_000));
        assert_eq!((second.messages_24h, &*second.as_of), (6, "1970-01-01T00:33:20Z"));
    }
}
