//! What clients see of invitations, and how they name them in paths.

use chrono::{DateTime, Utc};
use domain::{ChannelId, InvitationId, Role, TeamId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An invitation in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(crate) struct InvitationPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The invitation.
    pub invitation_id: InvitationId,
}

/// Whether an invitation lets anybody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum InvitationState {
    /// It does.
    Open,
    /// It was used as often as it may be.
    Used,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invitation {
    /// The invitation's id.
    pub invitation_id: InvitationId,
    /// Whom it was sent to; null of a link, which is for whoever has it.
    pub email: Option<String>,
    /// What they are to be.
    pub role: Role,
    /// Where they find themselves afterwards.
    pub channels: Vec<ChannelId>,
    /// The teams that they are in afterwards.
    pub teams: Vec<TeamId>,
    /// Who asked them.
    pub created_by: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// It is good until then.
    pub expires_at: DateTime<Utc>,
    /// How often it may be used.
    pub max_uses: i32,
    /// How often it was.
    pub uses: i32,
    /// Whether it lets anybody in.
    pub state: InvitationState,
}

/// An invitation as it is told to whoever made it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewInvitation {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: Invitation,
    /// The secret that goes into the link, 43 characters, told here alone; null of one that was sent to an address.
    pub token: Option<String>,
}

/// A page of invitations, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvitationPage {
    /// The invitations.
    pub items: Vec<Invitation>,
    /// For the next page; null at the end.
    pub next_cursor: Option<String>,
}
