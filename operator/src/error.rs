//! What can go wrong while provisioning, with the reason that a status shows.

use buckets::BucketsError;
use event_log::admin::AdminError;

use crate::{admission::Refusal, backend_watch::is_passing, plan::Stall, status::Part};

/// Why a workspace, or the whole operator, could not be brought to what is asked for.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The admin URL can't be read. It may hold a password, so it isn't repeated.
    #[error("the Postgres admin URL is not readable as postgres://user:password@host:port/database")]
    AdminUrl(#[source] sqlx::Error),
    /// A name that can't stand in SQL; only the control database's is chosen by people.
    #[error("{0:?} can't be the name of a database: use a-z, 0-9 and _, 63 at most")]
    DatabaseName(String),
    /// Postgres is away or refused.
    #[error("Postgres: {doing}: {source}")]
    Postgres {
        /// What was tried.
        doing: &'static str,
        /// Postgres's answer.
        source: sqlx::Error,
    },
    /// A schema migration failed.
    #[error("migrating {database}: {source}")]
    Migration {
        /// The database.
        database: String,
        /// The migration and Postgres's answer.
        source: sqlx::migrate::MigrateError,
    },
    /// Kafka is away or refused.
    #[error(transparent)]
    Kafka(#[from] AdminError),
    /// The object store is away or refused.
    #[error(transparent)]
    Buckets(#[from] BucketsError),
    /// Topics were made, but some partition got no leader in time.
    #[error("Kafka made the topics, but {topic} has no leader that answers after {seconds} s")]
    TopicsNotReady {
        /// The first topic that isn't ready.
        topic: String,
        /// How long was waited.
        seconds: u64,
    },
    /// Repeating can't help until a person or another workspace changes something.
    #[error(transparent)]
    Stalled(#[from] Stall),
    /// The manifest asks for what it can't have.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Somebody registered the same place or handle at the same moment; the next round sees that row.
    #[error("the control registry has just been changed by another program")]
    RegistryChanged,
    /// The registry was begun with another root key.
    #[error("the registry {0} was begun with another root key; nothing is done with this one")]
    KeyMismatch(String),
    /// Another operator leads this source now.
    #[error("another operator leads now")]
    Deposed,
    /// Data may be destroyed only while it is being purged.
    #[error("{0} is not being purged, so nothing of it is destroyed")]
    NoTicket(String),
    /// The class's backends are others than those that hold the data.
    #[error(
        "its data is on the {backend} {held}, and the class is on {now} now, so nothing is purged. Point the class back; if \
         the data was moved with the class, or what is on the other server is given up, set the annotation \
         threadly.dev/accept-backend-identity to {now:?}"
    )]
    DataElsewhere {
        /// Which of them.
        backend: &'static str,
        /// Who has the data.
        held: String,
        /// Who answers now.
        now: String,
    },
    /// A registry row that this version can't read.
    #[error("the registry's row {id} is not readable: {reason}")]
    Row {
        /// The row's id as it stands.
        id: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The plan was not empty after several rounds.
    #[error("not settled after {0} rounds; something else is changing it")]
    NotSettled(usize),
    /// One attempt took too long.
    #[error("no end after {0} s; trying again")]
    TimedOut(u64),
    /// The task ended in a way that it should not.
    #[error("provisioning stopped in the middle; trying again")]
    Interrupted,
}

impl OperatorError {
    /// Stable, for statuses.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::AdminUrl(_) | Self::DatabaseName(_) | Self::Buckets(BucketsError::Setting(_)) => "Configuration",
            Self::Postgres { .. }
            | Self::Kafka(AdminError::Unreachable { .. })
            | Self::Buckets(BucketsError::Unavailable { .. }) => "BackendUnreachable",
            Self::Buckets(BucketsError::BucketTaken(_)) => "BucketTaken",
            Self::Kafka(_) | Self::Buckets(_) => "BackendRefused",
            Self::TopicsNotReady { .. } => "TopicsNotReady",
            Self::KeyMismatch(_) => "KeyMismatch",
            Self::Migration { .. } => "SchemaFailed",
            Self::Stalled(stall) => stall.reason(),
            Self::Refused(refusal) => refusal.reason,
            Self::RegistryChanged
            | Self::NotSettled(_)
            | Self::TimedOut(_)
            | Self::Interrupted
            | Self::Deposed
            | Self::NoTicket(_) => "Retrying",
            Self::DataElsewhere { .. } => "DataElsewhere",
            Self::Row { .. } => "RegistryUnreadable",
        }
    }

    /// The part of a workspace that it is about, where it is about one.
    pub(crate) fn part(&self) -> Option<Part> {
        match self {
            Self::Kafka(_) | Self::TopicsNotReady { .. } => Some(Part::Topics),
            Self::Postgres { doing, .. } if !doing.contains("registry") => Some(Part::Database),
            Self::Migration { .. } => Some(Part::Schema),
            Self::Buckets(_) => Some(Part::Bucket),
            Self::Stalled(stall) => stall.part(),
            _ => None,
        }
    }

    /// A backend that all workspaces of a class share is away; the class says so.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Kafka(AdminError::Unreachable { .. })
            | Self::Buckets(BucketsError::Unavailable { .. })
            | Self::TimedOut(_) => true,
            // A server that answers says something of this database.
            Self::Postgres { source: sqlx::Error::Database(error), .. } => is_passing(error.code().as_deref()),
            Self::Postgres { .. } => true,
            _ => false,
        }
    }

    /// Repeating can't help: somebody has to do something.
    pub(crate) const fn needs_somebody(&self) -> bool {
        matches!(self, Self::Stalled(_) | Self::Refused(_) | Self::Migration { .. } | Self::Row { .. })
    }

    /// For `map_err`: says what was tried.
    pub(crate) fn postgres(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::of_postgres(doing, source)
    }

    pub(crate) fn of_postgres(doing: &'static str, source: sqlx::Error) -> Self {
        // What `control.leads` says to whoever leads no more.
        match source.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
            Some("TL001") => Self::Deposed,
            _ => Self::Postgres { doing, source },
        }
    }
}
