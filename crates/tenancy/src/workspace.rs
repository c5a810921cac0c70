//! A row of the control registry.

use domain::{Handle, WorkspaceId, ids::TopicKind};

use crate::Settings;

/// A workspace that functions may serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Its identity for ever.
    pub id: WorkspaceId,
    /// Its name in URLs.
    pub handle: Handle,
    /// Its name for people.
    pub display_name: String,
    /// Who is its first owner.
    pub owner_email: String,
    /// Who may register.
    pub sign_up: SignUp,
    /// Refuses all requests while true; events are still projected.
    pub suspended: bool,
    /// Partitions of its `messages` topic; never changes in place.
    pub message_partitions: u32,
    /// The topics' identity.
    pub epoch: u32,
    /// The schema of its database.
    pub schema_version: i32,
    /// What else its manifest says.
    pub settings: Settings,
}

impl Workspace {
    /// The name of one of its topics.
    #[must_use]
    pub fn topic(&self, kind: TopicKind) -> String {
        self.id.topic(kind)
    }

    /// Partitions of one of its topics.
    #[must_use]
    pub fn partitions(&self, kind: TopicKind) -> u32 {
        if kind == TopicKind::Messages { self.message_partitions } else { 1 }
    }
}

/// Who may register without an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// Nobody.
    Invitation,
    /// Who has proved an address of one of these domains, in lower case; one that is only typed in proves nothing.
    Domain(Vec<String>),
    /// Everybody.
    Open,
}
