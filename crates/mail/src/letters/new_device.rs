//! "A new device signed in."

use chrono::{DateTime, Utc};

use super::time;
use crate::{
    content::{Content, sentence},
    line::Line,
};

/// Says that an account was signed in to from a new device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDevice {
    /// What the device says that it is.
    pub device: String,
    /// Where it seems to be, if that is known: an address, a city.
    pub place: Option<String>,
    /// When it signed in.
    pub when: DateTime<Utc>,
}

impl NewDevice {
    pub(crate) fn content(&self, workspace: &Line) -> Content {
        let (device, when) = (Line::name(&self.device), time(self.when));
        let signed_in = match self.place.as_deref().map(Line::name) {
            Some(place) => sentence!["Device: ", &device, ". Place: ", &place, ". Time: ", &when, "."],
            None => sentence!["Device: ", &device, ". Time: ", &when, "."],
        };
        Content {
            subject: sentence!["A new device signed in to ", workspace],
            blocks: vec![
                sentence![
                    "Your account in ",
                    workspace,
                    " was signed in to from a device that it has not seen before."
                ]
                .into(),
                signed_in.into(),
                sentence!["If it was you, there is nothing to do."].into(),
                sentence!["If it was not you, change your password and end that session in your settings."].into(),
            ],
            why: sentence![
                "You got this letter because you have an account in the workspace ",
                workspace,
                " on Threadly, and sign-ins from new devices are told."
            ],
        }
    }
}
