//! Backends that refuse, hang, or answer by halves, in the middle of whatever is done: once they are well again, all is as
//! it was asked for, and nothing is lost that nobody gave up.
//!
//! Four lanes run side by side, one for each backend and one for the registry, each with a controller, a registry and workspaces of its own, and
//! with a way to its backend that can be spoilt. In a lane the faults follow each other, and under each fault all acts are
//! done at once. Kafka's broker sends its clients back to the spoilt way, so that no connection goes around it.

mod lane;

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use anyhow::Context as _;
use crds::WorkspaceManifest;
use domain::WorkspaceId;
use operator::{
    Control, OperatorError,
    purge::{self, purge},
};
use testkit::{
    servers::{
        OwnKafka,
        proxy::{Fault, Half, Proxy},
    },
    wait,
};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use self::lane::{Row, rows};
use crate::{
    driven::Driven,
    lab::{Lab, manifest},
    marks::{IN_THE_END, Looker, Marked, is_gone},
};

const SOURCE: &str = "half-answers";
const REGISTRY: &str = "registry";
/// How long a fault lasts.
const SPOILT: Duration = Duration::from_secs(2);
/// One attempt at a purge, as the operator ends one after a while.
const PURGE_LIMIT: Duration = Duration::from_secs(20);
const PURGE_RETRY: Duration = Duration::from_millis(250);

const fn half(first: usize, growing: usize) -> Half {
    Half { first, growing }
}

/// The figures step through greetings, first answers and whole conversations.
const FAULTS: [(&str, Fault); 6] = [
    ("refuses", Fault::Refuses),
    ("cut at 0+7n", Fault::Cuts(half(0, 7))),
    ("cut at 60+90n", Fault::Cuts(half(60, 90))),
    ("cut at 500+300n", Fault::Cuts(half(500, 300))),
    ("hangs", Fault::Hangs),
    ("silent at 20+200n", Fault::FallsSilent(half(20, 200))),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Create,
    Change,
    Suspend,
    Retire,
    Restore,
    Purge,
}

impl Act {
    const ALL: [Self; 6] = [Self::Create, Self::Change, Self::Suspend, Self::Retire, Self::Restore, Self::Purge];
}

/// A way to one backend that can be spoilt, and all that is done over it.
struct Lane {
    name: &'static str,
    lab: Lab,
    looker: Looker,
    proxy: Proxy,
    driven: Driven,
    /// By name.
    wanted: BTreeMap<String, WorkspaceManifest>,
    /// All that is in service or retained, those too that no act is about.
    marked: Vec<Marked>,
    /// Whose turn it is to be purged, retired and restored.
    doomed: WorkspaceId,
    leaving: String,
    back: WorkspaceId,
    cases: Vec<(&'static str, [u32; 6])>,
    /// Lives as long as its lane.
    _kafka: Option<OwnKafka>,
}

/// What is expected of one phase.
struct Phase {
    number: usize,
    created: String,
    left: WorkspaceId,
    restored: String,
}

fn place(name: &str) -> String {
    format!("default/{name}")
}

impl Lane {
    /// All acts under one fault, until all is as it should be once the fault is over.
    async fn phase(&mut self, number: usize) -> anyhow::Result<()> {
        let (label, fault) = FAULTS[number];
        let left = self.ready(&self.leaving).await?;
        let phase = Phase {
            number,
            created: format!("created-{number}"),
            left: left.clone(),
            restored: format!("restored-{number}"),
        };
        self.driven.failures.forget();
        self.proxy.spoil(Some(fault));
        let mut purging = Some(self.start_purge());
        self.ask_for(&phase)?;
        let begun = Instant::now();
        let proxy = &self.proxy;
        wait::until("somebody meets the fault", IN_THE_END, async || (proxy.spoilt() > 0).then_some(())).await?;
        sleep(SPOILT.saturating_sub(begun.elapsed())).await;
        proxy.spoil(None);

        let mut tries = [0; 6];
        let all = wait::until("all is as it was asked for", IN_THE_END, async || {
            let rows = rows(&self.lab.control.pool).await.ok()?;
            for (index, act) in Act::ALL.into_iter().enumerate().filter(|(_, act)| *act != Act::Purge) {
                if tries[index] == 0 && self.is_done(act, &phase, &rows) {
                    tries[index] = self.tries(act, &phase) + 1;
                }
            }
            if purging.as_ref().is_some_and(JoinHandle::is_finished) {
                tries[5] = purging.take()?.await.ok()?;
            }
            (!tries.contains(&0) && self.is_done(Act::Purge, &phase, &rows)).then_some(())
        });
        let all = all.await;
        all.with_context(|| {
            let failures = &self.driven.failures;
            format!("{}, {label}: {:?} took {tries:?} tries (0: no end); {failures:?}", self.name, Act::ALL)
        })?;
        println!("{} {label}: {:.1} s", self.name, begun.elapsed().as_secs_f32());
        self.cases.push((label, tries));
        self.look(&phase).await.with_context(|| format!("{}, {label}", self.name))?;

        // What was made is purged next, what has left comes back, and what came back leaves.
        self.doomed = self.retire(&phase.created).await?;
        (self.leaving, self.back) = (phase.restored, left);
        Ok(())
    }

    fn ask_for(&mut self, phase: &Phase) -> anyhow::Result<()> {
        let number = phase.number;
        let policy = if number.is_multiple_of(2) { "Delete" } else { "Retain" };
        let change = format!("{}  displayName: Phase {number}\n  deletionPolicy: {policy}\n", handle("changed"));
        let suspend = format!("{}  suspended: {}\n", handle("suspended"), number.is_multiple_of(2));
        let restore = format!("{}  restore: {{retainedWorkspace: {}}}\n", handle(&phase.restored), self.back);
        self.wanted.remove(&self.leaving);
        for (name, more) in [
            ("changed", change),
            ("suspended", suspend),
            (&phase.restored, restore),
            (&phase.created, handle(&phase.created)),
        ] {
            self.wanted.insert(name.to_owned(), manifest(name, &more)?);
        }
        self.want();
        Ok(())
    }

    /// Purges until it succeeds; answers how many attempts that took.
    fn start_purge(&self) -> JoinHandle<u32> {
        let (control, term, id) = (self.spoilt().clone(), self.driven.term.clone(), self.doomed.clone());
        tokio::spawn(async move {
            let mut tries = 1;
            loop {
                match timeout(PURGE_LIMIT, purge(&control, &term, &id)).await {
                    Ok(Ok(())) => return tries,
                    // Only that it had ended was not heard.
                    Ok(Err(OperatorError::NoTicket(_))) => return tries,
                    Ok(Err(_)) | Err(_) => tries += 1,
                }
                sleep(PURGE_RETRY).await;
            }
        })
    }

    const fn spoilt(&self) -> &Control {
        &self.driven.control
    }

    fn is_done(&self, act: Act, phase: &Phase, rows: &[Row]) -> bool {
        let even = phase.number.is_multiple_of(2);
        let at = |name: &str| rows.iter().find(|row| row.place == place(name) && row.state == "Active");
        match act {
            Act::Create => at(&phase.created).is_some_and(|row| row.ready),
            Act::Change => at("changed").is_some_and(|row| {
                row.display_name == format!("Phase {}", phase.number) && row.purge_after_days.is_some() == even
            }),
            Act::Suspend => at("suspended").is_some_and(|row| row.suspended == even),
            Act::Retire => rows.iter().any(|row| row.id == phase.left.as_str() && row.state == "Retained"),
            Act::Restore => at(&phase.restored).is_some_and(|row| row.id == self.back.as_str() && row.ready),
            Act::Purge => rows.iter().any(|row| row.id == self.doomed.as_str() && row.state == "Purged"),
        }
    }

    fn tries(&self, act: Act, phase: &Phase) -> u32 {
        let name = match act {
            Act::Create => &phase.created,
            Act::Change => "changed",
            Act::Suspend => "suspended",
            Act::Retire => &self.leaving,
            Act::Restore => &phase.restored,
            Act::Purge => return 0,
        };
        self.driven.failures.of(&place(name))
    }

    /// That everything is there which nobody purged, and nothing of what was.
    async fn look(&mut self, phase: &Phase) -> anyhow::Result<()> {
        let mut status = self.driven.status.clone();
        let count = self.wanted.len();
        let settled = status.wait_for(|all| all.len() == count && all.iter().all(|one| one.reason == "Ready"));
        let settled = timeout(IN_THE_END, settled).await.map(drop);
        settled.with_context(|| format!("not settled: {:#?}", self.driven.status.borrow()))?;
        is_gone(&self.lab, &self.doomed).await?;
        self.marked.retain(|marked| marked.id != self.doomed);
        let id = self.ready(&phase.created).await?;
        self.marked.push(self.looker.mark(&self.lab, &id).await?);
        for marked in &self.marked {
            self.looker.is_whole(&self.lab, marked).await?;
        }
        let rows = rows(&self.lab.control.pool).await?;
        let states = |state: &str| rows.iter().filter(|row| row.state == state).count();
        anyhow::ensure!(states("Active") == count && states("Retained") == 1, "there are others");
        Ok(())
    }
}

/// Handles are the registry's, and each lane has its own; a restored workspace may take another.
fn handle(name: &str) -> String {
    format!("  handle: {name}\n")
}

async fn lane(backend: &'static str) -> anyhow::Result<Lane> {
    let mut lane = Box::pin(Lane::start(backend)).await?;
    // In the registry an answer that breaks off without a word may cost an attempt all of its time.
    let faults = if backend == REGISTRY { FAULTS.len() - 1 } else { FAULTS.len() };
    for number in 0..faults {
        Box::pin(lane.phase(number)).await?;
    }
    Ok(lane)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_act_ends_as_asked_for_after_every_fault_of_every_backend() -> anyhow::Result<()> {
    let begun = Instant::now();
    let lanes = ["Postgres", "Kafka", "object store", REGISTRY].map(lane);
    let lanes = futures::future::try_join_all(lanes).await?;
    let mut table = format!("{:<13}{:<19}", "backend", "fault");
    for act in Act::ALL {
        write!(table, "{:>9}", format!("{act:?}"))?;
    }
    let mut cases = 0;
    for lane in &lanes {
        for (fault, tries) in &lane.cases {
            write!(table, "\n{:<13}{fault:<19}", lane.name)?;
            for tries in tries {
                cases += 1;
                write!(table, "{tries:>9}")?;
            }
        }
    }
    println!("{cases} cases in {:.0} s; tries until each ended as asked for:\n{table}", begun.elapsed().as_secs_f32());
    assert_eq!(cases, (4 * FAULTS.len() - 1) * Act::ALL.len());
    assert!(lanes[0].cases.iter().any(|(_, tries)| tries[0] > 1), "no fault was met, or nobody counted");
    for lane in lanes {
        drop(lane.driven);
        lane.lab.control.close().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_that_were_given_up_use_up_no_connections() -> anyhow::Result<()> {
    let lane = Box::pin(Lane::start("Postgres")).await?;
    let ask = async || purge::observe(lane.spoilt(), &lane.back).await;
    // As many as the pool has, all of them known to be well.
    futures::future::try_join_all((0..8).map(|_| ask())).await?;
    // The pool's own question is answered yet.
    lane.proxy.spoil(Some(Fault::FallsSilent(half(6, 0))));
    let given_up = (0..8).map(|_| timeout(SPOILT, ask()));
    assert!(futures::future::join_all(given_up).await.iter().any(Result::is_err));
    lane.proxy.spoil(None);
    wait::until("there are connections", IN_THE_END, async || ask().await.ok()).await?;
    drop(lane.driven);
    lane.lab.control.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_that_falls_silent_in_the_middle_stops_nobody_for_good() -> anyhow::Result<()> {
    let mut lane = Box::pin(Lane::start(REGISTRY)).await?;
    lane.proxy.spoil(Some(Fault::FallsSilent(half(6, 0))));
    lane.wanted.insert("late".to_owned(), manifest("late", &handle("late"))?);
    lane.want();
    let proxy = &lane.proxy;
    wait::until("somebody meets the fault", IN_THE_END, async || (proxy.spoilt() > 0).then_some(())).await?;
    proxy.spoil(None);
    lane.ready("late").await?;
    drop(lane.driven);
    lane.lab.control.close().await;
    Ok(())
}
