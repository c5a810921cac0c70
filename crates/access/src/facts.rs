//! Facts about people and channels, at most 5 s old; for posts only, and only while Postgres is away, at most 60 s.

use std::{
    hash::Hash,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    ChannelId, SessionId, TeamId, UserId, WorkspaceId,
    policy::{Channel, Person, Team},
};
use moka::future::Cache;
use tenancy::{DatabaseError, Databases};

use crate::{Caller, Denied, outages::Outages, store};

/// How old a granting fact may be.
const FRESH: Duration = Duration::from_secs(5);
/// How old it may be for a post while Postgres is away.
const OUTAGE: Duration = Duration::from_secs(60);
/// Facts of each kind that are kept.
const CAPACITY: u64 = 100_000;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Freshness {
    /// From Postgres.
    Now,
    /// From the cache if young enough.
    Cached {
        /// Up to [`OUTAGE`] if Postgres can't be reached.
        outlast_outage: bool,
    },
}

#[derive(Clone, Copy, Debug)]
struct Fact<T> {
    value: T,
    read_at: Instant,
}

type Facted<K, T> = Cache<K, Fact<T>>;

#[derive(Clone, Debug)]
pub(crate) struct Facts {
    databases: Arc<Databases>,
    outages: Outages,
    people: Facted<(WorkspaceId, SessionId), Person>,
    channels: Facted<(WorkspaceId, ChannelId, UserId), Channel>,
}

impl Facts {
    pub(crate) fn new(databases: Arc<Databases>) -> Self {
        Self { databases, outages: Outages::default(), people: cache(), channels: cache() }
    }

    pub(crate) async fn person(&self, caller: &Caller, freshness: Freshness) -> Result<Option<Person>, Denied> {
        let key = (caller.workspace.id.clone(), caller.session);
        let read = async {
            let pool = self.databases.lease(&caller.workspace).await?;
            Ok(store::person(&pool, caller.user, caller.session).await?.transpose()?)
        };
        self.recall(&self.people, caller, key, freshness, read).await
    }

    pub(crate) async fn channel(
        &self,
        caller: &Caller,
        channel: ChannelId,
        freshness: Freshness,
    ) -> Result<Option<Channel>, Denied> {
        let key = (caller.workspace.id.clone(), channel, caller.user);
        let read = async {
            let pool = self.databases.lease(&caller.workspace).await?;
            Ok(store::channel(&pool, channel, caller.user).await?.transpose()?)
        };
        self.recall(&self.channels, caller, key, freshness, read).await
    }

    /// Teams are asked about so seldom that nothing of them is kept.
    pub(crate) async fn team(&self, caller: &Caller, team: TeamId) -> Result<Option<Team>, Denied> {
        let pool = self.databases.lease(&caller.workspace).await?;
        Ok(store::team(&pool, team, caller.user).await?.transpose()?)
    }

    /// What is known and young enough; else what `read` finds. What is known already needs no connection.
    async fn recall<K, T>(
        &self,
        cache: &Facted<K, T>,
        caller: &Caller,
        key: K,
        freshness: Freshness,
        read: impl Future<Output = Result<Option<T>, Denied>>,
    ) -> Result<Option<T>, Denied>
    where
        K: Hash + Eq + Send + Sync + 'static,
        T: Copy + Send + Sync + 'static,
    {
        let (read_at, workspace) = (Instant::now(), &caller.workspace.id);
        let (known, outlast_outage) = match freshness {
            Freshness::Now => (None, false),
            Freshness::Cached { outlast_outage } => (cache.get(&key).await, outlast_outage),
        };
        if let Some(fact) = known.filter(|fact| fact.read_at.elapsed() <= FRESH) {
            return Ok(Some(fact.value));
        }
        let lasting = known.filter(|fact| outlast_outage && fact.read_at.elapsed() <= OUTAGE);
        if let Some(fact) = lasting
            && self.outages.spares(workspace, read_at)
        {
            return Ok(Some(fact.value));
        }
        let read = read.await;
        match &read {
            Ok(_) => self.outages.answered(workspace),
            Err(error) if is_outage(error) => self.outages.lost(workspace, Instant::now()),
            Err(_) => {}
        }
        match (read, lasting) {
            (Ok(Some(value)), _) => {
                cache.insert(key, Fact { value, read_at }).await;
                Ok(Some(value))
            }
            (Ok(None), _) => {
                cache.invalidate(&key).await;
                Ok(None)
            }
            (Err(error), Some(fact)) if is_outage(&error) => Ok(Some(fact.value)),
            (Err(error), _) => Err(error),
        }
    }
}

/// Whether the database did not answer, be it that no connection to it was to be had.
fn is_outage(error: &Denied) -> bool {
    matches!(error, Denied::Unavailable(_) | Denied::Database(DatabaseError::Busy))
}

fn cache<K: Hash + Eq + Send + Sync + 'static, T: Copy + Send + Sync + 'static>() -> Facted<K, T> {
    Cache::builder().max_capacity(CAPACITY).time_to_live(OUTAGE).build()
}
