//! A controller that a test drives: it is handed manifests as a cluster's source would, and counts what failed.

use std::{
    collections::HashMap,
    fmt::Debug,
    sync::{Arc, Mutex},
};

use crds::{WorkspaceManifest, workspace::DeletionPolicy, workspace_class::Allowed};
use operator::{
    Control, WorkspaceStatus,
    class::Class,
    controller::{Setup, run},
    drift::Suspects,
    offers::Offers,
    source::Snapshot,
    term::Term,
};
use sqlx::PgPool;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    instrument::WithSubscriber as _,
    span,
};

/// The built-in class, which keeps what is deleted for some days where that is asked for.
pub fn class() -> Class {
    let deletion_policies = vec![DeletionPolicy::Retain, DeletionPolicy::Delete];
    let allowed = Allowed { deletion_policies, ..Allowed::default() };
    Class { purge_after_days: Some(30), allowed, ..Class::standard() }
}

/// A controller that runs until this is dropped: then it is cut off wherever it is.
pub struct Driven {
    pub control: Control,
    pub term: Term,
    pub failures: Failures,
    pub status: watch::Receiver<Vec<WorkspaceStatus>>,
    snapshots: watch::Sender<Option<Snapshot>>,
    suspects: mpsc::Sender<Suspects>,
    task: JoinHandle<()>,
    _offers: watch::Sender<Offers>,
}

impl Driven {
    /// Begins the next term of a source, with what is wanted now.
    pub async fn start(control: &Control, source: &str, wanted: Vec<WorkspaceManifest>) -> anyhow::Result<Self> {
        let registry: PgPool = control.pool.clone();
        let term = Term::begin(&registry, source.into(), "test").await?;
        let (offers, offered) = watch::channel(Offers::single(control.clone()));
        let (snapshots, taken) = watch::channel(Some(snapshot(wanted)));
        let ((suspects, suspected), (told, status)) = (mpsc::channel(16), watch::channel(Vec::new()));
        // The controller takes a first snapshot as a change.
        let mut taken = taken;
        taken.mark_changed();
        let setup = Setup::new(registry, term.clone(), offered);
        let failures = Failures::default();
        let running = run(setup, taken, suspected, CancellationToken::new(), told);
        let task = tokio::spawn(running.with_subscriber(failures.clone()));
        Ok(Self { control: control.clone(), term, failures, status, snapshots, suspects, task, _offers: offers })
    }

    /// All that is wanted from now on.
    pub fn want(&self, wanted: Vec<WorkspaceManifest>) {
        self.snapshots.send_replace(Some(snapshot(wanted)));
    }

    /// Says that places may not be as they were left.
    pub fn suspect(&self, places: Vec<String>) {
        // Full, it looks at others first.
        let _ = self.suspects.try_send(places);
    }

    /// Whether it has ended by itself, as it does when another leads.
    pub fn has_ended(&self) -> bool {
        self.task.is_finished()
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn snapshot(manifests: Vec<WorkspaceManifest>) -> Snapshot {
    Snapshot { manifests, ..Snapshot::default() }
}

/// Failed attempts by place, from what the controller logs of them: how many, and the last one's words.
#[derive(Clone, Debug, Default)]
pub struct Failures(Arc<Mutex<HashMap<String, (u32, String)>>>);

impl Failures {
    pub fn of(&self, place: &str) -> u32 {
        self.0.lock().unwrap().get(place).map_or(0, |(count, _)| *count)
    }

    pub fn forget(&self) {
        self.0.lock().unwrap().clear();
    }
}

impl Subscriber for Failures {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::WARN && metadata.target().starts_with("operator::controller")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut words = Words::default();
        event.record(&mut words);
        if let (Some(place), Some(error)) = (words.0.remove("place"), words.0.remove("error")) {
            let mut failures = self.0.lock().unwrap();
            let (count, last) = failures.entry(place).or_default();
            (*count, *last) = (*count + 1, error);
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// An event's fields.
#[derive(Default)]
struct Words(HashMap<&'static str, String>);

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}
