//! Which retained workspaces are purged now: those whose time has come, and those whose object a person deletes. Many that
//! are deleted at once wait for a word, as many that vanish do.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use domain::WorkspaceId;
use sqlx::PgPool;
use tokio::{
    sync::watch,
    task::{Id, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    OperatorError,
    brake::{self, Brake, Census, Kept, Kind},
    offers::Offers,
    purge::purge_where,
    term::Term,
};

/// Purges at a time: nobody waits for one.
const CONCURRENT: usize = 2;
/// For one attempt; what is done by then stays done.
const LIMIT: Duration = Duration::from_secs(300);
/// After a failure.
const RETRY: Duration = Duration::from_secs(15);

/// A retained workspace, and what is asked of it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub id: WorkspaceId,
    pub class: String,
    /// A person deletes its object.
    pub deleted: bool,
    /// Its time has come, or its purge has begun.
    pub due: bool,
    /// Servers that a person has said are meant, comma separated.
    pub accepted: String,
}

/// Why a purge that is asked for has not ended: a reason and a sentence.
pub type Word = (&'static str, String);

pub struct Purges {
    registry: PgPool,
    term: Term,
    offers: watch::Receiver<Offers>,
    over: CancellationToken,
    brake: Brake,
    /// What the registry holds of the brake's memory, once it was read.
    kept: Option<BTreeMap<String, Kept>>,
    running: JoinSet<Result<(), OperatorError>>,
    /// Whose each task is.
    under_way: HashMap<Id, WorkspaceId>,
    failed: HashMap<WorkspaceId, (Instant, Word)>,
    /// When to judge again if nothing else happens.
    again: Option<Instant>,
}

impl Purges {
    pub fn new(registry: PgPool, term: Term, offers: watch::Receiver<Offers>, over: CancellationToken) -> Self {
        Self {
            registry,
            term,
            offers,
            over,
            brake: Brake::default(),
            kept: None,
            running: JoinSet::new(),
            under_way: HashMap::new(),
            failed: HashMap::new(),
            again: None,
        }
    }

    /// Starts what may start now. Says why the others that are asked for have not ended.
    ///
    /// # Errors
    /// The control database is away; nothing was started.
    pub async fn judge(&mut self, all: &[Asked]) -> Result<HashMap<WorkspaceId, Word>, OperatorError> {
        let allowed = self.allowed(all).await?;
        let mut words = HashMap::new();
        self.failed.retain(|id, _| all.iter().any(|asked| asked.id == *id));
        for asked in all.iter().filter(|asked| asked.due || asked.deleted) {
            let id = &asked.id;
            let word = if !asked.due && !allowed.contains(id.as_str()) {
                Some((
                    "Held",
                    "many are deleted at once: WorkspaceClass threadly.dev/allow-purges says that it is meant"
                        .to_owned(),
                ))
            } else if self.under_way.values().any(|busy| busy == id) {
                Some(("UnderWay", String::new()))
            } else if let Some((_, word)) = self.failed.get(id).filter(|(again, _)| Instant::now() < *again) {
                Some(word.clone())
            } else {
                self.start(asked)
            };
            words.extend(word.map(|word| (id.clone(), word)));
        }
        let retries = self.failed.values().map(|(again, _)| *again);
        self.again = retries.chain(self.again).filter(|again| *again > Instant::now()).min();
        Ok(words)
    }

    /// Those that a person may have deleted in earnest.
    async fn allowed(&mut self, all: &[Asked]) -> Result<HashSet<String>, OperatorError> {
        let mut classes: BTreeMap<String, Census> = BTreeMap::new();
        for asked in all {
            let census = classes.entry(asked.class.clone()).or_default();
            census.registered += 1;
            if asked.deleted && !asked.due {
                census.absent.push(asked.id.to_string());
            }
        }
        {
            // Those of which nothing is retained, too: a permit that is taken away is seen.
            let offers = self.offers.borrow();
            for class in offers.classes.keys() {
                classes.entry(class.clone()).or_default().allowed = Some(offers.purges.get(class).copied());
            }
        }
        if self.kept.is_none() {
            let kept = brake::store::read(&self.registry, &self.term.source, Kind::Purges).await?;
            self.brake.recall(kept.clone());
            self.kept = Some(kept);
        }
        let verdict = self.brake.judge(Instant::now(), &classes);
        let kept = self.brake.kept();
        if self.kept.as_ref() != Some(&kept) {
            brake::store::write(&self.registry, &self.term, Kind::Purges, &kept).await?;
            self.kept = Some(kept);
        }
        self.again = verdict.again;
        Ok(verdict.retire.into_iter().collect())
    }

    fn start(&mut self, asked: &Asked) -> Option<Word> {
        if self.under_way.len() >= CONCURRENT {
            return Some(("Waiting", "others are purged first".to_owned()));
        }
        let found = self.offers.borrow().find(Some(&asked.class), None).cloned();
        let control = match found {
            Ok(control) => control,
            Err(refusal) => return Some((refusal.reason, refusal.message)),
        };
        tracing::info!(workspace = %asked.id, deleted = asked.deleted, "it is purged");
        let (id, term, accepted) = (asked.id.clone(), self.term.clone(), asked.accepted.clone());
        let task = self.running.spawn(async move {
            let purged = timeout(LIMIT, purge_where(&control, &term, &id, &accepted)).await;
            purged.unwrap_or(Err(OperatorError::TimedOut(LIMIT.as_secs())))
        });
        self.under_way.insert(task.id(), asked.id.clone());
        Some(("UnderWay", String::new()))
    }

    /// Waits until there may be something new to judge.
    pub async fn changed(&mut self) {
        let again = self.again;
        let wait = async {
            match again {
                Some(again) => sleep_until(again).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(joined) = self.running.join_next_with_id() => match joined {
                Ok((task, ended)) => self.ended(task, ended),
                Err(error) => {
                    tracing::error!(%error, "a purge ended as it should not");
                    self.ended(error.id(), Err(OperatorError::Interrupted));
                }
            },
            () = wait => {}
        }
    }

    fn ended(&mut self, task: Id, ended: Result<(), OperatorError>) {
        let Some(id) = self.under_way.remove(&task) else { return };
        let result = ended.as_ref().err().map_or("Ok", OperatorError::reason);
        metrics::counter!("threadly_operator_purges_total", "result" => result).increment(1);
        match ended {
            Ok(()) => {
                self.failed.remove(&id);
            }
            Err(OperatorError::Deposed) => {
                tracing::warn!(workspace = %id, "another operator leads now; nothing more is purged here");
                self.over.cancel();
            }
            Err(error) => {
                tracing::warn!(workspace = %id, %error, "not purged; trying again");
                self.failed.insert(id, (Instant::now() + RETRY, (error.reason(), error.to_string())));
            }
        }
    }
}
