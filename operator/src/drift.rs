//! What was changed by hand. Once a minute, say, the backends of each class are asked for all that they have, in one request
//! each; a workspace that is not as it should be is looked at closely, and repaired or told, as any other.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use domain::ids::TopicKind;
use futures::{StreamExt as _, stream};
use sqlx::PgPool;
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Control, OperatorError, class,
    databases::store as databases_store,
    offers::{Offer, Offers},
    plan::Registration,
    registry::{Placed, store},
    term::Term,
    topic_options,
};

/// The settings of each bucket and topic are read in one of so many looks.
const PARTS: usize = 10;
/// Buckets whose settings are read at a time.
const CONCURRENT: usize = 2;
/// For the details of one class; every other question has a limit of its own.
const LIMIT: Duration = Duration::from_secs(30);

/// Places that are to be looked at closely.
pub type Suspects = Vec<String>;

/// What the backends of a class have. What a backend didn't tell is `None`, and nobody's fault.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Topics, with how many partitions each.
    pub topics: Option<HashMap<String, u16>>,
    /// Databases, and whether each is open to the fleet's two roles and nobody else.
    pub databases: Option<HashMap<String, bool>>,
    /// Buckets.
    pub buckets: Option<HashSet<String>>,
}

/// Whether a workspace that was finished is not as it was. Pure.
#[must_use]
pub fn deviates(row: &Registration, seen: &Seen) -> bool {
    let topic = |kind: TopicKind, topics: &HashMap<String, u16>| {
        topics.get(&row.id.topic(kind)) != Some(&class::partitions(kind, row.spec.message_partitions))
    };
    row.ready
        && (seen.topics.as_ref().is_some_and(|topics| TopicKind::ALL.into_iter().any(|kind| topic(kind, topics)))
            || seen.databases.as_ref().is_some_and(|databases| databases.get(&row.id.database()) != Some(&true))
            || (row.bucket_made && seen.buckets.as_ref().is_some_and(|buckets| !buckets.contains(&row.id.bucket()))))
}

/// Looks so often, until it is `over`.
pub async fn watch(
    registry: PgPool,
    term: Term,
    offers: watch::Receiver<Offers>,
    suspects: mpsc::Sender<Suspects>,
    (every, over): (Duration, CancellationToken),
) {
    let watched = async {
        for turn in (0..PARTS).cycle() {
            sleep(every).await;
            let rows = match store::active(&registry, &term.source).await {
                Ok(rows) => rows,
                Err(error) => {
                    tracing::debug!(%error, "the registry is away; looked at the next time");
                    continue;
                }
            };
            let classes = offers.borrow().classes.clone();
            let found = classes.iter().filter_map(|(name, offer)| {
                let Offer::Open(control) = offer else { return None };
                let own: Vec<&Placed> = rows.iter().filter(|placed| placed.row.spec.class_name == *name).collect();
                Some(async move { look(control, &own, turn).await })
            });
            // Classes side by side: one whose backends hang holds up no other.
            let found: Vec<Suspects> = futures::future::join_all(found).await;
            let found = found.concat();
            if !found.is_empty() {
                tracing::info!(count = found.len(), "not as they should be: looked at closely");
                if suspects.send(found).await.is_err() {
                    return;
                }
            }
        }
    };
    over.run_until_cancelled(watched).await;
}

async fn look(control: &Control, rows: &[&Placed], turn: usize) -> Suspects {
    if rows.is_empty() {
        return Suspects::new();
    }
    let (topics, databases, buckets) =
        tokio::join!(control.topics.all(), databases_store::observe_all(&control.admin), control.buckets.all());
    let databases = databases.map_err(OperatorError::postgres("listing databases"));
    let seen = Seen {
        topics: told(topics.map_err(OperatorError::from)),
        databases: told(databases),
        buckets: told(buckets.map_err(OperatorError::from)),
    };
    let differs = |row: &Registration| deviates(row, &seen) || (row.ready && row.held_on.lack(&control.identities));
    let mut suspects: Suspects =
        rows.iter().filter(|placed| differs(&placed.row)).map(|placed| placed.place.clone()).collect();
    let part: Vec<&Placed> = rows.iter().copied().filter(|placed| part_of(&placed.row) == turn).collect();
    if seen.topics.is_some() {
        suspects.extend(with_other_options(control, &part).await);
    }
    if seen.buckets.is_some() {
        // What takes too long is looked at another time; what was found until now is told.
        suspects.extend(timeout(LIMIT, with_other_buckets(control, part)).await.unwrap_or_default());
    }
    suspects
}

/// Which look the details of a workspace are part of; the same each time.
fn part_of(row: &Registration) -> usize {
    row.id.as_str().bytes().map(usize::from).sum::<usize>() % PARTS
}

/// Those whose bucket's settings are not as they should be.
async fn with_other_buckets(control: &Control, part: Vec<&Placed>) -> Suspects {
    let details = part.into_iter().map(|placed| async move {
        let bucket = placed.row.id.bucket();
        let configured = control.buckets.is_configured(&bucket, &control.bucket_settings).await;
        matches!(configured, Ok(false)).then(|| placed.place.clone())
    });
    let details: Vec<_> = details.collect();
    stream::iter(details).buffer_unordered(CONCURRENT).filter_map(|found| async { found }).collect().await
}

/// Those of which some topic's options are not as the class has them.
async fn with_other_options(control: &Control, placed: &[&Placed]) -> Suspects {
    let rows: Vec<&Registration> = placed.iter().map(|placed| &placed.row).filter(|row| row.ready).collect();
    let differing = told(topic_options::differing(control, &rows).await).unwrap_or_default();
    let has = |row: &Registration| TopicKind::ALL.into_iter().any(|kind| differing.contains(&row.id.topic(kind)));
    placed.iter().filter(|placed| has(&placed.row)).map(|placed| placed.place.clone()).collect()
}

fn told<T>(answer: Result<T, OperatorError>) -> Option<T> {
    answer.map_err(|error| tracing::debug!(%error, "a backend does not tell what it has")).ok()
}

#[cfg(test)]
mod tests {
    use crds::workspace::SignUpMode;

    use super::*;
    use crate::{backend_watch::Pins, plan::Spec};

    fn row() -> Registration {
        let spec = Spec {
            handle: "acme".parse().unwrap(),
            class_name: class::STANDARD.to_owned(),
            display_name: "Acme".to_owned(),
            owner_email: "ops@acme.example".to_owned(),
            sign_up_mode: SignUpMode::Invitation,
            sign_up_domains: Vec::new(),
            suspended: false,
            settings: Box::default(),
            message_partitions: 2,
            namespace_uid: None,
            purge_after_days: None,
        };
        let id = "aaaaaaaaaaaa".parse().unwrap();
        Registration { id, spec, ready: true, schema_version: 1, bucket_made: true, epoch: 1, held_on: Pins::default() }
    }

    fn whole(row: &Registration) -> Seen {
        let topics = TopicKind::ALL.into_iter().map(|kind| (row.id.topic(kind), class::partitions(kind, 2)));
        Seen {
            topics: Some(topics.collect()),
            databases: Some(HashMap::from([(row.id.database(), true)])),
            buckets: Some(HashSet::from([row.id.bucket()])),
        }
    }

    #[test]
    fn whatever_is_missing_or_changed_is_seen_and_a_silent_backend_accuses_nobody() {
        let row = row();
        assert!(!deviates(&row, &whole(&row)));
        assert!(!deviates(&row, &Seen::default()));
        for kind in TopicKind::ALL {
            let mut seen = whole(&row);
            seen.topics.as_mut().unwrap().remove(&row.id.topic(kind));
            assert!(deviates(&row, &seen), "{kind:?} is missing");
        }
        let mut seen = whole(&row);
        seen.topics.as_mut().unwrap().insert(row.id.topic(TopicKind::Messages), 3);
        assert!(deviates(&row, &seen), "a partition was added");
        for databases in [HashMap::new(), HashMap::from([(row.id.database(), false)])] {
            assert!(deviates(&row, &Seen { databases: Some(databases), ..whole(&row) }));
        }
        let without_bucket = Seen { buckets: Some(HashSet::new()), ..whole(&row) };
        assert!(deviates(&row, &without_bucket));
        // One that is being made is its own task's business, and one from before there were buckets has none.
        assert!(!deviates(&Registration { bucket_made: false, ..row.clone() }, &without_bucket));
        assert!(!deviates(&Registration { ready: false, ..row.clone() }, &without_bucket));
    }
}
