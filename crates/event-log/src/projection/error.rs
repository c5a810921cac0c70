//! Why a run of records was not projected, and whether one of the records is at fault.

use domain::{DecodeError, Position};
use tenancy::DatabaseError;

use crate::LogError;

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
    /// The log holds another record where the last one was projected.
    #[error("the log is not the one that was projected")]
    NotTheSameLog,
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
    /// There is no way to the workspace's database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
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

impl ProjectError {
    /// Whether it is for one of the records, rather than for where they go.
    #[must_use]
    pub fn is_of_a_record(&self) -> bool {
        matches!(self, Self::Decode { .. }) || self.rejection().is_some()
    }

    /// Why a record can never be projected by this version or a newer one; `None` for what time may heal.
    pub(crate) fn rejection(&self) -> Option<Rejection> {
        match self {
            Self::Decode { source: DecodeError::Malformed(_), .. } => Some(Rejection::Undecodable),
            Self::Apply(ApplyError::Database(sqlx::Error::Database(error))) => {
                error.code().filter(|state| refuses_data(state)).map(|_| Rejection::Rejected)
            }
            _ => None,
        }
    }
}

/// Whether an SQLSTATE (PostgreSQL's appendix A) says that the data is not to be had: 22 its form, 23 a constraint, 54 its
/// size.
fn refuses_data(state: &str) -> bool {
    ["22", "23", "54"].iter().any(|class| state.starts_with(class))
}

/// Why a record goes to the dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// No event.
    Undecodable,
    /// Refused by the database's constraints.
    Rejected,
}

impl Rejection {
    /// As in `dead_letters.reason`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Undecodable => "Undecodable",
            Self::Rejected => "Rejected",
        }
    }
}

impl From<sqlx::Error> for ProjectError {
    fn from(error: sqlx::Error) -> Self {
        Self::Apply(error.into())
    }
}
