//! Purging: what a retained workspace left on the backends is destroyed, in an order that may be cut off anywhere.
//!
//! First the registry says that it is being purged, from where nothing leads back; then the topics, the database and the
//! bucket go, each under a ticket of its own; last the registry says that nothing is left. Whoever takes it up again looks
//! at what is there.

use domain::{WorkspaceId, ids::TopicKind};

use crate::{
    Control, OperatorError,
    plan::DatabaseState,
    principal,
    term::{Act, Term, Ticket},
};

pub(crate) mod store;

/// What is left of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remains {
    /// Its topics that are there.
    pub topics: Vec<TopicKind>,
    /// Its database is there.
    pub database: bool,
    /// Its bucket is there.
    pub bucket: bool,
}

/// The acts that are left to do, in their order. Pure.
#[must_use]
pub fn plan(remains: &Remains) -> Vec<Act> {
    let acts = [
        (!remains.topics.is_empty(), Act::DeleteTopics),
        (remains.database, Act::DropDatabase),
        (remains.bucket, Act::DeleteBucket),
    ];
    acts.into_iter().filter_map(|(left, act)| left.then_some(act)).collect()
}

/// Purges a retained workspace to its end.
///
/// # Errors
/// It is in service, somebody else leads, or a backend is away: what is done stays done.
pub async fn purge(control: &Control, term: &Term, id: &WorkspaceId) -> Result<(), OperatorError> {
    purge_where(control, term, id, "").await
}

/// The same where a person has said of other servers than those that had the data that they are meant: their identities,
/// comma separated.
///
/// # Errors
/// As [`purge`].
pub async fn purge_where(
    control: &Control,
    term: &Term,
    id: &WorkspaceId,
    accepted: &str,
) -> Result<(), OperatorError> {
    if !begin_where(control, term, id, accepted).await? {
        return Err(OperatorError::NoTicket(id.to_string()));
    }
    let remains = observe(control, id).await?;
    for act in plan(&remains) {
        apply(control, term, id, act).await?;
    }
    // Also where somebody else had taken the topics away.
    if control.has_users() {
        principal::remove(control, id).await?;
    }
    store::end(&control.pool, term, id).await?;
    tracing::info!(workspace = %id, "purged");
    Ok(())
}

/// Says in the registry that it is being purged; whether it is.
///
/// # Errors
/// Its data is on other servers than the class's, or somebody else leads, or the control database is away.
pub async fn begin(control: &Control, term: &Term, id: &WorkspaceId) -> Result<bool, OperatorError> {
    begin_where(control, term, id, "").await
}

async fn begin_where(control: &Control, term: &Term, id: &WorkspaceId, accepted: &str) -> Result<bool, OperatorError> {
    let servers = store::held_on(&control.pool, id).await?;
    if let Some((backend, held, now)) = servers.moved(&control.identities, accepted) {
        let (backend, held, now) = (backend.as_str(), held.to_owned(), now.to_owned());
        return Err(OperatorError::DataElsewhere { backend, held, now });
    }
    store::begin(&control.pool, term, id).await
}

/// What is left of it on its backends.
///
/// # Errors
/// A backend is away.
pub async fn observe(control: &Control, id: &WorkspaceId) -> Result<Remains, OperatorError> {
    let names: Vec<String> = TopicKind::ALL.into_iter().map(|kind| id.topic(kind)).collect();
    let found = control.topics.list(&names).await?;
    let topics = TopicKind::ALL.into_iter().zip(found).filter(|(_, topic)| topic.exists()).map(|(kind, _)| kind);
    let database = crate::databases::store::observe(&control.admin, &id.database())
        .await
        .map_err(OperatorError::postgres("looking for the workspace's database"))?;
    Ok(Remains {
        topics: topics.collect(),
        database: database != DatabaseState::Absent,
        // A list that names it not: what stands before a store may answer 404 to anything.
        bucket: control.buckets.all().await?.contains(&id.bucket()),
    })
}

/// Does one act, under a ticket of its own. Repeating it, or doing it after a crash in its middle, ends the same.
///
/// # Errors
/// No ticket, or a backend's refusal.
pub async fn apply(control: &Control, term: &Term, id: &WorkspaceId, act: Act) -> Result<(), OperatorError> {
    match act {
        Act::DeleteTopics => {
            let names: Vec<String> = TopicKind::ALL.into_iter().map(|kind| id.topic(kind)).collect();
            Ticket::take(&control.pool, term, id, act).await?.spend()?;
            Ok(control.topics.delete(&names).await?)
        }
        Act::DropDatabase => {
            const DOING: &str = "dropping the workspace's database";
            // Waiting for a connection must not use up the ticket.
            let mut connection = control.admin.acquire().await.map_err(OperatorError::postgres(DOING))?;
            Ticket::take(&control.pool, term, id, act).await?.spend()?;
            store::drop_database(&mut connection, &id.database()).await.map_err(OperatorError::postgres(DOING))
        }
        Act::DeleteBucket => {
            let bucket = id.bucket();
            // A page of objects each, until there is none.
            loop {
                Ticket::take(&control.pool, term, id, act).await?.spend()?;
                if control.buckets.delete_some(&bucket).await? {
                    return Ok(());
                }
            }
        }
    }
}
