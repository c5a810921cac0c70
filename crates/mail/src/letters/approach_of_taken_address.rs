//! "You have an account already."

use crate::{
    content::{Content, sentence},
    line::Line,
};

/// Says that somebody tried to sign up with the reader's address. Whoever tried is told nothing: so nobody learns from
/// a sign-up whether an address has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApproachOfTakenAddress;

impl ApproachOfTakenAddress {
    pub(crate) fn content(self, workspace: &Line) -> Content {
        Content {
            subject: sentence!["You have an account in ", workspace, " already"],
            blocks: vec![
                sentence![
                    "Somebody, perhaps you, tried to sign up in ",
                    workspace,
                    " with this address, which has an account there already."
                ]
                .into(),
                sentence![
                    "If it was you, sign in with your password, or ask for a new one on the page where you sign in."
                ]
                .into(),
                sentence!["If it was not you, there is nothing to do: your account is as it was."].into(),
            ],
            why: sentence![
                "You got this letter because you have an account in the workspace ",
                workspace,
                " on Threadly."
            ],
        }
    }
}
