//! The annotations that are read: a person's word for one occasion, which is no part of what an object asks for.

/// On a WorkspaceClass: `"true"` makes it the one that is meant where none is named.
pub const DEFAULT_CLASS: &str = "threadly.dev/is-default-class";
/// On a WorkspaceClass: so many of its workspaces that vanished at once are meant to go.
pub const ALLOW_VANISHED: &str = "threadly.dev/allow-vanished";
/// On a WorkspaceClass: so many of its retained workspaces that were deleted at once are meant to be purged.
pub const ALLOW_PURGES: &str = "threadly.dev/allow-purges";
/// On a Workspace: what is missing of this epoch (`status.resources.epoch`) may be made anew, empty. It is good once, since
/// that raises the epoch.
pub const ACCEPT_DATA_LOSS: &str = "threadly.dev/accept-data-loss";
/// On a WorkspaceClass: this new identity of a backend (Kafka's cluster id, Postgres's system identifier) is meant. On a
/// RetainedWorkspace, whose data was on another: the same, comma separated for both.
pub const ACCEPT_BACKEND_IDENTITY: &str = "threadly.dev/accept-backend-identity";
