//! What is to be done next, from what is there and what is wanted. Pure: no clock, no backend, no randomness.
//!
//! The order within a plan is the order of work: a workspace's row first, so that a crash can never leave resources that
//! nobody knows of; `ready` last, so that nobody is let in before everything is seen to work. No step drops, truncates or
//! overwrites: what was there once and is missing is told, never made anew and empty.

use crds::workspace::SignUpMode;
use domain::{Handle, WorkspaceId, ids::TopicKind};
use tenancy::Settings;

use crate::{backend_watch::Pins, class, status::Part};

mod stall;

pub use stall::Stall;

/// The part of a manifest that has an effect, in the registry's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name in URLs; never changes once bound.
    pub handle: Handle,
    /// The class; never changes once bound.
    pub class_name: String,
    /// Its name for people.
    pub display_name: String,
    /// The first owner.
    pub owner_email: String,
    /// Who may register.
    pub sign_up_mode: SignUpMode,
    /// With mode Domain, in lower case.
    pub sign_up_domains: Vec<String>,
    /// Refuses all requests while true.
    pub suspended: bool,
    /// What functions go by.
    pub settings: Box<Settings>,
    /// For a new workspace; a bound one keeps what it has.
    pub message_partitions: u16,
    /// Which namespace asks for it, where the source tells: one of the same name may later be another tenant's.
    pub namespace_uid: Option<String>,
    /// How long its data is kept once its manifest is gone; for ever without one.
    pub purge_after_days: Option<u32>,
}

impl Spec {
    /// Equal in everything that a step changes in place; how long data is kept is written when a manifest is judged.
    pub(crate) fn same_mutable(&self, other: &Self) -> bool {
        self.display_name == other.display_name
            && self.owner_email == other.owner_email
            && self.sign_up_mode == other.sign_up_mode
            && self.sign_up_domains == other.sign_up_domains
            && self.suspended == other.suspended
            && self.settings == other.settings
            && self.namespace_uid == other.namespace_uid
    }
}

/// What a source wants for one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Desired {
    /// A workspace as this says; `minted` becomes its id if there is none yet.
    Present {
        /// How it should be.
        spec: Spec,
        /// A fresh random id.
        minted: WorkspaceId,
        /// What is missing of this epoch is given up: it may be made anew, empty.
        accepted_loss: Option<u32>,
    },
    /// Nothing: its data is kept, out of service.
    Absent,
}

/// The registry's row of an active workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Its identity for ever.
    pub id: WorkspaceId,
    /// How it is now.
    pub spec: Spec,
    /// All steps were seen done once. From then on, what is missing is lost data.
    pub ready: bool,
    /// The database's schema by the registry; 0 until the database is known to exist.
    pub schema_version: i32,
    /// The bucket was made. From then on, a missing one is lost data.
    pub bucket_made: bool,
    /// The topics' identity.
    pub epoch: u32,
    /// On which servers its data is, where known.
    pub held_on: Pins,
}

/// One topic on the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicState {
    /// Which of the five.
    pub kind: TopicKind,
    /// Number of partitions; 0 if there is no such topic.
    pub partitions: u16,
    /// Every partition has a leader that answers.
    pub ready: bool,
}

/// The workspace's database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseState {
    /// There is none.
    Absent,
    /// It is there.
    Present {
        /// Closed to everyone, then opened to the fleet's two roles.
        granted: bool,
    },
}

/// The workspace's bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketState {
    /// The object store does not tell now. Whatever needs no bucket goes on.
    Unknown,
    /// There is none.
    Absent,
    /// It is there.
    Present {
        /// Its policy, CORS rules and lifecycle are as they should be.
        configured: bool,
    },
}

/// What is there for one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The place's active row.
    pub registration: Option<Registration>,
    /// The retained workspace that a present manifest would bring back, if there is no active one.
    pub retained: Option<WorkspaceId>,
    /// The place of another active workspace that has the wanted handle.
    pub handle_holder: Option<String>,
    /// The topics of the active row's id; missing kinds count as absent.
    pub topics: Vec<TopicState>,
    /// Its own user of Kafka is missing or not as it should be; that of a workspace to come, if its class has one for each.
    pub principal_due: bool,
    /// Some topic's options are not as the class has them.
    pub options_due: bool,
    /// The row names other servers than those that were looked at, or none.
    pub moved: bool,
    /// The database of the active row's id.
    pub database: DatabaseState,
    /// The bucket of the active row's id.
    pub bucket: BucketState,
}

/// One thing to do. Each is safe to repeat and to interrupt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Write the row, with the minted id.
    Register(WorkspaceId),
    /// Make a retained workspace active again at this place.
    Restore(WorkspaceId),
    /// Write what may change in place into the row.
    UpdateSpec(WorkspaceId),
    /// Write on which servers its data is into the row, before anything is made there.
    RecordBackends(WorkspaceId),
    /// Take the workspace out of service and keep its data.
    Retain(WorkspaceId),
    /// Note that what is missing is given up: the workspace is in a new epoch, and unfinished as at its beginning.
    AcceptLoss {
        /// The workspace.
        id: WorkspaceId,
        /// The epoch that is over.
        epoch: u32,
        /// The database is missing.
        database: bool,
        /// The bucket is missing.
        bucket: bool,
    },
    /// Make these topics.
    CreateTopics(WorkspaceId, Vec<TopicKind>),
    /// Make the workspace's own user of Kafka, and allow it what it may.
    EnsurePrincipal(WorkspaceId),
    /// Set the topics' options that the class names; others stay as somebody set them.
    ConfigureTopics(WorkspaceId),
    /// Wait until every partition has a leader that answers.
    AwaitTopicLeaders(WorkspaceId),
    /// Clone the template, closed to everyone.
    CreateDatabase(WorkspaceId),
    /// Open the database to the fleet's two roles, and to nobody else.
    GrantDatabase(WorkspaceId),
    /// Write the template's schema version into the row, right after the clone.
    RecordSchema(WorkspaceId),
    /// Bring the database's schema up to date, then write its version into the row.
    MigrateDatabase(WorkspaceId),
    /// Make the bucket, which nobody but our keys may read.
    CreateBucket(WorkspaceId),
    /// Write into the row that the bucket was made, right after it was.
    RecordBucket(WorkspaceId),
    /// Set the bucket's policy, CORS rules and lifecycle.
    ConfigureBucket(WorkspaceId),
    /// Let people in.
    MarkReady(WorkspaceId),
}

/// The steps from what is there to what is wanted; empty when there is nothing to do.
///
/// # Errors
/// A [`Stall`], when no step could help or the only ones that could would endanger data.
pub fn plan(observed: &Observed, desired: &Desired) -> Result<Vec<Step>, Stall> {
    let (spec, minted, accepted) = match (desired, &observed.registration) {
        (Desired::Absent, None) => return Ok(Vec::new()),
        (Desired::Absent, Some(row)) => return Ok(vec![Step::Retain(row.id.clone())]),
        (Desired::Present { spec, minted, accepted_loss }, _) => (spec, minted, *accepted_loss),
    };
    if let Some(row) = &observed.registration {
        return continue_with(row, spec, observed, accepted);
    }
    if let Some(holder) = &observed.handle_holder {
        return Err(Stall::HandleTaken { handle: spec.handle.to_string(), holder: holder.clone() });
    }
    if let Some(id) = &observed.retained {
        // What else it needs depends on what is left of it, so the next round looks.
        return Ok(vec![Step::Restore(id.clone())]);
    }
    // Nothing can exist yet under an id that was minted this moment.
    let mut steps = vec![Step::Register(minted.clone()), Step::CreateTopics(minted.clone(), TopicKind::ALL.to_vec())];
    if observed.principal_due {
        steps.push(Step::EnsurePrincipal(minted.clone()));
    }
    steps.extend([
        Step::CreateDatabase(minted.clone()),
        Step::GrantDatabase(minted.clone()),
        Step::RecordSchema(minted.clone()),
        Step::CreateBucket(minted.clone()),
        Step::RecordBucket(minted.clone()),
        Step::ConfigureBucket(minted.clone()),
        Step::AwaitTopicLeaders(minted.clone()),
        Step::MarkReady(minted.clone()),
    ]);
    Ok(steps)
}

fn continue_with(
    row: &Registration,
    spec: &Spec,
    observed: &Observed,
    accepted: Option<u32>,
) -> Result<Vec<Step>, Stall> {
    refuse_immutable(row, spec)?;
    refuse_unfit(row, observed)?;
    if let Some(loss) = loss(row, observed) {
        if accepted != Some(row.epoch) {
            return Err(loss);
        }
        return Ok(vec![Step::AcceptLoss {
            id: row.id.clone(),
            epoch: row.epoch,
            database: observed.database == DatabaseState::Absent,
            bucket: observed.bucket == BucketState::Absent,
        }]);
    }
    let mut steps = Vec::new();
    if !row.spec.same_mutable(spec) {
        steps.push(Step::UpdateSpec(row.id.clone()));
    }
    // What was there is there, and the rest is made now.
    if observed.moved {
        steps.push(Step::RecordBackends(row.id.clone()));
    }
    let missing: Vec<TopicKind> = TopicKind::ALL
        .into_iter()
        .filter(|kind| topic(observed, *kind).is_none_or(|topic| topic.partitions == 0))
        .collect();
    let all_answer = TopicKind::ALL.into_iter().all(|kind| topic(observed, kind).is_some_and(|topic| topic.ready));
    if !missing.is_empty() {
        steps.push(Step::CreateTopics(row.id.clone(), missing));
    }
    if observed.principal_due {
        steps.push(Step::EnsurePrincipal(row.id.clone()));
    }
    if observed.options_due {
        steps.push(Step::ConfigureTopics(row.id.clone()));
    }
    let created = observed.database == DatabaseState::Absent;
    if created {
        steps.push(Step::CreateDatabase(row.id.clone()));
    }
    if observed.database != (DatabaseState::Present { granted: true }) {
        steps.push(Step::GrantDatabase(row.id.clone()));
    }
    if row.schema_version != schema::workspace::VERSION {
        // Of a database that was there before, only its own list of migrations knows how far it is.
        steps.push(if created { Step::RecordSchema(row.id.clone()) } else { Step::MigrateDatabase(row.id.clone()) });
    }
    bucket_steps(row, observed.bucket, &mut steps);
    if !all_answer && !row.ready {
        steps.push(Step::AwaitTopicLeaders(row.id.clone()));
    }
    if !row.ready && observed.bucket != BucketState::Unknown {
        steps.push(Step::MarkReady(row.id.clone()));
    }
    Ok(steps)
}

fn bucket_steps(row: &Registration, bucket: BucketState, steps: &mut Vec<Step>) {
    if bucket == BucketState::Unknown {
        return;
    }
    if bucket == BucketState::Absent {
        steps.push(Step::CreateBucket(row.id.clone()));
    }
    if !row.bucket_made {
        steps.push(Step::RecordBucket(row.id.clone()));
    }
    if bucket != (BucketState::Present { configured: true }) {
        steps.push(Step::ConfigureBucket(row.id.clone()));
    }
}

fn refuse_immutable(row: &Registration, spec: &Spec) -> Result<(), Stall> {
    let changed = |field, bound: &str, wanted: &str| {
        if bound == wanted {
            return Ok(());
        }
        Err(Stall::Immutable { field, bound: bound.to_owned(), wanted: wanted.to_owned() })
    };
    changed("spec.handle", row.spec.handle.as_str(), spec.handle.as_str())?;
    changed("spec.className", &row.spec.class_name, &spec.class_name)
}

fn refuse_unfit(row: &Registration, observed: &Observed) -> Result<(), Stall> {
    let known = schema::workspace::VERSION;
    if row.schema_version > known {
        return Err(Stall::SchemaNewer { found: row.schema_version, known });
    }
    for kind in TopicKind::ALL {
        let found = topic(observed, kind).map_or(0, |topic| topic.partitions);
        let expected = class::partitions(kind, row.spec.message_partitions);
        if found != 0 && found != expected {
            return Err(Stall::TopicShape { topic: row.id.topic(kind), found, expected });
        }
    }
    Ok(())
}

/// The first thing that was there and is gone.
fn loss(row: &Registration, observed: &Observed) -> Option<Stall> {
    let missing = |part, what| Some(Stall::DataMissing { part, what, epoch: row.epoch });
    // The row says that the database was there, even if the workspace never got ready.
    if observed.database == DatabaseState::Absent && (row.ready || row.schema_version > 0) {
        return missing(Part::Database, format!("the database {}", row.id.database()));
    }
    // A workspace from before there were buckets may be ready without one.
    if observed.bucket == BucketState::Absent && row.bucket_made {
        return missing(Part::Bucket, format!("the bucket {}", row.id.bucket()));
    }
    let absent = |kind: &TopicKind| topic(observed, *kind).is_none_or(|topic| topic.partitions == 0);
    let topic = TopicKind::ALL.into_iter().find(absent).filter(|_| row.ready)?;
    missing(Part::Topics, format!("the topic {}", row.id.topic(topic)))
}

fn topic(observed: &Observed, kind: TopicKind) -> Option<&TopicState> {
    observed.topics.iter().find(|topic| topic.kind == kind)
}
