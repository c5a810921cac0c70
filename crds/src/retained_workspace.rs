//! `RetainedWorkspace`: what stands for the data of a workspace whose manifest is gone. The operator makes it; a Workspace
//! that names it in `spec.restore` brings the data back.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is kept, and until when. Only `purgeAfter` can be changed.
#[derive(CustomResource, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "threadly.dev",
    version = "v1alpha1",
    kind = "RetainedWorkspace",
    plural = "retainedworkspaces",
    status = "RetainedWorkspaceStatus",
    derive = "PartialEq",
    shortname = "rws",
    category = "threadly",
    doc = "The data of a workspace whose manifest is gone.",
    printcolumn = r#"{"name": "Workspace id", "type": "string", "jsonPath": ".spec.workspaceId"}"#,
    printcolumn = r#"{"name": "Handle", "type": "string", "jsonPath": ".spec.handle"}"#,
    printcolumn = r#"{"name": "From", "type": "string", "jsonPath": ".spec.formerPlace.namespace"}"#,
    printcolumn = r#"{"name": "Size", "type": "string", "jsonPath": ".status.size"}"#,
    printcolumn = r#"{"name": "Purge after", "type": "string", "jsonPath": ".spec.purgeAfter"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetainedWorkspaceSpec {
    /// Its identity for ever; `metadata.name` is the same.
    #[schemars(length(min = 12, max = 12))]
    pub workspace_id: String,
    /// The class whose backends hold the data.
    #[schemars(length(min = 1, max = 63))]
    pub class_name: String,
    /// Its name in URLs, kept for it until it is purged.
    #[schemars(length(min = 1, max = 63))]
    pub handle: String,
    /// Its name for people.
    #[schemars(length(min = 1, max = 80))]
    pub display_name: String,
    /// Where its manifest was.
    pub former_place: FormerPlace,
    /// Since when it is retained, RFC 3339.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub retained_at: String,
    /// When the data is purged, RFC 3339; never by itself if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub purge_after: Option<String>,
}

/// Where a manifest was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FormerPlace {
    /// The cluster, where several share the backends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub cluster: Option<String>,
    /// Its namespace.
    #[schemars(length(min = 1, max = 63))]
    pub namespace: String,
    /// Its name.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
}

/// What the operator tells of retained data. Unknown fields are let through: a newer operator may have written them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetainedWorkspaceStatus {
    /// The `metadata.generation` that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// How far it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<RetainedPhase>,
    /// Bytes that it takes on the backends, as `3Gi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    pub size: Option<String>,
    /// Ready and others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// How far retained data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RetainedPhase {
    /// Kept, and can be brought back.
    Retained,
    /// Being purged; it can't be brought back any more.
    Purging,
    /// Nothing is left but this object.
    Purged,
}
