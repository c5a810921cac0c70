//! The control registry, written here and nowhere else.

use crds::workspace::SignUpMode;
use domain::WorkspaceId;
use sqlx::PgPool;

use crate::{
    OperatorError,
    backend_watch::Pins,
    plan::{Registration, Spec},
};

pub(crate) mod counts;
pub(crate) mod retained;
pub(crate) mod store;

/// The source that a directory of manifests writes as. A Kubernetes cluster will write as its own id.
pub const DIRECTORY: &str = "directory";

/// An active row, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// `namespace/name`.
    pub place: String,
    /// The row.
    pub row: Registration,
}

/// A workspace out of service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retained {
    /// Its identity.
    pub id: WorkspaceId,
    /// Where its manifest was.
    pub place: String,
    /// Its class.
    pub class: String,
    /// The handle that it had.
    pub handle: String,
    /// Its name for people.
    pub display_name: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// When it is purged, RFC 3339; never by itself without one.
    pub purge_after: Option<String>,
    /// It is being purged, and can't be brought back.
    pub purging: bool,
    /// Its time has come, by the registry's clock, or its purge has begun.
    pub due: bool,
}

/// Mints an identity: 60 random bits. Never derived from a name, so that nothing is ever reused.
#[must_use]
pub fn mint() -> WorkspaceId {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    loop {
        let bits: u64 = rand::random();
        let text: String = (0..12).map(|index| char::from(ALPHABET[(bits >> (5 * index)) as usize & 31])).collect();
        if let Ok(id) = text.parse() {
            return id;
        }
    }
}

/// Makes a public key known, before the first token is signed with it.
///
/// # Errors
/// The control database is away.
pub async fn publish_signing_key(control: &PgPool, kid: &str, public_key: &[u8; 32]) -> Result<(), OperatorError> {
    store::put_signing_key(control, kid, public_key).await
}

/// Acknowledges that a workspace's log lost records: its epoch after `known`, which somebody else may have raised already.
///
/// # Errors
/// The control database is away.
pub async fn raise_epoch(control: &PgPool, id: &WorkspaceId, known: u32) -> Result<u32, OperatorError> {
    store::raise_epoch(control, id, known).await
}

/// As it stands in the row.
const fn mode_text(mode: SignUpMode) -> &'static str {
    match mode {
        SignUpMode::Invitation => "Invitation",
        SignUpMode::Domain => "Domain",
        SignUpMode::Open => "Open",
    }
}

/// A row as the database gives it.
struct Raw {
    id: String,
    handle: String,
    display_name: String,
    class_name: String,
    owner_email: String,
    sign_up_mode: String,
    sign_up_domains: Vec<String>,
    suspended: bool,
    settings: serde_json::Value,
    ready: bool,
    message_partitions: i32,
    schema_version: i32,
    bucket_made: bool,
    epoch: i32,
    namespace_uid: Option<String>,
    purge_after_days: Option<i32>,
    kafka_cluster_id: Option<String>,
    postgres_system_id: Option<String>,
}

impl Raw {
    fn read(self) -> Result<Registration, OperatorError> {
        let unreadable = |reason| OperatorError::Row { id: self.id.clone(), reason };
        let sign_up_mode = match self.sign_up_mode.as_str() {
            "Invitation" => SignUpMode::Invitation,
            "Domain" => SignUpMode::Domain,
            "Open" => SignUpMode::Open,
            _ => return Err(unreadable("its sign-up mode is unknown")),
        };
        Ok(Registration {
            id: self.id.parse().map_err(|_| unreadable("its id has another form"))?,
            ready: self.ready,
            schema_version: self.schema_version,
            bucket_made: self.bucket_made,
            epoch: u32::try_from(self.epoch).unwrap_or_default(),
            held_on: Pins { kafka: self.kafka_cluster_id, postgres: self.postgres_system_id },
            spec: Spec {
                handle: self.handle.parse().map_err(|_| unreadable("its handle has another form"))?,
                class_name: self.class_name,
                display_name: self.display_name,
                owner_email: self.owner_email,
                sign_up_mode,
                sign_up_domains: self.sign_up_domains,
                suspended: self.suspended,
                // What a newer version wrote is written again as this one understands it.
                settings: Box::new(serde_json::from_value(self.settings).unwrap_or_default()),
                namespace_uid: self.namespace_uid,
                purge_after_days: self.purge_after_days.and_then(|days| u32::try_from(days).ok()),
                message_partitions: u16::try_from(self.message_partitions)
                    .map_err(|_| unreadable("its number of partitions is out of range"))?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minted_ids_differ() {
        let ids: std::collections::HashSet<_> = (0..1000).map(|_| mint()).collect();
        assert_eq!(ids.len(), 1000);
    }
}
