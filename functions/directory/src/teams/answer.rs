//! What clients see of teams and who is in them, and how they name them in paths.

use chrono::{DateTime, Utc};
use domain::{AccountKind, TeamId, TeamRole, UserId, events::Status};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Avatar;

/// A team in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(crate) struct TeamPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The team.
    pub team_id: TeamId,
}

/// A member of a team in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(crate) struct TeamMemberPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The team.
    pub team_id: TeamId,
    /// The person.
    pub user_id: UserId,
}

/// A team as the caller sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TeamView {
    /// The team's id.
    pub team_id: TeamId,
    /// Unique among the workspace's teams, as are names that look alike.
    pub name: String,
    /// What the team does, in one line or several; may be empty.
    pub description: String,
    /// What the caller is in it; null if they are not.
    pub membership: Option<TeamRole>,
    /// Raised by one at every change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl TeamView {
    /// What is shown beyond what the version says.
    pub(crate) fn shade(&self) -> &'static str {
        self.membership.map_or("", TeamRole::as_str)
    }
}

/// A page of teams, in the order of their names, case ignored.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TeamPage {
    /// The teams.
    pub items: Vec<TeamView>,
    /// For the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// A member of a team.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TeamMember {
    /// The person's id.
    pub user_id: UserId,
    /// As shown to others.
    pub display_name: String,
    /// In the team.
    pub role: TeamRole,
    /// A person, or a program.
    pub kind: AccountKind,
    /// False once deactivated.
    pub active: bool,
    /// What they do; may be empty.
    pub title: String,
    /// What they say that they are doing; null if nothing, or once it is over.
    pub status: Option<Status>,
    /// The person's picture; null without one.
    pub avatar: Option<Avatar>,
}

/// A page of members, in the order of their ids.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TeamMemberPage {
    /// The members.
    pub items: Vec<TeamMember>,
    /// For the next page; null at the end.
    pub next_cursor: Option<String>,
}
