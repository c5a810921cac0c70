//! Workspaces out of service, of which something is left.

pub(crate) mod store;
