//! What a manifest says that functions go by, beyond who may register: one JSON object of the registry.

use serde::{Deserialize, Serialize};

/// A workspace's settings. Fields that this version doesn't know are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// How much the workspace may hold and do.
    #[serde(skip_serializing_if = "Limits::is_none")]
    pub limits: Limits,
    /// Whose tokens are taken besides Threadly's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<TrustedIssuer>,
}

/// An identity provider that a workspace trusts, as its manifest says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrustedIssuer {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// The `aud` that a token must carry one of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// The `azp` that a token without `aud` must carry.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorized_parties: Vec<String>,
    /// What Threadly is called there, if people sign in by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Whom it admits.
    pub admits: Admits,
}

/// Whom an issuer's token admits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Admits {
    /// Who is a member already, and who could sign up with the address that the issuer proves.
    #[default]
    Members,
    /// Everybody with a token.
    Anyone,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_newer_version_writes_is_passed_over() {
        let newer = json!({
            "limits": {"members": 5, "wishes": 3},
            "issuers": [{"issuer": "https://id.example", "audiences": ["threadly"], "admits": "Anyone", "colour": "red"}],
            "theme": "dark",
        });
        let settings: Settings = serde_json::from_value(newer).unwrap();
        assert_eq!((settings.limits.members, settings.limits.storage_bytes), (Some(5), None));
        assert_eq!((settings.issuers[0].audiences.len(), settings.issuers[0].admits), (1, Admits::Anyone));
        assert_eq!(serde_json::to_value(Settings::default()).unwrap(), json!({}));
    }
}
