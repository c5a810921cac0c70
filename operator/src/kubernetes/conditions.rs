//! What a Workspace's status says, from what the operator knows. Pure.

use crds::workspace_status::{ResourcesStatus, WorkspaceStatus as Told};
use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::Timestamp,
};

use crate::status::{Part, PartState, WorkspaceStatus};

/// Longest message of a condition; the API server takes 32,768.
const MESSAGE: usize = 1024;

/// What a condition says, without when.
#[derive(Clone, Copy)]
struct Word<'a> {
    kind: &'static str,
    status: &'static str,
    reason: &'a str,
    message: &'a str,
}

/// The status of an object of this generation, given what it said before. Equal to `before` if nothing has changed.
pub fn status(known: &WorkspaceStatus, url: Option<String>, before: Option<&Told>, now: Timestamp) -> Told {
    let before = before.cloned().unwrap_or_default();
    let conditions =
        words(known).into_iter().map(|word| condition(word, known.details.generation, &before, now)).collect();
    Told {
        observed_generation: known.details.generation,
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
        conditions,
        ..before
    }
}

fn words(known: &WorkspaceStatus) -> Vec<Word<'_>> {
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

fn condition(word: Word<'_>, generation: Option<i64>, before: &Told, now: Timestamp) -> Condition {
    let former = before.conditions.iter().find(|condition| condition.type_ == word.kind);
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
