//! How bots and their tokens are named in paths.

use domain::{TokenId, UserId};
use serde::Deserialize;
use utoipa::IntoParams;

/// A bot in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct BotPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The bot; made by the client, a UUIDv7.
    pub(super) user_id: UserId,
}

/// A token of a bot's in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct BotTokenPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The bot.
    pub(super) user_id: UserId,
    /// The token; made by the client, a UUIDv7.
    pub(super) token_id: TokenId,
}
