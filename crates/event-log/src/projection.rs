//! Turning a run of records into rows, exactly once: the position advances in the rows' own transaction.

mod error;

use std::cmp::Ordering;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{Event, Position, ids::TopicKind, position::AtLeast};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use tenancy::Workspace;
use uuid::Uuid;

use crate::{
    Record,
    range::{Range, RangeLimits, RangeReader},
    store::{self, Advance},
};

pub(crate) use error::Rejection;
pub use error::{ApplyError, ProjectError};

/// Rounds of reading and projecting that one reader does before it answers with what there is.
const CATCH_UP_ROUNDS: u32 = 4;

/// An event at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Where.
    pub position: Position,
    /// When, by the broker's clock.
    pub time: DateTime<Utc>,
    /// What.
    pub event: Event,
}

/// A function's view of one topic, kept in the workspace's database.
#[async_trait]
pub trait Projection: Send + Sync + std::fmt::Debug + 'static {
    /// Its stable name: in `projection_positions` and in the consumer group.
    fn name(&self) -> &'static str;

    /// The topic that it projects.
    fn topic(&self) -> TopicKind;

    /// Writes what the events mean, in log order, in the transaction that also advances the position.
    async fn apply(&self, connection: &mut PgConnection, events: &[Recorded]) -> Result<(), ApplyError>;

    /// What the channel is told when an event of it went to the dead letters; nothing by default.
    fn rejected(&self, event: &Event) -> Option<Event> {
        let _ = event;
        None
    }
}

/// How far a reader came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaughtUp {
    /// The next offset that the database stands at.
    pub next: i64,
    /// Whether that includes what was asked for, or the whole log.
    pub complete: bool,
}

/// Where a projection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stand {
    /// The next offset to project; 0 in an epoch that nobody has begun.
    pub next: i64,
    /// The digest of the record before.
    pub last_digest: Option<i64>,
    /// The identity of the topic that was projected.
    pub topic_id: Option<Uuid>,
    /// Somebody has begun in this epoch.
    pub begun: bool,
}

impl Stand {
    const BEGINNING: Self = Self { next: 0, last_digest: None, topic_id: None, begun: false };

    /// Where to read from: one record early, to know the log again by it.
    pub(crate) fn read_from(&self) -> i64 {
        self.next - i64::from(self.last_digest.is_some())
    }
}

/// Where a projection stands, as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectionStatus {
    /// Which projection.
    pub projection: String,
    /// Of which topic.
    pub topic: String,
    /// The next place to be projected.
    pub next: Position,
    /// `LogLost` or `HistoryGap`, if nobody may project.
    pub halted: Option<String>,
}

/// Where every projection of a workspace stands.
///
/// # Errors
/// The database's.
pub async fn stands(pool: &PgPool) -> sqlx::Result<Vec<ProjectionStatus>> {
    store::positions(pool).await
}

/// One partition of one workspace under one projection.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// What to make of it.
    pub projection: &'a dyn Projection,
    /// Whose.
    pub workspace: &'a Workspace,
    /// The workspace's database.
    pub pool: &'a PgPool,
    /// Which partition.
    pub partition: u32,
    /// The topic's identity, if it is known; readers don't ask for it.
    pub topic_id: Option<Uuid>,
}

impl Target<'_> {
    pub(crate) fn sql_partition(&self) -> i32 {
        i32::try_from(self.partition).unwrap_or(i32::MAX)
    }

    pub(crate) fn sql_epoch(&self) -> i32 {
        i32::try_from(self.workspace.epoch).unwrap_or(i32::MAX)
    }

    /// Where the projection stands.
    ///
    /// # Errors
    /// The database is away, its epoch is newer than the registry's, or projection is halted.
    pub(crate) async fn stand(&self) -> Result<Stand, ProjectError> {
        let (projection, topic) = (self.projection.name(), self.projection.topic());
        let Some(stored) = store::position(self.pool, projection, topic, self.sql_partition()).await? else {
            return Ok(Stand::BEGINNING);
        };
        match (stored.epoch.cmp(&self.sql_epoch()), stored.halted) {
            (Ordering::Less, _) => Ok(Stand::BEGINNING),
            (Ordering::Greater, _) => Err(ProjectError::Epoch { stored: stored.epoch, known: self.workspace.epoch }),
            (Ordering::Equal, Some(reason)) => Err(ProjectError::Halted { reason }),
            (Ordering::Equal, None) => Ok(Stand {
                next: stored.next_offset,
                last_digest: stored.last_digest,
                topic_id: stored.topic_id,
                begun: true,
            }),
        }
    }

    /// Begins a raised epoch where the log begins: what has aged out by then is acknowledged with the loss.
    ///
    /// # Errors
    /// The database is away.
    pub(crate) async fn begin_at(&self, low: i64) -> Result<(), ProjectError> {
        let (projection, topic) = (self.projection.name(), self.projection.topic());
        store::begin(self.pool, projection, topic, self.sql_partition(), self.sql_epoch(), low).await?;
        Ok(())
    }

    /// Stops this partition's projection for everybody until the epoch is raised.
    ///
    /// # Errors
    /// The database is away.
    pub async fn halt(&self, reason: &'static str) -> Result<(), ProjectError> {
        let (projection, topic) = (self.projection.name(), self.projection.topic());
        store::halt(self.pool, projection, topic, self.sql_partition(), self.sql_epoch(), reason).await?;
        metrics::counter!("threadly_projection_halted_total", "projection" => projection, "reason" => reason)
            .increment(1);
        let (workspace, topic, partition) = (&self.workspace.id, topic.as_str(), self.partition);
        tracing::error!(%workspace, topic, partition, reason, "projection is halted until the epoch is raised");
        Ok(())
    }

    /// Projects records that begin at offset `from`, and answers the next offset.
    ///
    /// # Errors
    /// Nothing was written; see [`ProjectError`].
    pub async fn project(&self, from: i64, records: &[Record]) -> Result<i64, ProjectError> {
        if let Some((expected, record)) = (from..).zip(records).find(|(expected, record)| record.offset != *expected) {
            return Err(ProjectError::Gap { expected, found: record.offset });
        }
        let Some(last) = records.last() else { return Ok(from) };
        let events = records.iter().map(|record| self.decode(record)).collect::<Result<Vec<_>, _>>()?;
        let mut transaction = self.advance(from, last).await?;
        self.projection.apply(&mut transaction, &events).await?;
        transaction.commit().await?;
        Ok(last.offset + 1)
    }

    /// A transaction in which the projection stands behind `last`, for what belongs to that.
    pub(crate) async fn advance(
        &self,
        from: i64,
        last: &Record,
    ) -> Result<Transaction<'static, Postgres>, ProjectError> {
        let (name, topic, partition) = (self.projection.name(), self.projection.topic(), self.sql_partition());
        let advance = Advance { from, to: last.offset + 1, digest: last.digest(), topic_id: self.topic_id };
        let mut transaction = self.pool.begin().await?;
        if from == 0 {
            store::begin(&mut *transaction, name, topic, partition, self.sql_epoch(), 0).await?;
        }
        if !store::advance(&mut transaction, name, topic, partition, self.sql_epoch(), advance).await? {
            transaction.rollback().await?;
            return Err(ProjectError::Moved { next: self.stand().await?.next });
        }
        Ok(transaction)
    }

    fn decode(&self, record: &Record) -> Result<Recorded, ProjectError> {
        let position = Position { epoch: self.workspace.epoch, partition: record.partition, offset: record.offset };
        match Event::decode(&record.value) {
            Ok(event) => Ok(Recorded { position, time: record.time, event }),
            Err(source) => Err(ProjectError::Decode { at: position, source }),
        }
    }

    /// Read-your-writes: projects the missing range itself if the projection is behind `at_least`, within bounds of
    /// records and time. Where the log or a record stands in the way, the reader gets what there is.
    ///
    /// # Errors
    /// The database is away.
    pub async fn catch_up(&self, ranges: &RangeReader, at_least: &AtLeast) -> Result<CaughtUp, ProjectError> {
        let target = at_least.next_offset(self.workspace.epoch, self.partition);
        for _ in 0..CATCH_UP_ROUNDS {
            let stand = match self.stand().await {
                Err(ProjectError::Halted { .. }) => break,
                stand => stand?,
            };
            let Some(target) = target.filter(|target| *target > stand.next) else {
                return Ok(CaughtUp { next: stand.next, complete: true });
            };
            match self.catch_up_once(ranges, stand, target).await {
                Ok((next, true)) => return Ok(CaughtUp { next, complete: true }),
                Ok((_, false)) | Err(ProjectError::Moved { .. }) => {}
                Err(error @ (ProjectError::Apply(_) | ProjectError::Epoch { .. })) if !error.is_of_a_record() => {
                    return Err(error);
                }
                Err(error) => {
                    tracing::warn!(workspace = %self.workspace.id, %error, "a reader could not catch up");
                    break;
                }
            }
        }
        self.as_it_stands(target).await
    }

    /// Reads and projects one piece; the next offset, and whether the log ended there.
    async fn catch_up_once(
        &self,
        ranges: &RangeReader,
        stand: Stand,
        target: i64,
    ) -> Result<(i64, bool), ProjectError> {
        let (records, ended) = self.read_on(ranges, &stand, target, RangeLimits::CATCH_UP).await?;
        Ok((self.project(stand.next, &records).await?, ended))
    }

    /// Reads on where the projection stands, up to before offset `to`, and whether the log ended there. Halts if it is not
    /// the log that was projected.
    pub(crate) async fn read_on(
        &self,
        ranges: &RangeReader,
        stand: &Stand,
        to: i64,
        limits: RangeLimits,
    ) -> Result<(Vec<Record>, bool), ProjectError> {
        let topic = self.workspace.topic(self.projection.topic());
        let Range { mut records, ended } = ranges.read(&topic, self.partition, stand.read_from(), to, limits).await?;
        if let (Some(digest), Some(last)) = (stand.last_digest, records.first())
            && last.offset + 1 == stand.next
        {
            if last.digest() != digest {
                self.halt("LogLost").await?;
                return Err(ProjectError::NotTheSameLog);
            }
            records.remove(0);
        }
        Ok((records, ended))
    }

    async fn as_it_stands(&self, target: Option<i64>) -> Result<CaughtUp, ProjectError> {
        let (projection, topic) = (self.projection.name(), self.projection.topic());
        let stored = store::position(self.pool, projection, topic, self.sql_partition())
            .await?
            .filter(|stored| stored.epoch == self.sql_epoch());
        let halted = stored.as_ref().is_some_and(|stored| stored.halted.is_some());
        let next = stored.map_or(0, |stored| stored.next_offset);
        Ok(CaughtUp { next, complete: !halted && target.is_none_or(|target| next >= target) })
    }
}
