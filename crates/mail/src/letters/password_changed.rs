//! "Your password was changed."

use crate::{
    content::{Content, sentence},
    line::Line,
};

/// Says that a password was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordChanged;

impl PasswordChanged {
    pub(crate) fn content(self, workspace: &Line) -> Content {
        Content {
            subject: sentence!["Your password for ", workspace, " was changed"],
            blocks: vec![
                sentence!["The password of your account in ", workspace, " was changed just now."].into(),
                sentence![
                    "If it was not you, ask for a new password on the page where you sign in, and tell an admin of the \
                     workspace."
                ]
                .into(),
            ],
            why: sentence![
                "You got this letter because the password of your account in the workspace ",
                workspace,
                " on Threadly was changed."
            ],
        }
    }
}
