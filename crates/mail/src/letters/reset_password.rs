//! "Choose a new password."

use crate::{
    Link,
    content::{Block, Content, sentence},
    line::Line,
};

/// Lets a reader choose a new password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetPassword {
    /// By [`Links::reset_password`](crate::Links::reset_password).
    pub link: Link,
}

impl ResetPassword {
    pub(crate) fn content(&self, workspace: &Line) -> Content {
        Content {
            subject: sentence!["Choose a new password for ", workspace],
            blocks: vec![
                sentence!["Somebody, we hope you, asked for a new password of your account in ", workspace, "."].into(),
                Block::Action("Choose a new password", self.link.clone()),
                sentence!["The link works once and for a short time. Pass it on to nobody."].into(),
                sentence!["If it was not you, ignore this letter: your password stays as it is."].into(),
            ],
            why: sentence![
                "You got this letter because a new password was asked for your account in the workspace ",
                workspace,
                " on Threadly."
            ],
        }
    }
}
