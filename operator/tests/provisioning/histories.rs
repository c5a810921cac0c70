//! Random histories over real backends: people change their minds, hands change what is there, backends fail, operators end
//! in the middle and others take over. In the end the world is as the registry says, and the registry as it was asked for.
//!
//! A history is its seed's as far as timing allows: THREADLY_TEST_HISTORY_SEED runs one, and THREADLY_TEST_HISTORY_ACTS says
//! how long it is.

mod acts;
mod begin;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    env,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use buckets::BucketSettings;
use domain::{WorkspaceId, ids::TopicKind};
use operator::{Control, term::Term};
use rand::{RngExt as _, rngs::StdRng};
use sqlx::PgPool;
use tenancy::credentials::LoginRole;
use testkit::{servers::proxy::Proxy, wait};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::{
    driven::Driven,
    lab::{Lab, manifest},
    marks::{IN_THE_END, Looker, Marked, is_gone},
};

/// Run without a word.
const SEEDS: [u64; 2] = [5, 17];
const ACTS: usize = 200;
const PLACES: usize = 12;
/// Milliseconds between two acts, at most.
const PAUSE: u64 = 110;
const LOOK: Duration = Duration::from_millis(300);

/// What a person wants at a place.
#[derive(Clone, Debug, Default)]
struct Wish {
    version: usize,
    suspended: bool,
    paused: bool,
    deletes: bool,
    restore: Option<WorkspaceId>,
}

impl Wish {
    fn display_name(&self) -> String {
        format!("Version {}", self.version)
    }

    fn more(&self, name: &str) -> String {
        let policy = if self.deletes { "Delete" } else { "Retain" };
        let restore = self.restore.as_ref().map(|id| format!("  restore: {{retainedWorkspace: {id}}}\n"));
        format!(
            "  handle: h-{name}\n  displayName: {}\n  suspended: {}\n  paused: {}\n  deletionPolicy: {policy}\n{}",
            self.display_name(),
            self.suspended,
            self.paused,
            restore.unwrap_or_default()
        )
    }
}

/// A row of the registry.
#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: String,
    place: String,
    state: String,
    display_name: String,
    suspended: bool,
    deletes: bool,
    whole: bool,
    due: bool,
}

impl Row {
    fn is_active(&self) -> bool {
        self.state == "Active"
    }

    fn id(&self) -> anyhow::Result<WorkspaceId> {
        Ok(self.id.parse()?)
    }
}

async fn rows(registry: &PgPool, source: &str) -> anyhow::Result<Vec<Row>> {
    let rows = sqlx::query_as(
        "select id, place, state, display_name, suspended, purge_after_days is not null as deletes,
                ready_at is not null and bucket_made_at is not null as whole,
                state = 'Purging' or coalesce(purge_after <= now(), false) as due
         from control.workspaces where source = $1 order by id",
    );
    Ok(rows.bind(source).fetch_all(registry).await?)
}

struct History {
    source: String,
    random: StdRng,
    lab: Lab,
    looker: Looker,
    ways: [Proxy; 2],
    spoilt: Control,
    driven: Driven,
    /// Those that do not know yet that they lead no more.
    former: Vec<Driven>,
    term: watch::Sender<Term>,
    wishes: BTreeMap<String, Wish>,
    /// A person wants these purged.
    unwanted: watch::Sender<HashSet<String>>,
    marked: HashMap<String, Marked>,
    version: usize,
    counts: BTreeMap<&'static str, usize>,
    purger: JoinHandle<()>,
}

impl History {
    async fn rows(&self) -> anyhow::Result<Vec<Row>> {
        rows(&self.lab.control.pool, &self.source).await
    }

    fn manifests(&self) -> anyhow::Result<Vec<crds::WorkspaceManifest>> {
        self.wishes.iter().map(|(name, wish)| manifest(name, &wish.more(name))).collect()
    }

    fn want(&self) -> anyhow::Result<()> {
        self.driven.want(self.manifests()?);
        Ok(())
    }

    async fn live(&mut self, acts: usize) -> anyhow::Result<()> {
        let mut done = 0;
        while done < acts {
            if let Some(word) = self.act().await? {
                *self.counts.entry(word).or_default() += 1;
                done += 1;
            }
            self.mark().await?;
            if self.random.random_bool(0.2) {
                self.ways.iter().for_each(|way| way.spoil(None));
            }
            sleep(Duration::from_millis(self.random.random_range(0..PAUSE))).await;
        }
        Ok(())
    }

    /// No more wishes: everything ends as the last ones say.
    async fn settle(&mut self) -> anyhow::Result<()> {
        self.ways.iter().for_each(|way| way.spoil(None));
        self.wishes.values_mut().for_each(|wish| wish.paused = false);
        self.want()?;
        let deadline = Instant::now() + IN_THE_END;
        loop {
            let rows = self.rows().await?;
            let Err(difference) = self.compare(&rows) else { return Ok(()) };
            if Instant::now() > deadline {
                bail!("{difference:#}\n{:#?}\n{:?}", self.driven.status.borrow(), self.driven.failures);
            }
            self.give_up_what_cannot_be(&rows)?;
            sleep(LOOK).await;
        }
    }

    /// Who asks for what has been purged, or was given to another, is told so, and lets it be.
    fn give_up_what_cannot_be(&mut self, rows: &[Row]) -> anyhow::Result<()> {
        let status = self.driven.status.borrow().clone();
        let missing = status.iter().filter(|one| one.reason == "RestoreMissing").filter_map(|one| one.name.clone());
        let mut given_up = false;
        for name in missing {
            let asked = self.wishes.get(&name).and_then(|wish| wish.restore.as_ref());
            let retained = |id: &WorkspaceId| rows.iter().any(|row| row.id == id.as_str() && row.state == "Retained");
            if asked.is_some_and(|id| !retained(id)) {
                self.wishes.remove(&name);
                given_up = true;
            }
        }
        if given_up { self.want() } else { Ok(()) }
    }

    /// Whether registry and words are as wished.
    fn compare(&self, rows: &[Row]) -> anyhow::Result<()> {
        let active: BTreeMap<&str, &Row> =
            rows.iter().filter(|row| row.is_active()).map(|row| (row.place.as_str(), row)).collect();
        ensure!(active.len() == self.wishes.len(), "{} are active, {} wished", active.len(), self.wishes.len());
        for (name, wish) in &self.wishes {
            let row = active.get(format!("default/{name}").as_str()).context("a wish has no row")?;
            let is = (&row.display_name, row.suspended, row.deletes, row.whole);
            ensure!(is == (&wish.display_name(), wish.suspended, wish.deletes, true), "{name}: {row:?}, {wish:?}");
        }
        ensure!(!rows.iter().any(|row| row.due), "a purge has not ended");
        let unwanted = self.unwanted.borrow();
        ensure!(!rows.iter().any(|row| row.state == "Retained" && unwanted.contains(&row.id)), "a purge is left");
        let words = self.driven.status.borrow();
        ensure!(words.iter().all(|word| word.reason == "Ready"), "not all are ready");
        let told: BTreeSet<&str> = words.iter().filter_map(|word| word.id.as_ref()).map(WorkspaceId::as_str).collect();
        let ids: BTreeSet<&str> = active.values().map(|row| row.id.as_str()).collect();
        ensure!(words.len() == told.len() && told == ids, "other ids are told than there are");
        Ok(())
    }

    /// Whether the world is as the registry says.
    async fn look(&mut self) -> anyhow::Result<()> {
        let rows = self.rows().await?;
        for row in &rows {
            let id = row.id()?;
            if row.state == "Purged" {
                is_gone(&self.lab, &id).await?;
                continue;
            }
            if let Some(marked) = self.marked.get(&row.id) {
                self.looker.is_whole(&self.lab, marked).await.with_context(|| format!("{row:?}"))?;
            }
            if row.is_active() {
                self.repaired(row).await.with_context(|| format!("{row:?}: {:?}", self.driven.failures))?;
            }
        }
        let known: HashSet<String> = rows
            .iter()
            .filter(|row| row.state != "Purged")
            .map(|row| Ok(row.id()?.bucket()))
            .collect::<anyhow::Result<_>>()?;
        let found = self.looker.buckets().all().await?;
        ensure!(found.is_subset(&known), "buckets of nobody: {:?}", found.difference(&known));
        Ok(())
    }

    /// Whatever a hand has changed is as it should be.
    async fn repaired(&self, row: &Row) -> anyhow::Result<()> {
        let (id, settings) = (row.id()?, BucketSettings { origins: vec![testkit::ORIGIN.to_owned()], tls_only: false });
        wait::until("it is repaired", IN_THE_END, async || {
            self.driven.suspect(vec![row.place.clone()]);
            self.lab.connect_as(LoginRole::Functions, &id.database()).await.ok()?;
            let options = self.looker.options(&id).await.ok()?;
            let kept = |name: &str| options.get(name).and_then(|options| options.get("retention.ms"));
            let configured = self.looker.buckets().is_configured(&id.bucket(), &settings).await.ok()?;
            let all = TopicKind::ALL
                .into_iter()
                .all(|kind| kept(&id.topic(kind)).is_some_and(|kept| kept.value == "604800000"));
            (configured && all).then_some(())
        })
        .await
    }

    /// Whoever was replaced changes nothing, and ends.
    async fn depose(&mut self) -> anyhow::Result<()> {
        let before = format!("{:?}", self.rows().await?);
        for former in &self.former {
            former.want(Vec::new());
            wait::until("whoever leads no more ends", IN_THE_END, async || former.has_ended().then_some(())).await?;
        }
        ensure!(before == format!("{:?}", self.rows().await?), "whoever led once wrote something");
        Ok(())
    }
}

async fn history(seed: u64, acts: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    println!("history of seed {seed}, {acts} acts");
    let mut history = Box::pin(History::start(seed)).await?;
    let told = async {
        Box::pin(history.live(acts)).await?;
        let lived = begun.elapsed();
        Box::pin(history.settle()).await?;
        let settled = begun.elapsed();
        history.look().await?;
        history.depose().await?;
        anyhow::Ok((lived, settled))
    };
    let (lived, settled) = told.await.with_context(|| format!("THREADLY_TEST_HISTORY_SEED={seed}"))?;
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for row in history.rows().await? {
        *states.entry(row.state).or_default() += 1;
    }
    println!(
        "seed {seed}: {:?}\nin the end {states:?}, {} with something in them",
        history.counts,
        history.marked.len()
    );
    println!("seed {seed}: lived {lived:.1?}, settled after {settled:.1?}, looked at after {:.1?}", begun.elapsed());
    history.purger.abort();
    history.lab.control.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_the_world_ends_as_the_registry_says() -> anyhow::Result<()> {
    let number = |name: &str| env::var(name).ok().map(|value| value.parse::<u64>()).transpose();
    let seeds = number("THREADLY_TEST_HISTORY_SEED")?.map_or_else(|| SEEDS.to_vec(), |seed| vec![seed]);
    let acts = number("THREADLY_TEST_HISTORY_ACTS")?.map_or(Ok(ACTS), usize::try_from)?;
    futures::future::try_join_all(seeds.into_iter().map(|seed| history(seed, acts))).await.map(drop)
}
