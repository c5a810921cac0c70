//! "Ada invites you."

use chrono::{DateTime, Utc};

use super::time;
use crate::{
    Link,
    content::{Block, Content, sentence},
    line::Line,
};

/// Invites somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The name of who invites.
    pub inviter: String,
    /// By [`Links::invitation`](crate::Links::invitation).
    pub link: Link,
    /// Until when the link works.
    pub expires: DateTime<Utc>,
}

impl Invitation {
    pub(crate) fn content(&self, workspace: &Line) -> Content {
        let (inviter, expires) = (Line::name(&self.inviter), time(self.expires));
        Content {
            subject: sentence![&inviter, " invites you to ", workspace],
            blocks: vec![
                sentence![&inviter, " invites you to join the workspace ", workspace, " on Threadly, a team chat."]
                    .into(),
                Block::Action("Accept the invitation", self.link.clone()),
                sentence!["The invitation is for you alone and ends on ", &expires, "."].into(),
                sentence!["If you don't want to join, ignore this letter."].into(),
            ],
            why: sentence![
                "You got this letter because ",
                &inviter,
                " entered your address to invite you to the workspace ",
                workspace,
                " on Threadly."
            ],
        }
    }
}
