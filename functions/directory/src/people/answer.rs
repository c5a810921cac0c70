//! What clients see of people, and how they name them in paths.

use chrono::{DateTime, Utc};
use domain::{AccountKind, Role, UserId, events::Status};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Avatar;

/// A person in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(crate) struct PersonPath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
    /// The person.
    pub user_id: UserId,
}

/// Somebody in the workspace.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    /// The person's id.
    pub user_id: UserId,
    /// As shown to others.
    pub display_name: String,
    /// In the workspace.
    pub role: Role,
    /// A person, or a program.
    pub kind: AccountKind,
    /// False once deactivated; listed still, because their messages stay.
    pub active: bool,
    /// What they do; may be empty.
    pub title: String,
    /// What they say of themselves, in one line or several; may be empty.
    pub about: String,
    /// Where their days begin and end: a name of the IANA database.
    #[schema(example = "Europe/Lisbon")]
    pub time_zone: String,
    /// What they say that they are doing; null if nothing, or once it is over.
    pub status: Option<Status>,
    /// The person's picture; null without one.
    pub avatar: Option<Avatar>,
    /// Raised by one at every change. The end of a status is none.
    pub version: i64,
    /// Whether there was a status that is over: then the version alone does not tell what is shown.
    #[serde(skip)]
    pub status_is_over: bool,
}

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Me {
    /// As others see them.
    #[serde(flatten)]
    pub person: Person,
    /// The address that the caller signs in with; nobody else is told. Null where none is known.
    pub email: Option<String>,
}

/// A page of people, in the order of their names, case ignored.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PeoplePage {
    /// The people.
    pub items: Vec<Person>,
    /// For the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// A stored status as it is shown: not at all if there is nothing in it, or once it is over.
pub(crate) fn shown(status: Status, now: DateTime<Utc>) -> Option<Status> {
    let says_something = !(status.emoji.is_empty() && status.text.is_empty());
    (says_something && !is_over(&status, now)).then_some(status)
}

/// Whether its time has come.
pub(crate) fn is_over(status: &Status, now: DateTime<Utc>) -> bool {
    status.until.is_some_and(|until| until <= now)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_status_is_shown_until_it_is_over_and_an_empty_one_never() {
        let now = Utc::now();
        let status = |text: &str, until| Status { emoji: String::new(), text: text.to_owned(), until };
        assert!(shown(status("Lunch", None), now).is_some());
        assert!(shown(status("Lunch", Some(now + TimeDelta::seconds(1))), now).is_some());
        assert!(shown(status("Lunch", Some(now)), now).is_none());
        assert!(shown(status("", None), now).is_none());
    }
}
