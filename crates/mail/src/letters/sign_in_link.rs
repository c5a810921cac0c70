//! "Your link to sign in."

use crate::{
    Link,
    content::{Block, Content, sentence},
    line::Line,
};

/// Signs somebody in, an owner for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    /// By [`Links::sign_in`](crate::Links::sign_in).
    pub link: Link,
}

impl SignInLink {
    pub(crate) fn content(&self, workspace: &Line) -> Content {
        Content {
            subject: sentence!["Your link to ", workspace],
            blocks: vec![
                sentence!["With this link you sign in to ", workspace, "."].into(),
                Block::Action("Sign in", self.link.clone()),
                sentence!["The link works once. Pass it on to nobody: whoever has it is you."].into(),
            ],
            why: sentence![
                "You got this letter because this address was given for an account in the workspace ",
                workspace,
                " on Threadly."
            ],
        }
    }
}
