//! "Confirm your e-mail address."

use crate::{
    Link,
    content::{Block, Content, sentence},
    line::Line,
};

/// Asks a reader to prove that an address is theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyEmail {
    /// By [`Links::verify_email`](crate::Links::verify_email).
    pub link: Link,
}

impl VerifyEmail {
    pub(crate) fn content(&self, workspace: &Line) -> Content {
        Content {
            subject: sentence!["Confirm your e-mail address for ", workspace],
            blocks: vec![
                sentence!["Please confirm that this e-mail address is yours, to use it in ", workspace, "."].into(),
                Block::Action("Confirm the address", self.link.clone()),
                sentence!["The link works where you are signed in to that account."].into(),
                sentence!["If it was not you who entered it, ignore this letter: without the link nothing happens."]
                    .into(),
            ],
            why: sentence![
                "You got this letter because somebody entered this address in the workspace ",
                workspace,
                " on Threadly."
            ],
        }
    }
}
