//! Turning a run of records into rows, exactly once: the position advances in the rows' own transaction.

use std::cmp::Ordering;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{DecodeError, Event, Position, ids::TopicKind, position::AtLeast};
use sqlx::{PgConnection, PgPool};
use tenancy::Workspace;

use crate::{
    LogError, Record,
    range::{RangeLimits, RangeReader},
    store,
};

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
}

/// Why events could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The database refused or is away.
    #[error("the database refused: {0}")]
    Database(#[from] sqlx::Error),
    /// A row that this version can't read.
    #[error("a stored row is unreadable: {0}")]
    Unreadable(String),
}

/// Why a run of records was not projected.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// Somebody else projected meanwhile; the next offset is this.
    #[error("the projection stands at offset {next}")]
    Moved {
        /// Where to go on.
        next: i64,
    },
    /// The stored position is of a newer epoch than the registry that this process knows.
    #[error("the projection is of epoch {stored}, this process knows epoch {known}")]
    Epoch {
        /// In the workspace's database.
        stored: i32,
        /// In the registry, as read here.
        known: u32,
    },
    /// The log lost records: nobody projects until a person acknowledges it, by raising the epoch.
    #[error("projection is halted: {reason}")]
    Halted {
        /// `LogLost` or `HistoryGap`.
        reason: String,
    },
    /// The records do not continue where the projection stands.
    #[error("the log goes on at offset {found}, the projection stands at {expected}")]
    Gap {
        /// The next offset to project.
        expected: i64,
        /// What was read there.
        found: i64,
    },
    /// A record is no event.
    #[error("the record at {at} is unreadable: {source}")]
    Decode {
        /// Where.
        at: Position,
        /// Why.
        source: DecodeError,
    },
    /// See [`ApplyError`].
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The log, while a reader catches up.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl From<sqlx::Error> for ProjectError {
    fn from(error: sqlx::Error) -> Self {
        Self::Apply(error.into())
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
}

impl Target<'_> {
    fn sql_partition(&self) -> i32 {
        i32::try_from(self.partition).unwrap_or(i32::MAX)
    }

    fn sql_epoch(&self) -> i32 {
        i32::try_from(self.workspace.epoch).unwrap_or(i32::MAX)
    }

    /// The next offset to project; 0 in an epoch that nobody has begun.
    ///
    /// # Errors
    /// The database is away, its epoch is newer than the registry's, or projection is halted.
    pub async fn next_offset(&self) -> Result<i64, ProjectError> {
        let (projection, topic) = (self.projection.name(), self.projection.topic());
        let Some(stored) = store::position(self.pool, projection, topic, self.sql_partition()).await? else {
            return Ok(0);
        };
        match (stored.epoch.cmp(&self.sql_epoch()), stored.halted) {
            (Ordering::Less, _) => Ok(0),
            (Ordering::Greater, _) => Err(ProjectError::Epoch { stored: stored.epoch, known: self.workspace.epoch }),
            (Ordering::Equal, Some(reason)) => Err(ProjectError::Halted { reason }),
            (Ordering::Equal, None) => Ok(stored.next_offset),
        }
    }

    /// Stops this partition's projection for everybody until the epoch is raised.
    ///
    /// # Errors
    /// The database is away.
    pub async fn halt(&self, reason: &'static str) -> Result<(), ProjectError> {
        let (projection, topic) = (self.projection.name(), self.projection.topic());
        store::halt(self.pool, projection, topic, self.sql_partition(), self.sql_epoch(), reason).await?;
        Ok(())
    }

    /// Projects records that begin at offset `from`, and answers the next offset.
    ///
    /// # Errors
    /// Nothing was written; see [`ProjectError`].
    pub async fn project(&self, from: i64, records: &[Record]) -> Result<i64, ProjectError> {
        let (name, topic, partition) = (self.projection.name(), self.projection.topic(), self.sql_partition());
        if let Some((expected, record)) = (from..).zip(records).find(|(expected, record)| record.offset != *expected) {
            return Err(ProjectError::Gap { expected, found: record.offset });
        }
        let Some(last) = records.last() else { return Ok(from) };
        let events = records.iter().map(|record| self.decode(record)).collect::<Result<Vec<_>, _>>()?;
        let to = last.offset + 1;

        let mut transaction = self.pool.begin().await?;
        if from == 0 {
            store::begin(&mut transaction, name, topic, partition, self.sql_epoch()).await?;
        }
        if !store::advance(&mut transaction, name, topic, partition, self.sql_epoch(), (from, to)).await? {
            transaction.rollback().await?;
            return Err(ProjectError::Moved { next: self.next_offset().await? });
        }
        self.projection.apply(&mut transaction, &events).await?;
        transaction.commit().await?;
        Ok(to)
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
        let mut next = match self.next_offset().await {
            Err(ProjectError::Halted { .. }) => return self.as_it_stands().await,
            next => next?,
        };
        let Some(target) = at_least.next_offset(self.workspace.epoch, self.partition) else {
            return Ok(CaughtUp { next, complete: true });
        };
        let topic = self.workspace.topic(self.projection.topic());
        for _ in 0..CATCH_UP_ROUNDS {
            if next >= target {
                return Ok(CaughtUp { next, complete: true });
            }
            let read = match ranges.read(&topic, self.partition, next, target, RangeLimits::CATCH_UP).await {
                Ok(read) => read,
                Err(error) => {
                    tracing::warn!(topic, %error, "a reader could not catch up");
                    break;
                }
            };
            next = match self.project(next, &read.records).await {
                Ok(next) | Err(ProjectError::Moved { next }) => next,
                Err(error @ (ProjectError::Apply(_) | ProjectError::Epoch { .. })) => return Err(error),
                Err(error) => {
                    tracing::warn!(topic, %error, "a reader could not catch up");
                    break;
                }
            };
            if read.ended {
                return Ok(CaughtUp { next, complete: true });
            }
        }
        Ok(CaughtUp { next, complete: next >= target })
    }

    async fn as_it_stands(&self) -> Result<CaughtUp, ProjectError> {
        let (projection, topic) = (self.projection.name(), self.projection.topic());
        let stored = store::position(self.pool, projection, topic, self.sql_partition()).await?;
        Ok(CaughtUp { next: stored.map_or(0, |stored| stored.next_offset), complete: false })
    }
}
