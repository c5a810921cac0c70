//! Turning a run of records into rows, exactly once: the position advances in the rows' own transaction.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{DecodeError, Event, Position, ids::TopicKind, position::AtLeast};
use sqlx::{PgConnection, PgPool};
use tenancy::Workspace;

use crate::{
    LogError, Record,
    range::{RangeLimits, RangeReader},
    store::{self, StoredPosition},
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
    /// The stored position is of another epoch than the registry's.
    #[error("the projection is of epoch {stored}, the log of epoch {current}")]
    Epoch {
        /// In the workspace's database.
        stored: i32,
        /// In the registry.
        current: u32,
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

    /// The next offset to project.
    ///
    /// # Errors
    /// The database is away, or its epoch is not the registry's.
    pub async fn next_offset(&self) -> Result<i64, ProjectError> {
        let stored =
            store::position(self.pool, self.projection.name(), self.projection.topic(), self.sql_partition()).await?;
        match stored {
            None => Ok(0),
            Some(stored) => self.checked(stored),
        }
    }

    fn checked(&self, stored: StoredPosition) -> Result<i64, ProjectError> {
        if u32::try_from(stored.epoch).is_ok_and(|epoch| epoch == self.workspace.epoch) {
            Ok(stored.next_offset)
        } else {
            Err(ProjectError::Epoch { stored: stored.epoch, current: self.workspace.epoch })
        }
    }

    /// Projects records that begin at offset `from`, and answers the next offset.
    ///
    /// # Errors
    /// Nothing was written; see [`ProjectError`].
    pub async fn project(&self, from: i64, records: &[Record]) -> Result<i64, ProjectError> {
        let Some(last) = records.last() else { return Ok(from) };
        let events = records.iter().map(|record| self.decode(record)).collect::<Result<Vec<_>, _>>()?;
        let (name, topic, partition) = (self.projection.name(), self.projection.topic(), self.sql_partition());
        let epoch = i32::try_from(self.workspace.epoch).unwrap_or(i32::MAX);
        let to = last.offset + 1;

        let mut transaction = self.pool.begin().await?;
        if from == 0 {
            store::begin(&mut transaction, name, topic, partition, epoch).await?;
        }
        let expected = StoredPosition { epoch, next_offset: from };
        if !store::advance(&mut transaction, name, topic, partition, expected, to).await? {
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
    /// records and time, and answers the next offset that the database then stands at.
    ///
    /// # Errors
    /// The database or the log is away.
    pub async fn catch_up(&self, ranges: &RangeReader, at_least: &AtLeast) -> Result<i64, ProjectError> {
        let mut next = self.next_offset().await?;
        let Some(target) = at_least.next_offset(self.workspace.epoch, self.partition) else { return Ok(next) };
        let topic = self.workspace.topic(self.projection.topic());
        for _ in 0..CATCH_UP_ROUNDS {
            if next >= target {
                break;
            }
            let records = ranges.read(&topic, self.partition, next, target, RangeLimits::CATCH_UP).await?;
            if records.is_empty() {
                break;
            }
            next = match self.project(next, &records).await {
                Ok(next) | Err(ProjectError::Moved { next }) => next,
                Err(error) => return Err(error),
            };
        }
        Ok(next)
    }
}
