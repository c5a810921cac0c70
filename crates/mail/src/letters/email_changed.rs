//! "Your address was changed."

use crate::{
    content::{Content, sentence},
    line::Line,
};

/// Says that an account has another address; sent to both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailChanged {
    /// The address that it had.
    pub old: String,
    /// The address that it has.
    pub new: String,
}

impl EmailChanged {
    pub(crate) fn content(&self, workspace: &Line) -> Content {
        let (old, new) = (Line::address(&self.old), Line::address(&self.new));
        Content {
            subject: sentence!["Your e-mail address for ", workspace, " was changed"],
            blocks: vec![
                sentence!["Your account in ", workspace, " has another e-mail address."].into(),
                sentence!["Before: ", &old, ". Now: ", &new, "."].into(),
                sentence!["If it was not you, tell an admin of the workspace at once."].into(),
            ],
            why: sentence![
                "You got this letter because this address was, or is now, the one of an account in the workspace ",
                workspace,
                " on Threadly."
            ],
        }
    }
}
