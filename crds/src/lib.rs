//! The custom resources of `threadly.dev/v1alpha1`: Rust types, the rules that a manifest must meet, and the generated CRDs.
//!
//! The same YAML is read from a directory and from the Kubernetes API. [`manifest::parse`] is the way in for files: what
//! it lets through has passed [`validate`] as well.

pub mod backends;
pub mod generated;
pub mod manifest;
mod sentence;
pub mod validate;
pub mod workspace;
pub mod workspace_class;
pub mod workspace_status;

pub use manifest::{ClassManifest, ErrorCode, Manifest, ManifestError, WorkspaceManifest};
pub use workspace::{Workspace, WorkspaceSpec};
pub use workspace_class::{WorkspaceClass, WorkspaceClassSpec};
pub use workspace_status::WorkspaceStatus;

/// The API group and version of every kind here.
pub const API_VERSION: &str = "threadly.dev/v1alpha1";
