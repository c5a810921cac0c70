//! Facts about people and channels, at most 5 s old; for posts only, and only while Postgres is away, at most 60 s.

use std::{
    hash::Hash,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    ChannelId, SessionId, UserId, WorkspaceId,
    policy::{Channel, Person},
    roles::UnknownWord,
};
use moka::future::Cache;
use tenancy::Databases;

use crate::{Caller, Denied, store};

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
    people: Facted<(WorkspaceId, SessionId), Person>,
    channels: Facted<(WorkspaceId, ChannelId, UserId), Channel>,
}

impl Facts {
    pub(crate) fn new(databases: Arc<Databases>) -> Self {
        Self { databases, people: cache(), channels: cache() }
    }

    pub(crate) async fn person(&self, caller: &Caller, freshness: Freshness) -> Result<Option<Person>, Denied> {
        let key = (caller.workspace.id.clone(), caller.session);
        let pool = self.databases.pool(&caller.workspace)?;
        recall(&self.people, key, freshness, store::person(&pool, caller.user, caller.session)).await
    }

    pub(crate) async fn channel(
        &self,
        caller: &Caller,
        channel: ChannelId,
        freshness: Freshness,
    ) -> Result<Option<Channel>, Denied> {
        let key = (caller.workspace.id.clone(), channel, caller.user);
        let pool = self.databases.pool(&caller.workspace)?;
        recall(&self.channels, key, freshness, store::channel(&pool, channel, caller.user)).await
    }
}

fn cache<K: Hash + Eq + Send + Sync + 'static, T: Copy + Send + Sync + 'static>() -> Facted<K, T> {
    Cache::builder().max_capacity(CAPACITY).time_to_live(OUTAGE).build()
}

async fn recall<K, T>(
    cache: &Facted<K, T>,
    key: K,
    freshness: Freshness,
    read: impl Future<Output = sqlx::Result<Option<Result<T, UnknownWord>>>>,
) -> Result<Option<T>, Denied>
where
    K: Hash + Eq + Send + Sync + 'static,
    T: Copy + Send + Sync + 'static,
{
    let known = match freshness {
        Freshness::Now => None,
        Freshness::Cached { .. } => cache.get(&key).await,
    };
    if let Some(fact) = known.filter(|fact| fact.read_at.elapsed() <= FRESH) {
        return Ok(Some(fact.value));
    }
    let read_at = Instant::now();
    match (read.await, known, freshness) {
        (Ok(Some(value)), ..) => {
            let value = value?;
            cache.insert(key, Fact { value, read_at }).await;
            Ok(Some(value))
        }
        (Ok(None), ..) => {
            cache.invalidate(&key).await;
            Ok(None)
        }
        (Err(_), Some(fact), Freshness::Cached { outlast_outage: true }) if fact.read_at.elapsed() <= OUTAGE => {
            Ok(Some(fact.value))
        }
        (Err(error), ..) => Err(error.into()),
    }
}
