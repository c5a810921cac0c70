//! The first owner's one-time link, in a Secret of the operator's namespace: made once a workspace is ready, made again when
//! somebody deletes it, and removed when the owner is in or the workspace is gone.
//!
//! Whether somebody is in is asked of a workspace's database only after something was written there.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
    sync::Arc,
    time::Duration,
};

use crds::workspace_status::OwnerStatus;
use domain::WorkspaceId;
use futures::{StreamExt as _, future::BoxFuture, stream};
use k8s_openapi::{api::core::v1::Secret, jiff::Timestamp};
use kube::{
    Api, Client, ResourceExt as _,
    runtime::{WatchStreamExt as _, reflector, watcher},
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    WorkspaceStatus,
    offers::{Offer, Offers},
    usage,
};

mod secret;

/// The state of each first owner's way in.
pub type Owners = Arc<HashMap<WorkspaceId, OwnerStatus>>;

/// Between two looks when nothing is told.
const LOOK: Duration = Duration::from_secs(5);
/// What is told together is looked at together: while many workspaces are made, news come all the time.
const GATHER: Duration = Duration::from_secs(1);
/// Owners who are asked about at once, and in one look.
const CONCURRENT: usize = 2;
const AT_ONCE: usize = 50;
/// One question.
const ANSWER: Duration = Duration::from_secs(10);
/// After a failure: doubles from the first to the last.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(600);
/// What was just written may not be in the watch yet.
const SETTLE: Duration = Duration::from_secs(10);

/// Makes links for first owners. Who does, knows how people sign in.
pub trait OwnerLinks: Debug + Send + Sync {
    /// Who the first owner is, and whether they are in.
    fn state<'a>(&'a self, id: &'a WorkspaceId) -> BoxFuture<'a, Result<OwnerState, String>>;

    /// A new one-time link for the first owner.
    fn link<'a>(&'a self, id: &'a WorkspaceId) -> BoxFuture<'a, Result<OwnerLink, String>>;
}

/// A first owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerState {
    /// Their address.
    pub email: String,
    /// A mail server has taken a letter to them.
    pub emailed: bool,
    /// They have signed in, and the address is proved to be theirs.
    pub accepted: bool,
}

/// A one-time link.
#[derive(Clone)]
pub struct OwnerLink {
    /// Lets whoever has it in, as the owner.
    pub url: String,
    /// Whom it is for.
    pub email: String,
    /// It is void after this.
    pub lifetime: Duration,
}

impl Debug for OwnerLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The link is as good as a password.
        f.debug_struct("OwnerLink").field("email", &self.email).finish_non_exhaustive()
    }
}

/// Keeps all Secrets and states, until `shutdown`.
pub async fn keep(
    (client, namespace, links): (Client, String, Option<Arc<dyn OwnerLinks>>),
    (offers, mut words): (watch::Receiver<Offers>, watch::Receiver<Vec<WorkspaceStatus>>),
    owners: watch::Sender<Owners>,
    shutdown: CancellationToken,
) {
    let Some(links) = links else { return };
    let api = Api::<Secret>::namespaced(client, &namespace);
    let (secrets, writer) = reflector::store();
    let changed = Notify::new();
    let watched = watcher(api.clone(), watcher::Config::default().labels(secret::SELECTOR));
    let watching = watched.default_backoff().reflect(writer).for_each(|event| {
        match event {
            Ok(watcher::Event::InitApply(_) | watcher::Event::Init) => {}
            Ok(_) => changed.notify_one(),
            Err(error) => tracing::warn!(%error, "watching the owners' Secrets again"),
        }
        std::future::ready(())
    });
    let mut keeper = Keeper { api, namespace, links, secrets: secrets.clone(), known: HashMap::new() };
    let keeping = async {
        // Before the first word, nobody knows which workspaces there are.
        if secrets.wait_until_ready().await.is_err() || words.changed().await.is_err() {
            return;
        }
        loop {
            sleep(GATHER).await;
            let (now, offers) = (words.borrow_and_update().clone(), offers.borrow().clone());
            let found = keeper.look(&offers, &now).await;
            owners.send_if_modified(|current| {
                let news = **current != found;
                *current = Arc::new(found);
                news
            });
            tokio::select! {
                word = words.changed() => if word.is_err() { return },
                () = changed.notified() => {}
                () = sleep(LOOK) => {}
            }
        }
    };
    let both = Box::pin(async { tokio::join!(watching, keeping) });
    shutdown.run_until_cancelled(both).await;
}

struct Keeper {
    api: Api<Secret>,
    namespace: String,
    links: Arc<dyn OwnerLinks>,
    secrets: reflector::Store<Secret>,
    known: HashMap<WorkspaceId, Memory>,
}

/// What is known of a workspace's owner.
#[derive(Clone, Debug, Default)]
struct Memory {
    /// As of which generation of the object, and of how many writes to the database.
    asked: Option<(Option<i64>, i64)>,
    owner: Option<OwnerState>,
    written: Option<Instant>,
    /// How often it failed, and when it is tried again.
    failures: u32,
    again: Option<Instant>,
}

impl Memory {
    fn failed(&mut self) {
        let wait = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(self.failures)).min(LAST_RETRY);
        (self.failures, self.again) = (self.failures.saturating_add(1), Some(Instant::now() + wait));
    }

    fn waits(&self) -> bool {
        self.again.is_some_and(|again| Instant::now() < again)
    }

    /// Whether there may be news of the owner. Who is in stays in, unless the manifest names somebody else.
    fn is_stale(&self, asked: (Option<i64>, i64)) -> bool {
        let in_already = self.owner.as_ref().is_some_and(|owner| owner.accepted);
        self.asked.is_none_or(|before| before.0 != asked.0 || (!in_already && before.1 != asked.1))
    }
}

impl Keeper {
    /// Does what there is to do; the state of everybody's way in then.
    async fn look(&mut self, offers: &Offers, words: &[WorkspaceStatus]) -> HashMap<WorkspaceId, OwnerStatus> {
        let there: HashMap<&WorkspaceId, &WorkspaceStatus> =
            words.iter().filter_map(|word| Some((word.id.as_ref()?, word))).collect();
        self.known.retain(|id, _| there.contains_key(id));
        let writes = self.writes(offers, words).await;
        self.ask(words, &writes).await;

        let mut secrets: HashMap<WorkspaceId, Arc<Secret>> = HashMap::new();
        let mut strays = Vec::new();
        for found in self.secrets.state() {
            match secret::workspace(&found) {
                Some(id) if there.contains_key(&id) => {
                    secrets.insert(id, found);
                }
                Some(_) => strays.push(found.name_any()),
                None => {}
            }
        }
        for name in strays {
            secret::remove(&self.api, &name).await;
        }
        let mut states = HashMap::new();
        let ids: Vec<WorkspaceId> = self.known.keys().cloned().collect();
        for id in ids {
            let place = there.get(&id).and_then(|word| word.place.as_deref()).unwrap_or_default();
            if let Some(state) = Box::pin(self.settle(&id, place, secrets.get(&id))).await {
                states.insert(id, state);
            }
        }
        states
    }

    /// Rows written to the databases of workspaces that are ready, by workspace.
    async fn writes(&self, offers: &Offers, words: &[WorkspaceStatus]) -> HashMap<WorkspaceId, i64> {
        let mut classes: BTreeMap<&str, Vec<&WorkspaceId>> = BTreeMap::new();
        for word in words.iter().filter(|word| word.ready) {
            if let (Some(id), Some(class)) = (&word.id, &word.details.class) {
                classes.entry(class).or_default().push(id);
            }
        }
        let mut writes = HashMap::new();
        for (class, ids) in classes {
            let Some(Offer::Open(control)) = offers.classes.get(class) else { continue };
            let names: Vec<String> = ids.iter().map(|id| id.database()).collect();
            match timeout(ANSWER, usage::store::writes(&control.admin, &names)).await {
                Ok(Ok(found)) => {
                    let found = ids.into_iter().filter_map(|id| Some((id.clone(), *found.get(&id.database())?)));
                    writes.extend(found);
                }
                Ok(Err(error)) => tracing::debug!(class, %error, "nobody tells who was written to"),
                Err(_) => tracing::debug!(class, "nobody tells who was written to"),
            }
        }
        writes
    }

    /// Asks about those owners of whom there may be news.
    async fn ask(&mut self, words: &[WorkspaceStatus], writes: &HashMap<WorkspaceId, i64>) {
        let due = words.iter().filter_map(|word| {
            let id = word.id.clone()?;
            let asked = (word.details.object.as_ref().map(|object| object.generation), *writes.get(&id)?);
            let stale = self.known.get(&id).is_none_or(|known| known.is_stale(asked) && !known.waits());
            stale.then_some((id, asked))
        });
        let links = &self.links;
        let questions: Vec<_> = due
            .take(AT_ONCE)
            .map(|(id, asked)| async move {
                let answer = timeout(ANSWER, links.state(&id)).await.unwrap_or_else(|_| Err("no answer".to_owned()));
                (id, asked, answer)
            })
            .collect();
        let answers: Vec<_> = stream::iter(questions).buffer_unordered(CONCURRENT).collect().await;
        for (id, asked, answer) in answers {
            let known = self.known.entry(id.clone()).or_default();
            match answer {
                Ok(owner) => {
                    let written = known.written;
                    *known = Memory { asked: Some(asked), owner: Some(owner), written, ..Memory::default() };
                }
                Err(error) => {
                    tracing::debug!(workspace = %id, error, "nobody tells whether its owner is in; trying again");
                    known.failed();
                }
            }
        }
    }

    /// Makes or removes a workspace's Secret, as its owner's state asks; the state then.
    async fn settle(&mut self, id: &WorkspaceId, place: &str, found: Option<&Arc<Secret>>) -> Option<OwnerStatus> {
        let known = self.known.get_mut(id)?;
        let owner = known.owner.clone()?;
        if owner.accepted {
            if let Some(found) = found {
                secret::remove(&self.api, &found.name_any()).await;
            }
            return Some(OwnerStatus { invitation_secret: None, state: Some("Accepted".to_owned()) });
        }
        let good = found.is_some_and(|found| secret::is_good(found, &owner.email, Timestamp::now()));
        let just_written = known.written.is_some_and(|written| written.elapsed() < SETTLE);
        if !good && !just_written {
            if known.waits() {
                return None;
            }
            let link = timeout(ANSWER, self.links.link(id)).await.unwrap_or_else(|_| Err("no answer".to_owned()));
            let written = match link {
                Ok(link) => secret::write(&self.api, id, place, &link, found.is_some()).await,
                Err(error) => {
                    tracing::debug!(workspace = %id, error, "no link for its owner; trying again");
                    false
                }
            };
            if !written {
                known.failed();
                return None;
            }
            (known.written, known.failures, known.again) = (Some(Instant::now()), 0, None);
        }
        let invitation_secret = Some(format!("{}/{}", self.namespace, secret::name(id)));
        let state = if owner.emailed { "Emailed" } else { "Open" };
        Some(OwnerStatus { invitation_secret, state: Some(state.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_asked_about_when_something_was_written_and_not_once_in() {
        let owner = |accepted| Some(OwnerState { email: "a@b.example".to_owned(), emailed: false, accepted });
        let memory = |accepted| Memory { asked: Some((Some(1), 7)), owner: owner(accepted), ..Memory::default() };
        assert!(Memory::default().is_stale((Some(1), 7)));
        assert!(!memory(false).is_stale((Some(1), 7)));
        assert!(memory(false).is_stale((Some(1), 8)));
        assert!(!memory(true).is_stale((Some(1), 8)));
        assert!(memory(true).is_stale((Some(2), 7)), "the manifest may name another owner");
    }
}
