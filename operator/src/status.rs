//! What the operator tells of each workspace, for `status.json` and for people.

use domain::WorkspaceId;
use serde::Serialize;

/// The reason of a workspace that is on its way and needs nobody.
pub const PROVISIONING: &str = "Provisioning";
/// The reason of a workspace that is as its manifest says.
pub const READY: &str = "Ready";

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
}
