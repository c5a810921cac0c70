//! Applies runs of records to one partition's rows, and passes over what nobody can project.

use std::time::Duration;

use crate::{
    ProjectError, Record, Relay,
    budget::Budget,
    projection::{Rejection, Target},
};

/// Records that may go to the dead letters within a time. More of them are a fault of ours, most likely: then the
/// partition waits instead.
const DEAD_LETTERS: (u32, Duration) = (100, Duration::from_secs(60));

/// What all attempts at a partition share.
#[derive(Debug)]
pub(crate) struct Applier {
    relay: Relay,
    dead_letters: Budget,
}

/// How far a run came.
#[derive(Debug)]
pub(crate) struct Applied {
    /// The next offset that the database stands at; another one than behind the run if somebody else has projected.
    pub next: i64,
    /// Why it goes no further now.
    pub error: Option<ProjectError>,
}

impl Applier {
    /// With a full budget of dead letters.
    pub(crate) fn new(relay: Relay) -> Self {
        Self { relay, dead_letters: Budget::new(DEAD_LETTERS.0, DEAD_LETTERS.1) }
    }

    /// Projects a run that begins at offset `from`, once. A record that is refused is found by halving.
    pub(crate) async fn project(&self, target: &Target<'_>, from: i64, run: &[Record]) -> Applied {
        let (mut next, mut parts) = (from, vec![run]);
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            match self.part(target, next, part).await {
                Ok(reached) if reached == next + part.len() as i64 => next = reached,
                Ok(reached) => return Applied { next: reached, error: None },
                Err(error) if error.is_of_a_record() && part.len() > 1 => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
                Err(error) => return Applied { next, error: Some(error) },
            }
        }
        Applied { next, error: None }
    }

    async fn part(&self, target: &Target<'_>, from: i64, part: &[Record]) -> Result<i64, ProjectError> {
        let error = match target.project(from, part).await {
            Ok(next) => {
                let name = target.projection.name();
                metrics::counter!("threadly_projected_records_total", "projection" => name)
                    .increment(part.len() as u64);
                return Ok(next);
            }
            Err(ProjectError::Moved { next }) => {
                if next < from {
                    rolled_back(target, from, next);
                }
                return Ok(next);
            }
            Err(error) => error,
        };
        if let (Some(rejection), [record]) = (error.rejection(), part)
            && let Some(next) = self.pass_over(target, record, rejection, &error.to_string()).await
        {
            return Ok(next);
        }
        Err(error)
    }

    /// The next offset once the record is among the dead letters; `None` while it can't be.
    async fn pass_over(&self, target: &Target<'_>, record: &Record, rejection: Rejection, detail: &str) -> Option<i64> {
        let topic = target.workspace.topic(target.projection.topic());
        let (partition, offset, reason) = (target.partition, record.offset, rejection.as_str());
        if !self.dead_letters.spend() {
            tracing::error!(topic, partition, offset, reason, "too many dead letters: the partition waits");
            return None;
        }
        let done = async {
            let news = self.relay.expect(target.workspace).await?;
            let passed = target.pass_over(record, rejection, detail).await;
            news.committed().await;
            passed
        };
        match done.await {
            Ok(next) => {
                tracing::error!(topic, partition, offset, reason, detail, "a record went to the dead letters");
                let labels = [("projection", target.projection.name()), ("reason", reason)];
                metrics::counter!("threadly_dead_letters_total", &labels).increment(1);
                Some(next)
            }
            Err(ProjectError::Moved { next }) => Some(next),
            Err(error) => {
                tracing::error!(topic, partition, offset, %error, "a record can't be put among the dead letters yet");
                None
            }
        }
    }
}

fn rolled_back(target: &Target<'_>, from: i64, next: i64) {
    let (workspace, partition) = (&target.workspace.id, target.partition);
    tracing::warn!(%workspace, partition, from, next, "the database was rolled back: the log is replayed");
    metrics::counter!("threadly_projection_rewound_total", "projection" => target.projection.name()).increment(1);
}
