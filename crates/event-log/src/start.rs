//! Where the projection of one partition goes on: what the database and the log say together.

use uuid::Uuid;

use crate::{
    LogError, ProjectError,
    projection::{Stand, Target},
};

/// Why a partition can't be projected now.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The stored position.
    #[error(transparent)]
    Position(#[from] ProjectError),
    /// The log did not answer.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log is not what was projected, so nobody projects until the epoch is raised.
    #[error("{reason}: the database stands at offset {next}, the log holds {low} to {high}")]
    Halted {
        /// `LogLost` or `HistoryGap`.
        reason: &'static str,
        /// The next offset to project.
        next: i64,
        /// The first offset that is kept.
        low: i64,
        /// The next to be written.
        high: i64,
    },
}

impl Target<'_> {
    /// Where to go on in the topic of this identity, which holds the offsets from `low` to before `high`. Halts the
    /// projection if it can't.
    pub(crate) async fn start(&self, topic_id: Uuid, (low, high): (i64, i64)) -> Result<Stand, StartError> {
        let mut stand = self.stand().await?;
        if !stand.begun && self.workspace.epoch > 1 && low > 0 {
            self.begin_at(low).await?;
            stand.next = low;
        }
        let lost = match stand.next {
            _ if stand.topic_id.is_some_and(|known| known != topic_id) => Some("LogLost"),
            next if next > high => Some("LogLost"),
            next if next < low => Some("HistoryGap"),
            _ => None,
        };
        if let Some(reason) = lost {
            self.halt(reason).await?;
            return Err(StartError::Halted { reason, next: stand.next, low, high });
        }
        if stand.read_from() < low {
            // Its last record has aged out: nothing to know the log by.
            stand.last_digest = None;
        }
        Ok(stand)
    }
}
