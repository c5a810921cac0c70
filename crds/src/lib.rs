//! The custom resources of `threadly.dev/v1alpha1`: Rust types, the rules that a manifest must meet, and the generated CRDs.
//!
//! The same YAML is read from a directory and from the Kubernetes API. [`manifest::parse`] is the way in for files: what
//! it lets through has passed [`validate`] as well. For the API server, [`generated::crds`] are what to install: the derived
//! ones lack the rules. The policies and roles beside them are `crds/policies` and `crds/rbac`.

pub mod annotations;
pub mod backends;
pub mod generated;
pub mod manifest;
mod refusals;
pub mod retained_workspace;
pub mod rules;
mod schema;
mod sentence;
pub mod validate;
pub mod workspace;
pub mod workspace_class;
pub mod workspace_status;

pub use manifest::{ClassManifest, ErrorCode, Manifest, ManifestError, WorkspaceManifest};
pub use retained_workspace::{RetainedWorkspace, RetainedWorkspaceSpec, RetainedWorkspaceStatus};
pub use workspace::{Workspace, WorkspaceSpec};
pub use workspace_class::{WorkspaceClass, WorkspaceClassSpec};
pub use workspace_status::WorkspaceStatus;

/// The API group and version of every kind here.
pub const API_VERSION: &str = "threadly.dev/v1alpha1";
