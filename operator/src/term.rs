//! Who may write. A source that several operators watch is led by one at a time, under an epoch that grows with each
//! leader; the control database refuses what is written under an older one. Whoever was stopped while another took over
//! finds that out at the next write, whatever the lease said when it fell asleep.

use std::sync::Arc;

use domain::WorkspaceId;
use sqlx::PgPool;
use tokio::{
    sync::watch,
    time::{Duration, Instant},
};

use crate::OperatorError;

mod store;

/// How long a ticket is good: shorter than any lease, so that it has ended before a successor may have begun.
pub const TICKET: Duration = Duration::from_secs(3);

/// Until when a lease is held for certain, by this process's own clock; moves on with each renewal.
pub type LeasedUntil = watch::Receiver<Instant>;

/// A time of leading a source.
#[derive(Clone, Debug)]
pub struct Term {
    /// The source's name in the registry.
    pub source: Arc<str>,
    /// `None` for a source that one process reads by itself, and nobody leads.
    pub(crate) epoch: Option<i64>,
    /// A successor may have the lease from then on, and no epoch yet: until it has one, this term's would be let through.
    leased: Option<LeasedUntil>,
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        (&self.source, self.epoch) == (&other.source, other.epoch)
    }
}

impl Eq for Term {}

impl Term {
    /// Of a source that nobody leads.
    #[must_use]
    pub fn alone(source: &str) -> Self {
        Self { source: source.into(), epoch: None, leased: None }
    }

    /// Begins the next term; from now on every earlier one of this source is over.
    ///
    /// # Errors
    /// The control database is away.
    pub async fn begin(registry: &PgPool, source: Arc<str>, holder: &str) -> Result<Self, OperatorError> {
        let epoch = store::next_epoch(registry, &source, holder).await?;
        Ok(Self { source, epoch: Some(epoch), leased: None })
    }

    /// The same for as long as a lease is held.
    #[must_use]
    pub fn while_leased(self, leased: LeasedUntil) -> Self {
        Self { leased: Some(leased), ..self }
    }

    /// Whether it still goes on.
    ///
    /// # Errors
    /// [`OperatorError::Deposed`] if it does not, or the control database is away.
    pub async fn check(&self, registry: &PgPool) -> Result<(), OperatorError> {
        if self.epoch.is_some() { store::check(registry, self).await } else { Ok(()) }
    }
}

/// What destroys data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Deletes topics.
    DeleteTopics,
    /// Drops a database.
    DropDatabase,
    /// Empties and deletes a bucket.
    DeleteBucket,
}

impl Act {
    /// As it stands in the ticket.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeleteTopics => "DeleteTopics",
            Self::DropDatabase => "DropDatabase",
            Self::DeleteBucket => "DeleteBucket",
        }
    }
}

/// Leave for one destructive act, for a moment.
#[derive(Debug)]
#[must_use]
pub struct Ticket {
    until: Instant,
}

impl Ticket {
    /// Asks for leave. Only what is being purged, which nothing can bring back, may be destroyed.
    ///
    /// # Errors
    /// Somebody else leads, or the workspace is not being purged, or the control database is away.
    pub async fn take(registry: &PgPool, term: &Term, id: &WorkspaceId, act: Act) -> Result<Self, OperatorError> {
        // Counted from before it was asked for. This clock goes on while the process is stopped.
        let good = Instant::now() + TICKET;
        let until = term.leased.as_ref().map_or(good, |leased| good.min(*leased.borrow()));
        if store::write_ticket(registry, term, id, act).await? {
            Ok(Self { until })
        } else {
            Err(OperatorError::NoTicket(id.to_string()))
        }
    }

    /// To be called right before the act.
    ///
    /// # Errors
    /// It took too long to get here: somebody else may lead by now.
    pub fn spend(self) -> Result<(), OperatorError> {
        if Instant::now() < self.until { Ok(()) } else { Err(OperatorError::Deposed) }
    }
}
