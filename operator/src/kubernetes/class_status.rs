//! What the status of WorkspaceClass objects says: whether the class can be used, who its backends are, and how many
//! workspaces it has. Written as statuses of Workspaces are: over whatever stands there, and only if that differs.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use crds::{
    WorkspaceClass,
    workspace_class::{BackendIdentities, WorkspaceClassStatus as Told, WorkspaceCounts},
};
use k8s_openapi::jiff::Timestamp;
use kube::{
    Api, Client, Resource as _, ResourceExt as _,
    api::PostParams,
    runtime::events::{Event, EventType, Recorder, Reporter},
};
use sqlx::PgPool;
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    conditions::{Word, condition},
    objects::{Objects, decode},
};
use crate::{
    WorkspaceStatus,
    controller::Held,
    offers::{Known, Offer, Offers},
    registry::{counts, counts::Counts},
    status::HELD,
};

/// Changes that come together are one writing: while many workspaces are made, their number changes all the time.
const GATHER: Duration = Duration::from_secs(1);
/// What is retained or purged is told by nobody.
const LOOK: Duration = Duration::from_secs(15);
const WRITE_LIMIT: Duration = Duration::from_secs(15);
/// The reason of a class in which everything is as it should be.
const READY: &str = "Ready";

/// Keeps the statuses of classes.
pub struct ClassWriter {
    client: Client,
    recorder: Recorder,
    classes: Objects,
    registry: PgPool,
    source: Arc<str>,
    /// By class: what an event was told of last.
    told: HashMap<String, (String, String)>,
}

/// All that a class's status is made from.
struct Facts<'a> {
    offer: &'a Offer,
    known: Option<&'a Known>,
    /// None while nobody knows.
    counts: Option<WorkspaceCounts>,
    held: usize,
    capacity: Option<u32>,
}

impl ClassWriter {
    pub fn new(client: Client, classes: Objects, registry: PgPool, source: Arc<str>) -> Self {
        let reporter = Reporter { controller: "threadly-operator".to_owned(), instance: None };
        let recorder = Recorder::new(client.clone(), reporter);
        Self { client, recorder, classes, registry, source, told: HashMap::new() }
    }

    /// Keeps all of them as the operator knows them, until `shutdown`; `changed` says that a class or an offer has changed.
    pub async fn keep(
        mut self,
        offers: watch::Receiver<Offers>,
        (mut words, mut held): (watch::Receiver<Vec<WorkspaceStatus>>, watch::Receiver<Held>),
        changed: Arc<Notify>,
        shutdown: CancellationToken,
    ) {
        let kept = async {
            // Before the first word, nobody knows how many are ready.
            let mut spoken = false;
            loop {
                tokio::select! {
                    () = changed.notified() => {}
                    word = words.changed() => {
                        if word.is_err() {
                            return;
                        }
                        spoken = true;
                    }
                    Ok(()) = held.changed() => {}
                    () = sleep(LOOK) => {}
                }
                sleep(GATHER).await;
                spoken |= words.has_changed().unwrap_or_default();
                let (offers, words) = (offers.borrow().clone(), words.borrow_and_update().clone());
                let held = held.borrow_and_update().clone();
                self.write(&offers, spoken.then_some(&*words), &held).await;
            }
        };
        shutdown.run_until_cancelled(kept).await;
    }

    async fn write(&mut self, offers: &Offers, words: Option<&[WorkspaceStatus]>, held: &Held) {
        let registered = match counts::store::by_class(&self.registry, &self.source).await {
            Ok(counts) => Some(counts),
            Err(error) => {
                tracing::debug!(%error, "workspaces can't be counted");
                None
            }
        };
        let now = Timestamp::now();
        for object in self.classes.state() {
            let name = object.name_any();
            let Some(offer) = offers.classes.get(&name) else { continue };
            // What this version doesn't know can't be written back whole.
            let Ok(class) = decode::<WorkspaceClass>(&object) else { continue };
            let known = offers.known.get(&name);
            // A word about a former generation would claim too much; the next one comes.
            if known.is_none_or(|known| known.generation != object.metadata.generation) {
                continue;
            }
            // Who is held is not known before the first word.
            let held_before = class.status.as_ref().and_then(ready).is_some_and(|((_, reason), _)| reason == HELD);
            if words.is_none() && held_before {
                continue;
            }
            let facts = Facts {
                offer,
                known,
                counts: words.zip(registered.as_ref()).map(|(words, counts)| count(&name, words, counts)),
                held: held.get(&name).copied().unwrap_or_default(),
                capacity: class.spec.capacity.as_ref().map(|capacity| capacity.workspaces),
            };
            let status = status(&facts, object.metadata.generation, class.status.as_ref(), now);
            if class.status.as_ref() == Some(&status) {
                continue;
            }
            let news = self.news(&class, &status);
            put(&self.client, &WorkspaceClass { status: Some(status), ..class.clone() }).await;
            if let Some(event) = news {
                // An event that nobody hears is no reason to hold up statuses.
                let _ = timeout(WRITE_LIMIT, self.recorder.publish(&event, &class.object_ref(&()))).await;
            }
        }
        self.told.retain(|name, _| offers.classes.contains_key(name));
    }

    /// An event for what a person would want to know, once.
    fn news(&mut self, class: &WorkspaceClass, status: &Told) -> Option<Event> {
        let (word, message) = ready(status)?;
        let former = self.told.insert(class.name_any(), word.clone());
        // After a start, what stands in the status was told by somebody.
        let former = former.or_else(|| Some(ready(class.status.as_ref()?)?.0));
        if former.as_ref() == Some(&word) {
            return None;
        }
        Some(Event {
            type_: if word.1 == READY { EventType::Normal } else { EventType::Warning },
            reason: word.1,
            note: Some(if message.is_empty() { "The class can be used.".to_owned() } else { message }),
            action: "Reconcile".to_owned(),
            secondary: None,
        })
    }
}

/// What the condition Ready says: status and reason, and its message.
fn ready(status: &Told) -> Option<((String, String), String)> {
    let ready = status.conditions.iter().find(|condition| condition.type_ == "Ready")?;
    Some(((ready.status.clone(), ready.reason.clone()), ready.message.clone()))
}

fn is_of(word: &WorkspaceStatus, class: &str) -> bool {
    word.details.class.as_deref() == Some(class)
}

fn count(class: &str, words: &[WorkspaceStatus], registered: &BTreeMap<String, Counts>) -> WorkspaceCounts {
    let registered = registered.get(class).copied().unwrap_or_default();
    let ready = words.iter().filter(|word| is_of(word, class) && word.ready && !word.details.suspended).count();
    WorkspaceCounts {
        total: registered.active,
        ready: u32::try_from(ready).unwrap_or(u32::MAX),
        retained: registered.retained,
    }
}

/// The status of an object of this generation, given what it said before. Equal to `before` if nothing has changed. Pure.
fn status(facts: &Facts<'_>, generation: Option<i64>, before: Option<&Told>, now: Timestamp) -> Told {
    let before = before.cloned().unwrap_or_default();
    let counts = facts.counts.clone().or(before.workspaces);
    let total = counts.as_ref().map_or(0, |counts| counts.total);
    let (held, full) = (held(facts.held), full(facts.capacity, total));
    let words = [word_of_class(facts, &held, &full), word_of_backends(facts)];
    let conditions =
        words.into_iter().map(|word| condition(word, generation, &before.conditions, now)).collect::<Vec<_>>();
    let identities = facts.known.map(|known| BackendIdentities {
        kafka_cluster_id: known.pins.kafka.clone(),
        postgres_system_id: known.pins.postgres.clone(),
    });
    Told {
        observed_generation: generation,
        conditions,
        backends: identities.filter(|found| *found != BackendIdentities::default()).or(before.backends),
        workspaces: counts,
        schema: before.schema,
    }
}

fn word_of_class<'a>(facts: &'a Facts<'_>, held: &'a Option<String>, full: &'a Option<String>) -> Word<'a> {
    let word = |reason, message| Word { kind: "Ready", status: "False", reason, message };
    if let Offer::Closed { reason, message } = facts.offer {
        return word(reason, message);
    }
    // The object store is all that may be away while the class is open.
    if let Some(fault) = facts.known.and_then(|known| known.sight.as_ref()?.fault()) {
        return word(fault.reason, &fault.message);
    }
    match (held, full) {
        (Some(held), _) => word(HELD, held),
        (None, Some(full)) => word("ClassFull", full),
        (None, None) => Word { kind: "Ready", status: "True", reason: READY, message: "" },
    }
}

fn word_of_backends<'a>(facts: &'a Facts<'_>) -> Word<'a> {
    let word = |status, reason, message| Word { kind: "BackendsReachable", status, reason, message };
    let sight = facts.known.and_then(|known| known.sight.as_ref());
    match (facts.offer, sight) {
        (_, Some(sight)) if sight.fault().is_some() => {
            sight.fault().map_or(word("Unknown", "NotAsked", ""), |fault| word("False", fault.reason, &fault.message))
        }
        (Offer::Closed { reason: reason @ crate::backend_watch::IDENTITY_CHANGED, message }, Some(_)) => {
            word("False", reason, message)
        }
        (_, Some(_)) => word("True", "Reachable", ""),
        (Offer::Closed { reason, message }, None) => word("Unknown", reason, message),
        (Offer::Open(_), None) => word("Unknown", "NotAsked", "they have not been asked yet"),
    }
}

fn held(count: usize) -> Option<String> {
    (count > 0).then(|| {
        format!(
            "{count} of its workspaces vanished at once, or their namespaces were made anew; they go on until a person says \
             that it is meant: annotate the class with threadly.dev/allow-vanished={count}"
        )
    })
}

fn full(capacity: Option<u32>, total: u32) -> Option<String> {
    capacity.filter(|capacity| total >= *capacity).map(|capacity| {
        format!("it has {total} workspaces, and spec.capacity.workspaces is {capacity}: no more are made")
    })
}

async fn put(client: &Client, class: &WorkspaceClass) {
    let (api, name) = (Api::<WorkspaceClass>::all(client.clone()), class.name_any());
    match timeout(WRITE_LIMIT, api.replace_status(&name, &PostParams::default(), class)).await {
        Ok(Ok(_)) => {}
        // Changed or gone meanwhile: the watch tells, and then it is looked at again.
        Ok(Err(kube::Error::Api(status))) if matches!(status.code, 404 | 409) => {}
        Ok(Err(error)) => tracing::warn!(name, %error, "the class's status can't be written; trying again"),
        Err(_) => tracing::warn!(name, "the API server did not answer; trying again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend_watch::{Fault, Pins, Sight, UNREACHABLE};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn known(fault: Option<&str>) -> Known {
        let store = fault.map_or(Ok(()), |message| Err(Fault { reason: UNREACHABLE, message: message.to_owned() }));
        let sight = Sight { kafka: Ok("k".to_owned()), postgres: Ok("7".to_owned()), store };
        let pins = Pins { kafka: Some("k".to_owned()), postgres: Some("7".to_owned()) };
        Known { generation: Some(1), class: None, pins, sight: Some(sight) }
    }

    fn closed(reason: &'static str) -> Offer {
        Offer::Closed { reason, message: "why".to_owned() }
    }

    fn says(status: &Told, kind: &str) -> (String, String) {
        let found = status.conditions.iter().find(|condition| condition.type_ == kind).unwrap();
        (found.status.clone(), found.reason.clone())
    }

    #[test]
    fn a_closed_class_says_why_and_what_is_known_otherwise_stays() {
        let (offer, known) = (closed("SecretMissing"), known(None));
        let counts = Some(WorkspaceCounts { total: 3, ready: 2, retained: 1 });
        let facts = Facts { offer: &offer, known: Some(&known), counts: counts.clone(), held: 2, capacity: Some(1) };
        let first = status(&facts, Some(1), None, at(1_000));
        assert_eq!(says(&first, "Ready"), ("False".to_owned(), "SecretMissing".to_owned()));
        assert_eq!(first.backends.as_ref().unwrap().postgres_system_id.as_deref(), Some("7"));
        // Nobody can look or count any more.
        let facts = Facts { known: None, counts: None, ..facts };
        let second = status(&facts, Some(2), Some(&first), at(2_000));
        assert_eq!((&second.workspaces, &second.backends), (&counts, &first.backends));
        assert_eq!(says(&second, "BackendsReachable"), ("Unknown".to_owned(), "SecretMissing".to_owned()));
        let since = |status: &Told| status.conditions[0].last_transition_time.0;
        assert_eq!((since(&first), since(&second)), (at(1_000), at(1_000)), "it was not ready before");
        assert_eq!(second.conditions[0].observed_generation, Some(2));
        assert_eq!(status(&facts, Some(2), Some(&second), at(3_000)), second);
    }

    #[test]
    fn what_a_person_has_to_do_comes_before_what_is_full() {
        let (offer, fine) = (closed("BackendIdentityChanged"), known(None));
        let facts = Facts { offer: &offer, known: Some(&fine), counts: None, held: 0, capacity: None };
        let changed = status(&facts, Some(1), None, at(1));
        assert_eq!(says(&changed, "BackendsReachable"), ("False".to_owned(), "BackendIdentityChanged".to_owned()));
        assert!(held(0).is_none());
        assert!(held(6).is_some_and(|message| message.ends_with("threadly.dev/allow-vanished=6")));
        assert_eq!((full(None, 9), full(Some(10), 9)), (None, None));
        assert!(full(Some(9), 9).is_some() && full(Some(8), 9).is_some());
    }
}
