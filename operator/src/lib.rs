//! Provisioning: what manifests ask for becomes topics, a database, a bucket and a row in the control registry.
//!
//! ```text
//! source::directory ──Snapshot──▶ controller ──▶ admission (pure) ──▶ one task per workspace:
//!                                                observe ─▶ plan (pure) ─▶ apply, until the plan is empty
//! ```
//!
//! Every step may be repeated and may be interrupted; none destroys data. Which workspaces exist is decided by the control
//! registry alone ([`registry`]), so that a restart, a second source or a lost status changes nothing.

pub mod admission;
pub mod backend_watch;
pub mod bootstrap;
pub mod brake;
pub mod class;
pub mod controller;
mod databases;
pub mod drift;
pub mod error;
pub mod hosts;
pub mod kubernetes;
pub mod offers;
mod pace;
pub mod plan;
pub mod principal;
pub mod provision;
pub mod purge;
pub mod registry;
mod scram;
pub mod source;
pub mod status;
pub mod term;
mod topic_options;
pub mod usage;

pub use bootstrap::{Backends, Control, bootstrap};
pub use controller::run_directory;
pub use error::OperatorError;
pub use kubernetes::run_kubernetes;
pub use provision::provision_now;
pub use status::WorkspaceStatus;
