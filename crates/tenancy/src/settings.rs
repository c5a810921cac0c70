//! What a manifest says that functions go by, beyond who may register: one JSON object of the registry.

use serde::{Deserialize, Serialize};

/// A workspace's settings. Fields that this version doesn't know are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// How much the workspace may hold and do.
    #[serde(skip_serializing_if = "Limits::is_none")]
    pub limits: Limits,
}

/// Upper limits; none where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Limits {
    /// Active people; bots are not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<u32>,
    /// Bytes in the workspace's bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_bytes: Option<u64>,
    /// Messages posted, a second, in each process that takes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages_per_second: Option<u32>,
}

impl Limits {
    /// Whether nothing is limited.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
