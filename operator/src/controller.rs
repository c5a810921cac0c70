//! Keeps the world as a source wants it: one task per workspace that has something to do, a few at once, each with its own
//! back-off, so that a bad workspace costs the others nothing.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use crds::WorkspaceManifest;
use sqlx::PgPool;
use tokio::{
    sync::{Notify, Semaphore, mpsc, watch},
    task::{Id, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Control, OperatorError, WorkspaceStatus,
    admission::{self, Refusal, Registered},
    brake::{Brake, Kept},
    drift::{self, Suspects},
    hosts::Claims,
    offers::Offers,
    pace::Pace,
    plan::Registration,
    provision::{Target, Wanted},
    registry::{DIRECTORY, Placed, store},
    source::{Snapshot, directory},
    status::PROVISIONING,
    term::Term,
};

mod absence;
mod attempt;
mod deletion;
mod figures;
mod hosts;
mod report;
mod tasks;

use attempt::{Attempt, LAST_RETRY, Tracked, backoff};

/// Workspaces that are worked on at once.
const CONCURRENT: usize = 8;
/// Between two looks for what was changed by hand, with a directory.
const LOOK: Duration = Duration::from_secs(60);
/// Between two reports.
const REPORT: Duration = Duration::from_millis(10);
/// One judgement: some questions to the registry, during which nothing else is judged.
const JUDGE_LIMIT: Duration = Duration::from_secs(20);

/// Provisions what the manifests in `directory` ask for, until `shutdown`. `status` always holds the newest word on every
/// workspace and every faulty file; it is first sent when the directory has been read and each manifest judged. A backend
/// that is away is waited for.
pub async fn run_directory(
    control: Control,
    directory: PathBuf,
    shutdown: CancellationToken,
    status: watch::Sender<Vec<WorkspaceStatus>>,
) {
    let (sender, snapshots) = watch::channel(None);
    let source = directory::watch(directory, sender, shutdown.clone());
    let (_offers, offers) = watch::channel(Offers::single(control.clone()));
    let (suspects, suspected) = mpsc::channel(1);
    let term = Term::alone(DIRECTORY);
    let drift = drift::watch(control.pool.clone(), term.clone(), offers.clone(), suspects, (LOOK, shutdown.clone()));
    let setup = Setup::new(control.pool, term, offers);
    let controller = run(setup, snapshots, suspected, shutdown.clone(), status);
    tokio::join!(source, drift, controller);
}

/// What a controller works with.
#[derive(Debug)]
pub struct Setup {
    /// The control database.
    pub registry: PgPool,
    /// Whose word is written.
    pub term: Term,
    /// The classes, and the ways to their backends.
    pub offers: watch::Receiver<Offers>,
    /// Where many workspaces may vanish by somebody's mistake.
    pub brake: Option<Brake>,
    /// Told when the registry holds one more that is retained.
    pub retired: Arc<Notify>,
    /// Told how many are held by it.
    pub held: watch::Sender<Held>,
}

impl Setup {
    /// Without a brake, and with nobody who is told.
    #[must_use]
    pub fn new(registry: PgPool, term: Term, offers: watch::Receiver<Offers>) -> Self {
        Self { registry, term, offers, brake: None, held: watch::Sender::default(), retired: Arc::default() }
    }
}

/// By class: how many workspaces go on without a manifest of their own until a person says that they are meant to go.
pub type Held = BTreeMap<String, usize>;

/// Provisions what a source wants, until `shutdown` or the source's end. `suspected` names places that are not as they were
/// left.
pub async fn run(
    setup: Setup,
    mut snapshots: watch::Receiver<Option<Snapshot>>,
    mut suspected: mpsc::Receiver<Suspects>,
    shutdown: CancellationToken,
    status: watch::Sender<Vec<WorkspaceStatus>>,
) {
    let mut offers = setup.offers.clone();
    let mut controller = Controller::new(setup, shutdown.clone());
    // The first word is worth sending even if it says that there is nothing.
    let (mut told, mut pace, mut due) = (false, Pace::new(REPORT), false);
    loop {
        let wake = controller.next_wake();
        tokio::select! {
            () = sleep_until(pace.next()), if due => {
                let begun = Instant::now();
                due = false;
                let report = controller.report();
                let news = status.send_if_modified(|current| {
                    let news = !told || *current != report;
                    *current = report;
                    news
                });
                told = true;
                if news {
                    figures::told(&status.borrow());
                }
                pace.looked(begun);
                continue;
            }
            () = shutdown.cancelled() => break,
            changed = snapshots.changed() => match changed {
                Ok(()) => {
                    let snapshot = snapshots.borrow_and_update().clone();
                    controller.take(snapshot.unwrap_or_default()).await;
                }
                Err(_) => break,
            },
            Ok(()) = offers.changed() => {
                if controller.judged {
                    controller.reconcile(0, true).await;
                }
            }
            Some(suspects) = suspected.recv() => controller.look_closely(&suspects),
            Some(joined) = controller.running.join_next_with_id() => controller.finished(joined).await,
            () = sleep_until(wake) => controller.wake().await,
        }
        due = controller.has_a_word();
    }
    controller.drain().await;
}

struct Controller {
    /// The end of its time, which it finds out by itself when another leads.
    over: CancellationToken,
    registry: PgPool,
    term: Term,
    offers: watch::Receiver<Offers>,
    brake: Option<Brake>,
    retired: Arc<Notify>,
    /// What the registry holds of the brake's memory, once it was read.
    kept: Option<BTreeMap<String, Kept>>,
    /// When absences are judged again.
    settling: Option<Instant>,
    held: watch::Sender<Held>,
    snapshot: Snapshot,
    /// A snapshot has been taken; before, there is nothing to tell.
    judged: bool,
    /// Per manifest of the snapshot, in the same order.
    refusals: Vec<Option<Refusal>>,
    tracked: HashMap<String, Tracked>,
    /// The places where something is wanted, by the newest judgement.
    wanted: HashSet<String>,
    /// The registry's active rows by place, as last read.
    rows: HashMap<String, Registration>,
    /// Who has which host name, as last read.
    hosts: Claims,
    running: JoinSet<Attempt>,
    tasks: HashMap<Id, String>,
    slots: Arc<Semaphore>,
    /// The registry could not be read for this snapshot; when to try again, and how often it failed.
    pending: Option<(Instant, u32)>,
}

impl Controller {
    fn new(setup: Setup, over: CancellationToken) -> Self {
        Self {
            over,
            registry: setup.registry,
            term: setup.term,
            offers: setup.offers,
            brake: setup.brake,
            retired: setup.retired,
            kept: None,
            settling: None,
            held: setup.held,
            snapshot: Snapshot::default(),
            judged: false,
            refusals: Vec::new(),
            tracked: HashMap::new(),
            wanted: HashSet::new(),
            rows: HashMap::new(),
            hosts: Claims::new(),
            running: JoinSet::new(),
            tasks: HashMap::new(),
            slots: Arc::new(Semaphore::new(CONCURRENT)),
            pending: None,
        }
    }

    async fn take(&mut self, snapshot: Snapshot) {
        self.snapshot = snapshot;
        self.judged = true;
        // In a directory all is one person's; in a cluster one tenant's change must not undo another's back-off.
        self.reconcile(0, self.brake.is_none()).await;
    }

    /// Whether there is anything to tell. A directory is told of its faults even while the registry is away; what a cluster
    /// was told stays as it is until its newest snapshot has been judged.
    fn has_a_word(&self) -> bool {
        self.judged && (self.brake.is_none() || self.pending.is_none())
    }

    /// Judges the snapshot against the registry and starts what there is to do. `hurry` tries at once what waits.
    async fn reconcile(&mut self, failures: u32, hurry: bool) {
        let judged = timeout(JUDGE_LIMIT, self.judge()).await;
        match judged.unwrap_or(Err(OperatorError::TimedOut(JUDGE_LIMIT.as_secs()))) {
            Ok(targets) => {
                self.pending = None;
                self.aim_at(targets, hurry);
            }
            Err(OperatorError::Deposed) => self.deposed(),
            Err(error) => {
                tracing::warn!(%error, "the control registry is not readable; trying again");
                self.refuse_all(&error);
                self.pending = Some((Instant::now() + backoff(failures), failures + 1));
            }
        }
    }

    fn deposed(&self) {
        if !self.over.is_cancelled() {
            tracing::warn!("another operator leads now; nothing more is done here");
            self.over.cancel();
        }
    }

    /// What is wanted where, by the registry as it is now.
    async fn judge(&mut self) -> Result<Vec<Target>, OperatorError> {
        let mut rows = store::active(&self.registry, &self.term.source).await?;
        let registered: HashMap<String, Registered> = rows
            .iter()
            .map(|Placed { place, row }| {
                let (handle, class) = (row.spec.handle.to_string(), row.spec.class_name.clone());
                (place.clone(), Registered { handle, class, namespace_uid: row.spec.namespace_uid.clone() })
            })
            .collect();
        let offers = self.offers.borrow().clone();
        let find = |asked: Option<&str>, bound: Option<&str>| offers.find(asked, bound).map(Control::class);
        let namespaces = self.snapshot.namespaces.as_ref();
        let verdicts = admission::admit(&self.term, &self.snapshot.manifests, namespaces, &registered, find);
        self.refusals.clear();
        let mut targets = Vec::new();
        for verdict in verdicts {
            match verdict {
                Ok(target) => {
                    self.refusals.push(None);
                    targets.push(target);
                }
                Err(refusal) => self.refusals.push(Some(refusal)),
            }
        }
        self.record_policies(&mut rows).await?;
        self.claim_hosts(&rows).await?;
        for place in self.retired(&registered).await? {
            tracing::info!(place, "its manifest is gone; the workspace is retained");
            targets.push(Target { term: self.term.clone(), place, wanted: Wanted::Absent });
        }
        self.rows = rows.into_iter().map(|placed| (placed.place, placed.row)).collect();
        self.pause(&mut targets);
        Ok(targets)
    }

    fn aim_at(&mut self, targets: Vec<Target>, hurry: bool) {
        // A place where nothing is to be done needs no memory.
        self.wanted = targets.iter().map(|target| target.place.clone()).collect();
        self.tracked.retain(|place, tracked| {
            let wanted = self.wanted.contains(place);
            if !wanted {
                tracked.called_off.cancel();
            }
            tracked.running || wanted
        });
        for target in targets {
            self.aim(target, hurry);
        }
    }

    /// `spec.paused` leaves a workspace as it is.
    fn pause(&mut self, targets: &mut Vec<Target>) {
        for (manifest, refusal) in self.snapshot.manifests.iter().zip(&mut self.refusals) {
            if manifest.spec.paused && refusal.is_none() {
                let place = manifest.place();
                targets.retain(|target| target.place != place);
                let message = "it is left as it is, until this is false".to_owned();
                *refusal = Some(Refusal { reason: "Paused", field: "spec.paused", message });
            }
        }
    }

    fn aim(&mut self, target: Target, hurry: bool) {
        let place = target.place.clone();
        match self.tracked.get_mut(&place) {
            Some(tracked) if tracked.target == target => {
                // Whatever made it wait may have gone with this change.
                if hurry && tracked.retry.is_some() {
                    tracked.attempts = 0;
                    self.start(&place);
                }
            }
            Some(tracked) => {
                tracked.called_off.cancel();
                tracked.target = target;
                tracked.attempts = 0;
                tracked.stale = tracked.running;
                if !tracked.running {
                    self.start(&place);
                }
            }
            None => {
                let called_off = CancellationToken::new();
                let (retry, problem) = (None, None);
                let tracked = Tracked { target, attempts: 0, retry, running: false, stale: false, called_off, problem };
                self.tracked.insert(place.clone(), tracked);
                self.start(&place);
            }
        }
    }

    /// Before the registry was read once, nobody knows more than this of any manifest.
    fn refuse_all(&mut self, error: &OperatorError) {
        self.refusals.resize(self.snapshot.manifests.len(), None);
        let places: Vec<String> = self.snapshot.manifests.iter().map(WorkspaceManifest::place).collect();
        for (refusal, place) in self.refusals.iter_mut().zip(places) {
            if !self.tracked.contains_key(&place) {
                let message = error.to_string();
                *refusal = Some(Refusal { reason: PROVISIONING, field: "control registry", message });
            }
        }
    }

    fn next_wake(&self) -> Instant {
        // While the registry is away, nobody knows what is wanted: whatever else is due waits for it.
        if let Some((at, _)) = self.pending {
            return at;
        }
        let retries = self.tracked.values().filter_map(|tracked| tracked.retry);
        retries.chain(self.settling).min().unwrap_or_else(|| Instant::now() + LAST_RETRY)
    }

    async fn wake(&mut self) {
        let now = Instant::now();
        if let Some((_, failures)) = self.pending.filter(|(at, _)| *at <= now) {
            self.reconcile(failures, false).await;
        } else if self.settling.is_some_and(|at| at <= now) {
            self.settling = None;
            self.reconcile(0, false).await;
        }
        if self.pending.is_some() {
            // Nobody knows what is wanted now.
            return;
        }
        let due: Vec<String> = self
            .tracked
            .iter()
            .filter(|(_, tracked)| tracked.retry.is_some_and(|retry| retry <= now))
            .map(|(place, _)| place.clone())
            .collect();
        for place in due {
            self.start(&place);
        }
    }
}
