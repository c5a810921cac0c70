//! What the operator tells of a workspace. Unknown fields are let through: a newer operator may have written them.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The operator's last word on a workspace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceStatus {
    /// The `metadata.generation` that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Its identity for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 12))]
    pub workspace_id: Option<String>,
    /// The class that it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub class_name: Option<String>,
    /// Where people go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub url: Option<String>,
    /// Its host names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub hosts: Vec<HostStatus>,
    /// The first owner's way in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<OwnerStatus>,
    /// What was made for it on the backends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourcesStatus>,
    /// Its credentials' generations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<CredentialsStatus>,
    /// What it uses; written every 10 minutes at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<UsageStatus>,
    /// Ready, TopicsReady, DatabaseReady, SchemaCurrent and others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// One host name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HostStatus {
    /// The host name.
    #[schemars(length(max = 253))]
    pub name: String,
    /// What became of it.
    pub state: HostState,
}

/// What became of a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HostState {
    /// Requests arrive.
    Serving,
    /// Its route is not there yet.
    Pending,
    /// An older workspace has it.
    Taken,
}

/// The first owner's way in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnerStatus {
    /// `namespace/name` of the Secret that holds the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 320))]
    pub invitation_secret: Option<String>,
    /// Open, Emailed or Accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    pub state: Option<String>,
}

/// What was made for a workspace on the backends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourcesStatus {
    /// What its topics' names begin with.
    #[schemars(length(max = 64))]
    pub topic_prefix: String,
    /// Its database.
    #[schemars(length(max = 63))]
    pub database: String,
    /// Its bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub bucket: Option<String>,
    /// The topics' identity.
    pub epoch: i32,
    /// Its database's schema.
    pub schema_version: i32,
}

/// A workspace's credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialsStatus {
    /// The generation in use.
    pub generation: u32,
    /// Until when the former is valid, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40))]
    pub previous_valid_until: Option<String>,
}

/// What a workspace uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageStatus {
    /// Active people.
    pub members: u32,
    /// Bytes of its database, as `3Gi`.
    #[schemars(length(max = 16))]
    pub storage: String,
    /// Posts of the last 24 hours.
    #[serde(rename = "messages24h")]
    pub messages_24h: u64,
    /// When it was counted, RFC 3339.
    #[schemars(length(max = 40))]
    pub as_of: String,
}
