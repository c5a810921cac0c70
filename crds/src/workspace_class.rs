//! `WorkspaceClass`: what the platform team offers.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, LabelSelector};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    backends::{KafkaBackend, ObjectStoreBackend, PostgresBackend},
    workspace::{DeletionPolicy, Isolation, Limits, Retention},
};

/// The backends of a kind of workspace, and the rules for those who ask for one.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "threadly.dev",
    version = "v1alpha1",
    kind = "WorkspaceClass",
    plural = "workspaceclasses",
    status = "WorkspaceClassStatus",
    derive = "PartialEq",
    shortname = "wsclass",
    category = "threadly",
    doc = "The backends of a kind of workspace, and the rules for those who ask for one.",
    printcolumn = r#"{"name": "Region", "type": "string", "jsonPath": ".spec.region"}"#,
    printcolumn = r#"{"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type=='Ready')].status"}"#,
    printcolumn = r#"{"name": "Workspaces", "type": "integer", "jsonPath": ".status.workspaces.total"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkspaceClassSpec {
    /// A label for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub region: Option<String>,
    /// Where topics are made.
    pub kafka: KafkaBackend,
    /// Where databases are made.
    pub postgres: PostgresBackend,
    /// Where buckets are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_store: Option<ObjectStoreBackend>,
    /// How browsers arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routes: Option<Routes>,
    /// Who may ask for what.
    #[serde(default)]
    pub allowed: Allowed,
    /// What a workspace gets that doesn't say.
    #[serde(default)]
    pub defaults: Defaults,
    /// What a workspace may ask for at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximums: Option<Limits>,
    /// How many workspaces fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// What becomes of retained data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retained: Option<RetainedPolicy>,
    /// How schema upgrades roll out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<SchemaRollout>,
    /// How Dedicated workspaces are laid out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedicated: Option<Dedicated>,
}

/// How browsers arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Routes {
    /// The URL that workspaces' paths are appended to.
    #[serde(rename = "baseURL")]
    #[schemars(length(min = 8, max = 512))]
    pub base_url: String,
    /// What is made for a host name.
    #[serde(default)]
    pub via: RouteKind,
    /// With Gateway: which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_ref: Option<GatewayRef>,
}

/// What is made for a host name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RouteKind {
    /// A route of Gateway API.
    Gateway,
    /// An Ingress.
    Ingress,
    /// Nothing.
    #[default]
    None,
}

/// A Gateway's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GatewayRef {
    /// Its namespace.
    #[schemars(length(min = 1, max = 63))]
    pub namespace: String,
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// Who may ask for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Allowed {
    /// A workspace's namespace must carry all of these.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 16))]
    pub namespace_labels: BTreeMap<String, String>,
    /// A host must end in one of these; `{namespace}` stands for the workspace's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 253)))]
    pub host_suffixes: Vec<String>,
    /// Kinds of isolation.
    #[schemars(length(min = 1, max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub isolation: Vec<Isolation>,
    /// Deletion policies.
    #[schemars(length(min = 1, max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub deletion_policies: Vec<DeletionPolicy>,
    /// Hosts of outside issuers; `*.` stands for one or more labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(min = 1, max = 253)))]
    pub issuer_hosts: Vec<String>,
}

impl Default for Allowed {
    fn default() -> Self {
        Self {
            namespace_labels: BTreeMap::new(),
            host_suffixes: Vec::new(),
            isolation: vec![Isolation::Shared],
            deletion_policies: vec![DeletionPolicy::Retain],
            issuer_hosts: Vec::new(),
        }
    }
}

/// What a workspace gets that doesn't say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Defaults {
    /// How long things are kept.
    pub retention: Retention,
    /// How much it may use.
    pub limits: Limits,
}

/// How many workspaces fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Capacity {
    /// Beyond this, the next is not provisioned.
    #[schemars(range(min = 1, max = 100_000))]
    pub workspaces: u32,
    /// What all databases of its Postgres together may take, as `500Gi`; beyond, no database is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 16))]
    pub storage: Option<String>,
}

/// What becomes of retained data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetainedPolicy {
    /// With the deletion policy Delete: purged after this many days; kept until its RetainedWorkspace is deleted if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36500))]
    pub purge_after_days: Option<u32>,
}

/// How schema upgrades roll out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SchemaRollout {
    /// Workspaces that go first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<LabelSelector>,
    /// How many at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    pub max_concurrent: Option<u32>,
    /// Stop after this many failures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub max_failures: Option<u32>,
}

/// How Dedicated workspaces are laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dedicated {
    /// How functions are spread over Deployments.
    #[serde(default)]
    pub layout: Layout,
    /// What runs them.
    #[serde(default)]
    pub runtime: Runtime,
    /// Its edges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edge: Option<EdgeReplicas>,
}

/// How functions are spread over Deployments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Layout {
    /// All in one.
    #[default]
    Grouped,
    /// One each.
    PerFunction,
}

/// What runs functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Runtime {
    /// Knative where it is installed, else Deployments.
    #[default]
    Auto,
    /// Knative.
    Knative,
    /// Plain Deployments.
    Deployment,
}

/// Bounds for the number of edges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EdgeReplicas {
    /// At least.
    #[schemars(range(min = 1, max = 1000))]
    pub min_replicas: u32,
    /// At most.
    #[schemars(range(min = 1, max = 1000))]
    pub max_replicas: u32,
}

/// What the operator tells of a class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceClassStatus {
    /// The `metadata.generation` that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Ready, BackendsReachable, SchemaRollout.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// The backends' identities, pinned at first contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backends: Option<BackendIdentities>,
    /// How many workspaces it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspaces: Option<WorkspaceCounts>,
    /// How far the schema upgrade is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<SchemaCounts>,
}

/// The backends' identities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackendIdentities {
    /// Kafka's cluster id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub kafka_cluster_id: Option<String>,
    /// Postgres's system identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub postgres_system_id: Option<String>,
}

/// How many workspaces a class has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceCounts {
    /// Active ones.
    pub total: u32,
    /// Ready ones.
    pub ready: u32,
    /// Retained ones.
    pub retained: u32,
}

/// How far a schema upgrade is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchemaCounts {
    /// The version that all should have.
    pub target: i32,
    /// How many have it.
    pub at_target: u32,
    /// How many wait.
    pub pending: u32,
    /// How many failed.
    pub failed: u32,
}
