//! Brings one workspace to what is wanted: look, plan, do, until there is nothing to do.

use std::time::Duration;

use buckets::BucketsError;
use crds::WorkspaceManifest;
use domain::{WorkspaceId, ids::TopicKind};
use sqlx::PgPool;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    Control, OperatorError, admission,
    databases::{self, store as databases_store},
    plan::{BucketState, DatabaseState, Desired, Observed, Registration, Spec, Stall, Step, TopicState, plan},
    principal, purge,
    registry::{DIRECTORY, mint, retained, store},
    term::Term,
    topic_options,
};

/// A fresh workspace takes one round and a second that finds nothing to do; a restored one takes two.
const MAX_ROUNDS: usize = 6;
/// A broker opens about 800 logs per second; a thousand workspaces at once take some seconds.
const LEADER_LIMIT: Duration = Duration::from_secs(30);
const LEADER_POLL: Duration = Duration::from_millis(25);

/// One place of a source, and what is wanted there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whose word it is.
    pub term: Term,
    /// `namespace/name`.
    pub place: String,
    /// What is wanted.
    pub wanted: Wanted,
}

impl Target {
    /// How long the data is to be kept once the manifest is gone, where there is one.
    pub(crate) fn purge_after_days(&self) -> Option<Option<u32>> {
        match &self.wanted {
            Wanted::Present { spec, .. } => Some(spec.purge_after_days),
            Wanted::Absent => None,
        }
    }
}

/// What is wanted at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A workspace.
    Present {
        /// How it should be.
        spec: Box<Spec>,
        /// The retained workspace that the manifest names explicitly.
        restore: Option<WorkspaceId>,
        /// The epoch of which missing data is given up.
        accepted_loss: Option<u32>,
    },
    /// None.
    Absent,
}

/// Provisions a manifest now, as the directory source would, and returns when it is ready. For tests and tools.
///
/// # Errors
/// What the class doesn't allow, a stall, or a backend's refusal; it isn't tried again.
pub async fn provision_now(control: &Control, manifest: &WorkspaceManifest) -> Result<WorkspaceId, OperatorError> {
    let spec = admission::spec(manifest, control.class()).map_err(OperatorError::Refused)?;
    let target =
        Target { term: Term::alone(DIRECTORY), place: manifest.place(), wanted: admission::wanted(manifest, spec) };
    // A row is there whenever a workspace was wanted.
    converge(control, &target).await?.map(|row| row.id).ok_or(OperatorError::Interrupted)
}

/// Repeats look, plan, do until the plan is empty; the workspace's row then, if there should be one.
///
/// # Errors
/// A stall, a backend's refusal, or [`OperatorError::NotSettled`].
pub async fn converge(control: &Control, target: &Target) -> Result<Option<Registration>, OperatorError> {
    for _ in 0..MAX_ROUNDS {
        let mut observed = Box::pin(observe(control, target)).await?;
        let away = observe_bucket(control, target, &mut observed).await.err();
        let desired = desired(&target.wanted);
        let steps = plan(&observed, &desired)?;
        if steps.is_empty() {
            // An object store that is away held up nothing that needs none of it.
            return away.map_or(Ok(observed.registration), |error| Err(error.into()));
        }
        match Box::pin(carry_out(control, target, &steps)).await {
            Ok(()) => {}
            // Somebody else's row of this place is as good, and one with this handle is seen.
            Err(OperatorError::RegistryChanged) => continue,
            Err(error) => return Err(error),
        }
        if let (Some(Step::MarkReady(_)), Desired::Present { spec, .. }) = (steps.last(), &desired) {
            // Every part was made now, or looked at before that: only the row may be another's work.
            let row = store::at_place(&control.pool, &target.term.source, &target.place).await?;
            if row.as_ref().is_some_and(|row| row.ready && row.spec.same_mutable(spec)) {
                return Ok(row);
            }
        }
    }
    Err(OperatorError::NotSettled(MAX_ROUNDS))
}

/// What a step has to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    /// The row: before all others.
    Row,
    Topics,
    Database,
    Bucket,
    /// After all others.
    End,
}

impl Lane {
    /// The registry refuses by itself what is written by somebody who leads no more; a backend has to be kept from it, or it
    /// would hold what nobody knows of.
    const fn is_a_backends(self) -> bool {
        matches!(self, Self::Topics | Self::Database | Self::Bucket)
    }
}

const fn lane(step: &Step) -> Lane {
    match step {
        Step::Register(_)
        | Step::Restore(_)
        | Step::UpdateSpec(_)
        | Step::RecordBackends(_)
        | Step::AcceptLoss { .. }
        | Step::Retain(_) => Lane::Row,
        Step::CreateTopics(..) | Step::EnsurePrincipal(_) | Step::ConfigureTopics(_) | Step::AwaitTopicLeaders(_) => {
            Lane::Topics
        }
        Step::CreateDatabase(_) | Step::GrantDatabase(_) | Step::RecordSchema(_) | Step::MigrateDatabase(_) => {
            Lane::Database
        }
        Step::CreateBucket(_) | Step::RecordBucket(_) | Step::ConfigureBucket(_) => Lane::Bucket,
        Step::MarkReady(_) => Lane::End,
    }
}

/// Does a plan's steps, those on different backends side by side. Where one fails, the other backends' are still done.
async fn carry_out(control: &Control, target: &Target, steps: &[Step]) -> Result<(), OperatorError> {
    let go = async |of: Lane| {
        let own: Vec<&Step> = steps.iter().filter(|step| lane(step) == of).collect();
        if !own.is_empty() && of.is_a_backends() {
            target.term.check(&control.pool).await?;
        }
        for step in own {
            apply(control, target, step).await?;
            tracing::debug!(place = target.place, ?step, "done");
        }
        Ok(())
    };
    go(Lane::Row).await?;
    let (topics, database, bucket) = tokio::join!(go(Lane::Topics), go(Lane::Database), go(Lane::Bucket));
    topics.and(database).and(bucket)?;
    go(Lane::End).await
}

/// Takes the workspace of a place out of service, and keeps its data, unless that is `called_off`. No backend but the
/// registry is needed, so that it works for a class that is away, or gone.
///
/// # Errors
/// The control database is away.
pub async fn retire(
    registry: &PgPool,
    term: &Term,
    place: &str,
    called_off: &CancellationToken,
) -> Result<(), OperatorError> {
    match store::at_place(registry, &term.source, place).await? {
        Some(_) if called_off.is_cancelled() => Err(OperatorError::Interrupted),
        Some(row) => store::retain(registry, term, &row.id).await,
        None => Ok(()),
    }
}

fn desired(wanted: &Wanted) -> Desired {
    match wanted {
        Wanted::Absent => Desired::Absent,
        Wanted::Present { spec, accepted_loss, .. } => {
            Desired::Present { spec: Box::as_ref(spec).clone(), minted: mint(), accepted_loss: *accepted_loss }
        }
    }
}

/// What is there for a target, but for its bucket.
///
/// # Errors
/// A backend is away, or `spec.restore` names nothing.
pub async fn observe(control: &Control, target: &Target) -> Result<Observed, OperatorError> {
    let registration = store::at_place(&control.pool, &target.term.source, &target.place).await?;
    let mut observed = Observed {
        registration,
        retained: None,
        handle_holder: None,
        topics: Vec::new(),
        principal_due: false,
        options_due: false,
        moved: false,
        database: DatabaseState::Absent,
        bucket: BucketState::Unknown,
    };
    match (&target.wanted, &observed.registration) {
        // Retaining looks at nothing else, so that it works while a backend is away.
        (Wanted::Absent, _) => {}
        (Wanted::Present { .. }, Some(row)) => {
            let id = row.id.clone();
            observed.moved = row.held_on.lack(&control.identities);
            observed.topics = observe_topics(control, row).await?;
            observed.principal_due = principal::is_due(control, &id).await?;
            // What is being made gets its options so.
            observed.options_due = row.ready && topic_options::are_due(control, row).await?;
            observed.database = databases_store::observe(&control.admin, &id.database())
                .await
                .map_err(OperatorError::postgres("looking for the workspace's database"))?;
        }
        (Wanted::Present { spec, restore, .. }, None) => {
            observed.principal_due = control.principals().is_some();
            observed.handle_holder =
                store::handle_holder(&control.pool, spec.handle.as_str(), &target.term.source, &target.place).await?;
            observed.retained = retained(control, target, &spec.class_name, restore.as_ref()).await?;
        }
    }
    Ok(observed)
}

/// Looks for the bucket of a workspace that is wanted and registered.
///
/// # Errors
/// The object store is away or refuses; the bucket's state stays unknown.
pub async fn observe_bucket(control: &Control, target: &Target, observed: &mut Observed) -> Result<(), BucketsError> {
    let row = observed.registration.as_ref().filter(|_| target.wanted != Wanted::Absent);
    let Some(bucket) = row.map(|row| row.id.bucket()) else { return Ok(()) };
    observed.bucket = if control.buckets.exists(&bucket).await? {
        let configured = control.buckets.is_configured(&bucket, &control.bucket_settings).await?;
        BucketState::Present { configured }
    } else {
        BucketState::Absent
    };
    Ok(())
}

/// A manifest that comes back to a directory gets its newest data back: removing and restoring a file there (a checkout, a
/// rename by an editor) is one person's doing. In a cluster a namespace may meanwhile be another tenant's, so that a source
/// of that kind will have to name what it brings back.
async fn retained(
    control: &Control,
    target: &Target,
    class: &str,
    restore: Option<&WorkspaceId>,
) -> Result<Option<WorkspaceId>, OperatorError> {
    match restore {
        Some(id) => match retained::store::class(&control.pool, &target.term.source, id).await? {
            Some(kept) if kept == class => Ok(Some(id.clone())),
            Some(kept) => Err(Stall::RestoreElsewhere { id: id.to_string(), class: kept }.into()),
            None => Err(Stall::RestoreMissing(id.to_string()).into()),
        },
        None if &*target.term.source == DIRECTORY => {
            retained::store::newest(&control.pool, &target.term.source, &target.place).await
        }
        None => Ok(None),
    }
}

async fn observe_topics(control: &Control, row: &Registration) -> Result<Vec<TopicState>, OperatorError> {
    let names: Vec<String> = TopicKind::ALL.into_iter().map(|kind| row.id.topic(kind)).collect();
    // Leaders of what was finished are no business of provisioning.
    let found = if row.ready { control.topics.list(&names).await? } else { control.topics.describe(&names).await? };
    Ok(TopicKind::ALL
        .into_iter()
        .zip(found)
        .map(|(kind, topic)| TopicState {
            kind,
            partitions: u16::try_from(topic.partitions.len()).unwrap_or(u16::MAX),
            ready: row.ready || topic.is_ready(),
        })
        .collect())
}

/// Does one step. Repeating it, or doing it after a crash in its middle, ends the same.
///
/// # Errors
/// A backend's refusal.
pub async fn apply(control: &Control, target: &Target, step: &Step) -> Result<(), OperatorError> {
    let (pool, term) = (&control.pool, &target.term);
    match (step, &target.wanted) {
        (Step::Retain(id), _) => store::retain(pool, term, id).await,
        (Step::AcceptLoss { id, epoch, database, bucket }, _) => {
            tracing::warn!(workspace = %id, epoch, "what is missing is given up, and made anew");
            store::accept_loss(pool, term, id, *epoch, (*database, *bucket)).await
        }
        (Step::Register(id), Wanted::Present { spec, .. }) => {
            store::register(pool, term, id, (&target.place, spec), &control.identities).await
        }
        (Step::Restore(id), Wanted::Present { spec, .. }) => store::restore(pool, term, id, &target.place, spec).await,
        (Step::UpdateSpec(id), Wanted::Present { spec, .. }) => store::update_spec(pool, term, id, spec).await,
        (Step::RecordBackends(id), _) => {
            tracing::warn!(workspace = %id, servers = ?control.identities, "its data is on other servers than before");
            purge::store::record_backends(pool, term, id, &control.identities).await
        }
        (Step::CreateTopics(id, kinds), Wanted::Present { spec, .. }) => {
            let partitions = message_partitions(control, target, spec).await?;
            let topics: Vec<_> = kinds.iter().map(|kind| control.class.topic(id, *kind, partitions)).collect();
            Ok(control.topics.ensure(&topics).await?)
        }
        (Step::ConfigureTopics(_), Wanted::Present { .. }) => {
            match store::at_place(pool, &term.source, &target.place).await? {
                Some(row) => topic_options::set(control, &row).await,
                None => Err(OperatorError::RegistryChanged),
            }
        }
        (Step::EnsurePrincipal(id), _) => principal::ensure(control, id).await,
        (Step::AwaitTopicLeaders(id), _) => await_topic_leaders(control, id).await,
        (Step::CreateDatabase(id), _) => {
            if let Some(most) = control.class.storage {
                control.disk.check(&control.admin, most).await?;
            }
            databases_store::create_workspace_database(&control.admin, &id.database(), &databases::template_name())
                .await
                .map_err(OperatorError::postgres("cloning the template database"))?;
            control.disk.made().await;
            Ok(())
        }
        (Step::GrantDatabase(id), _) => databases_store::open_workspace_database(&control.admin, &id.database())
            .await
            .map_err(OperatorError::postgres("granting on the workspace's database")),
        (Step::RecordSchema(id), _) => store::record_schema(pool, term, id, schema::workspace::VERSION).await,
        (Step::MigrateDatabase(id), _) => migrate(control, term, id).await,
        (Step::CreateBucket(id), _) => Ok(control.buckets.create(&id.bucket()).await?),
        (Step::RecordBucket(id), _) => store::record_bucket(pool, term, id).await,
        (Step::ConfigureBucket(id), _) => Ok(control.buckets.configure(&id.bucket(), &control.bucket_settings).await?),
        (Step::MarkReady(id), _) => store::mark_ready(pool, term, id).await,
        // A plan for an absent workspace has no other step than Retain.
        (_, Wanted::Absent) => Ok(()),
    }
}

/// The row's word, not the manifest's: a class may have changed since it was written.
async fn message_partitions(control: &Control, target: &Target, spec: &Spec) -> Result<u16, OperatorError> {
    let row = store::at_place(&control.pool, &target.term.source, &target.place).await?;
    Ok(row.map_or(spec.message_partitions, |row| row.spec.message_partitions))
}

async fn await_topic_leaders(control: &Control, id: &WorkspaceId) -> Result<(), OperatorError> {
    let deadline = Instant::now() + LEADER_LIMIT;
    let mut pending: Vec<String> = TopicKind::ALL.into_iter().map(|kind| id.topic(kind)).collect();
    loop {
        let found = control.topics.describe(&pending).await?;
        pending = found.into_iter().filter(|topic| !topic.is_ready()).map(|topic| topic.name).collect();
        let Some(topic) = pending.first() else { return Ok(()) };
        if Instant::now() >= deadline {
            return Err(OperatorError::TopicsNotReady { topic: topic.clone(), seconds: LEADER_LIMIT.as_secs() });
        }
        sleep(LEADER_POLL).await;
    }
}

async fn migrate(control: &Control, term: &Term, id: &WorkspaceId) -> Result<(), OperatorError> {
    const DOING: &str = "connecting to the workspace's database";
    let database = id.database();
    let mut connection = databases_store::connect_as_owner(&control.server.clone().database(&database))
        .await
        .map_err(OperatorError::postgres(DOING))?;
    let migrated = databases::migrate(&schema::workspace::MIGRATOR, &mut connection).await;
    migrated.map_err(|source| OperatorError::Migration { database, source })?;
    sqlx::Connection::close(connection).await.map_err(OperatorError::postgres(DOING))?;
    store::record_schema(&control.pool, term, id, schema::workspace::VERSION).await
}
