//! `Workspace`: what a tenant asks for.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::workspace_status::WorkspaceStatus;

/// What a workspace should be. Only `owner` is required.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "threadly.dev",
    version = "v1alpha1",
    kind = "Workspace",
    namespaced,
    status = "WorkspaceStatus",
    derive = "PartialEq",
    shortname = "ws",
    category = "threadly",
    doc = "A complete, isolated chat for one tenant.",
    selectable = ".spec.className",
    selectable = ".spec.handle",
    printcolumn = r#"{"name": "Class", "type": "string", "jsonPath": ".status.className"}"#,
    printcolumn = r#"{"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type=='Ready')].status"}"#,
    printcolumn = r#"{"name": "Reason", "type": "string", "jsonPath": ".status.conditions[?(@.type=='Ready')].reason"}"#,
    printcolumn = r#"{"name": "URL", "type": "string", "jsonPath": ".status.url"}"#,
    printcolumn = r#"{"name": "Members", "type": "integer", "jsonPath": ".status.usage.members"}"#,
    printcolumn = r#"{"name": "Storage", "type": "string", "jsonPath": ".status.usage.storage"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkspaceSpec {
    /// The WorkspaceClass that provides it; the default class if absent. Never changes once bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub class_name: Option<String>,
    /// Its name in URLs (`/w/{handle}`), unique in the installation; `metadata.name` if absent. Never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub handle: Option<String>,
    /// Its name for people; `metadata.name` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 80))]
    pub display_name: Option<String>,
    /// Who gets the first sign-in link.
    pub owner: Owner,
    /// Host names under which browsers reach it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), inner(length(max = 253)))]
    pub hosts: Vec<String>,
    /// Whether it shares functions with others. Never changes.
    #[serde(default)]
    pub isolation: Isolation,
    /// Refuses all requests while true; nothing is lost.
    #[serde(default)]
    pub suspended: bool,
    /// While true, the operator leaves it as it is.
    #[serde(default)]
    pub paused: bool,
    /// What becomes of the data once the manifest is gone.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// While true, the API server refuses to delete the manifest.
    #[serde(default)]
    pub deletion_protection: bool,
    /// Who may register.
    #[serde(default)]
    pub sign_up: SignUp,
    /// Outside identity providers whose tokens are accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 8),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["issuer"])
    )]
    pub issuers: Vec<Issuer>,
    /// How long things are kept; the class's defaults where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// How much it may use; the class's defaults where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// When credentials change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// Bring back a retained workspace instead of making a new one. Read at creation only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<Restore>,
}

/// The first owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Owner {
    /// An e-mail address.
    #[schemars(length(max = 254))]
    pub email: String,
}

/// Whether a workspace shares functions with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Isolation {
    /// Served by the fleet.
    #[default]
    Shared,
    /// Served by functions of its own, in a namespace of its own.
    Dedicated,
}

/// What becomes of the data once the manifest is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// Kept; can be brought back.
    #[default]
    Retain,
    /// Purged after the class's days.
    Delete,
}

/// Who may register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignUp {
    /// The rule.
    #[serde(default)]
    pub mode: SignUpMode,
    /// With mode Domain: who has proved an address of one of these domains may join.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(max = 253)))]
    pub domains: Vec<String>,
}

/// The rule of who may register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SignUpMode {
    /// Only who was invited.
    #[default]
    Invitation,
    /// Also who has proved an address of a named domain.
    Domain,
    /// Everybody.
    Open,
}

/// An outside identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Issuer {
    /// The `iss` of its tokens; https only.
    #[schemars(length(min = 1, max = 512))]
    pub issuer: String,
    /// The `aud` that a token must carry one of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), inner(length(min = 1, max = 256)))]
    pub audiences: Vec<String>,
    /// The `azp` that a token without `aud` must carry one of, as Clerk's do: the web app's origin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), inner(length(min = 1, max = 256)))]
    pub authorized_parties: Vec<String>,
    /// What Threadly is called there; then people may sign in by it (OpenID Connect, code with PKCE).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub client_id: Option<String>,
    /// Whom it admits.
    #[serde(default)]
    pub admits: Admits,
}

/// Whom an issuer's token admits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Admits {
    /// Who is a member already, and who could sign up with the address that the issuer proves.
    #[default]
    Members,
    /// Everybody with a token.
    Anyone,
}

/// How long things are kept, in days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retention {
    /// Messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36500))]
    pub message_days: Option<u32>,
    /// Files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36500))]
    pub file_days: Option<u32>,
    /// What audit entries tell; their hashes stay for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36500))]
    pub audit_days: Option<u32>,
}

/// How much a workspace may use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// People, active ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub members: Option<u32>,
    /// Bytes of files, as `100Gi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 16))]
    pub storage: Option<String>,
    /// Posts accepted per second, over all channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub messages_per_second: Option<u32>,
}

/// When credentials change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credentials {
    /// Raise it to rotate now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub generation: Option<u32>,
    /// Rotate after this many days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub rotate_every_days: Option<u32>,
    /// How long the former credentials stay valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 720))]
    pub overlap_hours: Option<u32>,
}

/// Which retained workspace to bring back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Restore {
    /// Its workspaceId, 12 characters of a-z and 2-7.
    #[schemars(length(max = 12))]
    pub retained_workspace: String,
}
