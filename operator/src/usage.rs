//! What workspaces use: people, messages of a day, and room in the database.
//!
//! Sizes and activity are asked set-wise, one question per class. A database itself is asked only if something was written
//! to it since, or if it had messages that grow old; two at a time.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use domain::WorkspaceId;
use futures::{StreamExt as _, stream};
use sqlx::{Connection as _, PgConnection, PgPool};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Control, OperatorError, WorkspaceStatus,
    offers::{Offer, Offers},
    registry,
};

pub(crate) mod store;

/// Databases that are asked at once.
const CONCURRENT: usize = 2;
/// One question to one database, with the way there.
const QUESTION: Duration = Duration::from_secs(10);
/// The question to a server about all its databases: it looks at every file of each.
const SURVEY: Duration = Duration::from_secs(60);
/// After a start, counters of all are unknown; whoever restarts all the time counts nothing.
const FIRST: Duration = Duration::from_secs(60);

/// What one workspace uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Active people.
    pub members: u32,
    /// Bytes of its database.
    pub storage: u64,
    /// Posts of the last 24 hours.
    pub messages_24h: u64,
}

/// What all workspaces use, those out of service too, as of the last survey.
pub type Usages = Arc<HashMap<WorkspaceId, Usage>>;

/// What is remembered of a database.
#[derive(Clone, Copy, Debug)]
struct Memory {
    /// Rows written since its counters began.
    writes: i64,
    members: u32,
    messages_24h: u64,
}

impl Memory {
    /// Whether what it said may not be so any more.
    const fn is_stale(&self, writes: i64) -> bool {
        self.writes != writes || self.messages_24h > 0
    }
}

/// Surveys all workspaces every so often.
pub struct Surveyor {
    registry: PgPool,
    source: Arc<str>,
    every: Duration,
    known: HashMap<WorkspaceId, Memory>,
}

impl Surveyor {
    /// Of the workspaces of a source.
    #[must_use]
    pub fn new(registry: PgPool, source: Arc<str>, every: Duration) -> Self {
        Self { registry, source, every, known: HashMap::new() }
    }

    /// Surveys until `shutdown`.
    pub async fn keep(
        mut self,
        offers: watch::Receiver<Offers>,
        words: watch::Receiver<Vec<WorkspaceStatus>>,
        usages: watch::Sender<Usages>,
        shutdown: CancellationToken,
    ) {
        let kept = async {
            sleep(self.every.min(FIRST)).await;
            loop {
                let (offers, words) = (offers.borrow().clone(), words.borrow().clone());
                let found = self.survey(&offers, &words).await;
                usages.send_replace(Arc::new(found));
                sleep(self.every).await;
            }
        };
        shutdown.run_until_cancelled(kept).await;
    }

    async fn survey(&mut self, offers: &Offers, words: &[WorkspaceStatus]) -> HashMap<WorkspaceId, Usage> {
        let mut classes: BTreeMap<String, (Vec<WorkspaceId>, Vec<WorkspaceId>)> = BTreeMap::new();
        for word in words.iter().filter(|word| word.ready) {
            if let (Some(id), Some(class)) = (&word.id, &word.details.class) {
                classes.entry(class.clone()).or_default().0.push(id.clone());
            }
        }
        match registry::retained::store::all(&self.registry, &self.source).await {
            Ok(rows) => rows.into_iter().for_each(|row| classes.entry(row.class).or_default().1.push(row.id)),
            Err(error) => tracing::debug!(%error, "retained workspaces are not counted"),
        }
        let in_service: HashSet<&WorkspaceId> = classes.values().flat_map(|(active, _)| active).collect();
        self.known.retain(|id, _| in_service.contains(id));
        let mut usages = HashMap::new();
        for (class, (active, retained)) in classes {
            // What is away is not asked.
            let Some(Offer::Open(control)) = offers.classes.get(&class) else { continue };
            if let Err(error) = self.survey_class(control, &active, &retained, &mut usages).await {
                tracing::warn!(class, %error, "its workspaces' usage is not known; trying again");
            }
        }
        usages
    }

    async fn survey_class(
        &mut self,
        control: &Control,
        active: &[WorkspaceId],
        retained: &[WorkspaceId],
        usages: &mut HashMap<WorkspaceId, Usage>,
    ) -> Result<(), OperatorError> {
        let names: Vec<String> = active.iter().chain(retained).map(WorkspaceId::database).collect();
        let late = || OperatorError::TimedOut(SURVEY.as_secs());
        let sizes = timeout(SURVEY, sizes(control, &names)).await.map_err(|_| late())??;
        let stale = active.iter().filter_map(|id| {
            let size = sizes.get(&id.database())?;
            let known = self.known.get(id);
            known.is_none_or(|known| known.is_stale(size.writes)).then(|| (id.clone(), size.writes))
        });
        let questions: Vec<_> = stale.map(|(id, writes)| ask(control, id, writes)).collect();
        let answers: Vec<_> = stream::iter(questions).buffer_unordered(CONCURRENT).collect().await;
        for (id, answer) in answers {
            match answer {
                Ok(memory) => {
                    self.known.insert(id, memory);
                }
                Err(error) => tracing::debug!(workspace = %id, %error, "it does not tell its usage; trying again"),
            }
        }
        usages.extend(active.iter().filter_map(|id| {
            // Of one that has never told, nothing is said.
            let (size, known) = (sizes.get(&id.database())?, self.known.get(id)?);
            let Memory { members, messages_24h, .. } = *known;
            Some((id.clone(), Usage { members, storage: size.bytes, messages_24h }))
        }));
        usages.extend(retained.iter().filter_map(|id| {
            let storage = sizes.get(&id.database())?.bytes;
            Some((id.clone(), Usage { storage, ..Usage::default() }))
        }));
        Ok(())
    }
}

async fn sizes(control: &Control, names: &[String]) -> Result<HashMap<String, store::Size>, OperatorError> {
    const DOING: &str = "asking for the sizes of databases";
    let mut connection = PgConnection::connect_with(control.server()).await.map_err(OperatorError::postgres(DOING))?;
    let sizes = store::sizes(&mut connection, names).await.map_err(OperatorError::postgres(DOING))?;
    connection.close().await.map_err(OperatorError::postgres(DOING))?;
    Ok(sizes)
}

async fn ask(control: &Control, id: WorkspaceId, writes: i64) -> (WorkspaceId, Result<Memory, OperatorError>) {
    const DOING: &str = "counting people and messages";
    let server = control.server().clone().database(&id.database());
    // What is cut off here, the server ends too.
    let server = server.options([("statement_timeout", format!("{}s", QUESTION.as_secs()))]);
    let asked = async {
        let mut connection = PgConnection::connect_with(&server).await?;
        let (members, messages_24h) = store::figures(&mut connection).await?;
        connection.close().await?;
        Ok(Memory { writes, members, messages_24h })
    };
    let answer = match timeout(QUESTION, asked).await {
        Ok(answer) => answer.map_err(OperatorError::postgres(DOING)),
        Err(_) => Err(OperatorError::TimedOut(QUESTION.as_secs())),
    };
    (id, answer)
}

/// Bytes as `8Mi` or `12Gi`, rounded up; short of ten of them there are no Gi.
#[must_use]
pub fn quantity(bytes: u64) -> String {
    const MI: u64 = 1 << 20;
    const GI: u64 = 1 << 30;
    if bytes < 10 * GI { format!("{}Mi", bytes.div_ceil(MI)) } else { format!("{}Gi", bytes.div_ceil(GI)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_rounded_up() {
        let gi = 1_u64 << 30;
        for (bytes, text) in [
            (0, "0Mi"),
            (1, "1Mi"),
            (8 << 20, "8Mi"),
            ((8 << 20) + 1, "9Mi"),
            (3 * gi, "3072Mi"),
            (10 * gi, "10Gi"),
            (10 * gi + 1, "11Gi"),
        ] {
            assert_eq!(quantity(bytes), text);
            assert_eq!(crds::validate::storage_bytes(text).is_some(), bytes > 0, "{text}");
        }
    }

    #[test]
    fn who_wrote_nothing_and_said_nothing_lately_is_not_asked() {
        let memory = |messages_24h| Memory { writes: 7, members: 3, messages_24h };
        assert!(!memory(0).is_stale(7));
        assert!(memory(0).is_stale(8));
        // Counters begin anew with a crash of the server.
        assert!(memory(0).is_stale(0));
        assert!(memory(1).is_stale(7), "messages grow old without a write");
    }
}
