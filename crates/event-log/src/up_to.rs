//! Projecting up to a place that somebody else tells of: for hosts that the log's records call, instead of following it.
//!
//! What the caller hands over says how far the log goes and nothing more: the records are read from the log again, behind
//! the projection's own position. So a batch that comes twice, late or with a gap changes nothing that it should not, and
//! the log is known by its last record here too.

use std::{sync::Arc, time::Duration};

use domain::{WorkspaceId, ids::TopicKind};
use tenancy::{Databases, Registry, RegistryError, Workspace, databases::DatabaseError};
use tokio::time::Instant;

use crate::{
    ProjectError, Projection, Relay,
    applier::{Applied, Applier},
    projection::Target,
    range::{RangeLimits, RangeReader},
    start::StartError,
};

/// Records in one transaction.
const BATCH: usize = 500;
/// Longest wait for Kafka's answer.
const ASK: Duration = Duration::from_secs(5);

/// The projections of one function, for the workspaces that the registry lists.
#[derive(Debug)]
pub struct UpTo {
    projections: Vec<Arc<dyn Projection>>,
    registry: Registry,
    databases: Arc<Databases>,
    ranges: Arc<RangeReader>,
    applier: Applier,
}

/// Why a partition was not projected up to where it should be. What was projected stays.
#[derive(Debug, thiserror::Error)]
pub enum UpToError {
    /// The topic is no workspace's.
    #[error("this topic is no workspace's")]
    ForeignTopic,
    /// The registry does not list the workspace, or its topic has no such partition.
    #[error("there is no such workspace or partition")]
    Unknown,
    /// No projection of this function takes the topic.
    #[error("this function projects no such topic")]
    NotProjected,
    /// The registry could not be read.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The way to the workspace's database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Where to go on.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A record or the database.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The time is over.
    #[error("there was not enough time")]
    TimedOut,
}

impl UpTo {
    /// For these projections.
    #[must_use]
    pub fn new(
        projections: Vec<Arc<dyn Projection>>,
        registry: Registry,
        databases: Arc<Databases>,
        ranges: Arc<RangeReader>,
        relay: Relay,
    ) -> Self {
        Self { projections, registry, databases, ranges, applier: Applier::new(relay) }
    }

    /// Projects a partition of a topic until its next offset is `next`, or the log ends. What is under way at the deadline
    /// is finished.
    ///
    /// # Errors
    /// See [`UpToError`]; calling again goes on where it ended.
    pub async fn project(&self, topic: &str, partition: u32, next: i64, deadline: Instant) -> Result<(), UpToError> {
        let (id, kind) = WorkspaceId::of_topic(topic).ok_or(UpToError::ForeignTopic)?;
        let projections: Vec<_> = self.projections.iter().filter(|projection| projection.topic() == kind).collect();
        if projections.is_empty() {
            return Err(UpToError::NotProjected);
        }
        let workspace = self.workspace(&id, kind, partition).await?;
        let pool = self.databases.lease(&workspace).await?;
        let looked = self.ranges.look(topic, partition, ASK).await.map_err(StartError::from)?;
        for projection in projections {
            let topic_id = Some(looked.topic_id);
            let target = Target { projection: &**projection, workspace: &workspace, pool: &pool, partition, topic_id };
            let stand = target.start(looked.topic_id, (looked.low, looked.high)).await?;
            if stand.next < next {
                self.run(&target, next, deadline).await?;
            }
        }
        Ok(())
    }

    /// One that is not known yet may be younger than what was read of the registry.
    async fn workspace(&self, id: &WorkspaceId, kind: TopicKind, partition: u32) -> Result<Arc<Workspace>, UpToError> {
        if self.registry.by_id(id).is_none() {
            self.registry.refresh().await?;
        }
        let workspace = self.registry.by_id(id).ok_or(UpToError::Unknown)?;
        if partition < workspace.partitions(kind) { Ok(workspace) } else { Err(UpToError::Unknown) }
    }

    async fn run(&self, target: &Target<'_>, next: i64, deadline: Instant) -> Result<(), UpToError> {
        let limits = RangeLimits { records: BATCH, time: ASK };
        let mut begun = false;
        loop {
            let stand = target.stand().await?;
            if stand.next >= next {
                return Ok(());
            }
            // Not before something is done: a caller that is always late must still get on.
            if begun && Instant::now() >= deadline {
                return Err(UpToError::TimedOut);
            }
            begun = true;
            let (records, ended) = target.read_on(&self.ranges, &stand, next, limits).await?;
            if let Applied { error: Some(error), .. } = self.applier.project(target, stand.next, &records).await {
                let name = target.projection.name();
                metrics::counter!("threadly_projection_failures_total", "projection" => name).increment(1);
                return Err(error.into());
            }
            if ended {
                return Ok(());
            }
        }
    }
}
