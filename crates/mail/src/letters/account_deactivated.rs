//! "Your account was deactivated."

use crate::{
    content::{Content, sentence},
    line::Line,
};

/// Says that an account was deactivated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountDeactivated;

impl AccountDeactivated {
    pub(crate) fn content(self, workspace: &Line) -> Content {
        Content {
            subject: sentence!["Your account in ", workspace, " was deactivated"],
            blocks: vec![
                sentence!["Your account in ", workspace, " was deactivated. You are signed out on all devices."].into(),
                sentence!["If you think that this is a mistake, ask an admin of the workspace."].into(),
            ],
            why: sentence![
                "You got this letter because you had an account in the workspace ",
                workspace,
                " on Threadly."
            ],
        }
    }
}
