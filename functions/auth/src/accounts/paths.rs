//! How people are named in paths.

use domain::UserId;
use serde::Deserialize;
use utoipa::IntoParams;

/// The workspace in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct WorkspacePath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
}

/// A person in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(crate) struct PersonPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The person, or the bot.
    pub(crate) user_id: UserId,
}
