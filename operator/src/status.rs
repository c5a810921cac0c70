//! What the operator tells of each workspace, for `status.json` and for people.

use std::collections::BTreeMap;

use crds::workspace_status::HostStatus;
use domain::WorkspaceId;
use serde::Serialize;

use crate::source::Version;

/// The reason of a workspace that is on its way and needs nobody.
pub const PROVISIONING: &str = "Provisioning";
/// The reason of a workspace that serves, and is not yet as its manifest says.
pub const UPDATING: &str = "Updating";
/// The reason of a workspace that is as its manifest says.
pub const READY: &str = "Ready";
/// The reason of a workspace that goes on although no manifest names it.
pub const HELD: &str = "Held";

/// One workspace, or one fault in a file that became none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkspaceStatus {
    /// The file that speaks of it, without its folder; empty if no file does.
    pub file: String,
    /// `namespace/name`, where known.
    pub place: Option<String>,
    /// `metadata.name`, where known.
    pub name: Option<String>,
    /// The handle that it has or wants, where known.
    pub handle: Option<String>,
    /// Its identity, once registered.
    pub id: Option<WorkspaceId>,
    /// People can use it.
    pub ready: bool,
    /// Stable, one word: `Ready`, `Provisioning`, `HandleTaken`, `UnknownField` …
    pub reason: String,
    /// A plain sentence; names the field where one is at fault.
    pub message: String,
    /// What else is known of it, for sources that tell more.
    #[serde(skip)]
    pub details: Details,
}

impl WorkspaceStatus {
    /// Nothing helps until a person, or another workspace, changes something.
    #[must_use]
    pub const fn is_stalled(&self) -> bool {
        self.details.stalled
    }

    /// Something is still being done, or tried again.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.reason != READY && !self.details.stalled && !self.details.paused
    }
}

/// What is known of a workspace beside its one word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The object that was judged, and which generation of it.
    pub object: Option<Version>,
    /// The class that it is bound to.
    pub class: Option<String>,
    /// The topics' identity; 0 if it is not registered.
    pub epoch: u32,
    /// Its database's schema; 0 until that is there.
    pub schema_version: i32,
    /// It refuses requests, as its manifest asks.
    pub suspended: bool,
    /// It is left as it is, as its manifest asks.
    pub paused: bool,
    /// Its host names; nothing if they are not known.
    pub hosts: Option<Vec<HostStatus>>,
    /// Its parts; those that are not named are not there yet.
    pub parts: BTreeMap<Part, PartState>,
    /// Nothing helps until a person, or another workspace, changes something.
    pub stalled: bool,
}

/// A part of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its five topics.
    Topics,
    /// Its database.
    Database,
    /// The database's schema.
    Schema,
    /// Its bucket.
    Bucket,
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartState {
    /// As it should be.
    InOrder,
    /// On its way.
    Pending,
    /// Its backend does not tell; it was in order before.
    Unknown,
    /// Not as it should be.
    Faulty,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Topics, Self::Database, Self::Schema, Self::Bucket];

    /// The type of its condition.
    #[must_use]
    pub const fn condition(self) -> &'static str {
        match self {
            Self::Topics => "TopicsReady",
            Self::Database => "DatabaseReady",
            Self::Schema => "SchemaCurrent",
            Self::Bucket => "BucketReady",
        }
    }
}
