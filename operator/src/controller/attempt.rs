//! One place's part in the controller: what is wanted there, how trying goes, and why it failed.

use std::time::Duration;

use sqlx::PgPool;
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    OperatorError,
    offers::Offers,
    plan::{Registration, Stall},
    provision::{Target, Wanted, converge, retire},
    status::Part,
};

/// Back-off after a failure: doubles from the first to the last.
const FIRST_RETRY: Duration = Duration::from_millis(250);
pub(super) const LAST_RETRY: Duration = Duration::from_secs(30);

/// A place, and how an attempt at it ended.
pub(super) type Attempt = (String, Result<Option<Registration>, OperatorError>);

/// What is known of one place.
pub(super) struct Tracked {
    pub(super) target: Target,
    pub(super) attempts: u32,
    /// When to try again; none while a task runs, and once settled.
    pub(super) retry: Option<Instant>,
    pub(super) running: bool,
    /// The target changed while a task was running for the former one.
    pub(super) stale: bool,
    /// Cancelled when what an attempt was started for is not wanted any more.
    pub(super) called_off: CancellationToken,
    pub(super) problem: Option<Problem>,
}

/// Why a place is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) reason: &'static str,
    pub(super) message: String,
    /// A workspace that was ready is not any more.
    pub(super) breaks: bool,
    /// The part that it is about.
    pub(super) part: Option<Part>,
    /// Somebody has to do something.
    pub(super) stalled: bool,
    /// What all of its class share is away.
    pub(super) outage: bool,
}

impl Tracked {
    /// Nothing is done there, and nothing waits.
    pub(super) const fn rests(&self) -> bool {
        !self.running && self.retry.is_none()
    }

    /// Whether the row is not yet as the manifest says.
    pub(super) fn differs(&self, row: Option<&Registration>) -> bool {
        match (&self.target.wanted, row) {
            (Wanted::Present { spec, .. }, Some(row)) => !row.spec.same_mutable(spec),
            _ => false,
        }
    }
}

impl Problem {
    pub(super) fn of(error: &OperatorError) -> Self {
        Self {
            reason: error.reason(),
            message: error.to_string(),
            breaks: breaks_service(error),
            part: error.part(),
            stalled: error.needs_somebody(),
            outage: error.is_outage(),
        }
    }
}

/// One attempt at a target, on the backends of its class.
pub(super) async fn attempt(
    registry: &PgPool,
    offers: &watch::Receiver<Offers>,
    target: &Target,
    called_off: &CancellationToken,
) -> Result<Option<Registration>, OperatorError> {
    if called_off.is_cancelled() {
        return Err(OperatorError::Interrupted);
    }
    let Wanted::Present { spec, .. } = &target.wanted else {
        return retire(registry, &target.term, &target.place, called_off).await.map(|()| None);
    };
    let control = offers.borrow().find(Some(&spec.class_name), None).cloned()?;
    converge(&control, target).await
}

/// Whether people notice: what is refused or away for the operator may well go on serving.
const fn breaks_service(error: &OperatorError) -> bool {
    matches!(
        error,
        OperatorError::Migration { .. }
            | OperatorError::Stalled(Stall::DataMissing { .. } | Stall::TopicShape { .. } | Stall::SchemaNewer { .. })
    )
}

pub(super) fn backoff(attempts: u32) -> Duration {
    FIRST_RETRY.saturating_mul(2_u32.saturating_pow(attempts)).min(LAST_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_to_its_limit() {
        assert_eq!([backoff(0), backoff(1), backoff(200)], [FIRST_RETRY, FIRST_RETRY * 2, LAST_RETRY]);
    }
}
