//! What the answers and the SQL of all areas have in common.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use domain::{Handle, UserId, roles::UnknownWord};
use function_host::Services;
use serde::{Deserialize, Serialize};
use tenancy::Workspace;
use utoipa::{IntoParams, ToSchema};

/// The workspace in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct WorkspacePath {
    /// The workspace.
    #[serde(rename = "handle")]
    _handle: String,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Avatar {
    /// The content's SHA-256 in hexadecimal: whoever has a picture of this digest need not ask for it again.
    pub digest: String,
    /// The path that leads to it; another one once the picture is another.
    pub url: String,
}

impl Avatar {
    pub(crate) fn new(handle: &Handle, user: UserId, digest: &str) -> Self {
        let url = format!("/w/{handle}/v1/people/{user}/avatar?digest={digest}");
        Self { digest: digest.to_owned(), url }
    }
}

/// Where and when something is seen: links name the workspace, and a status that is over is not shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub handle: &'a Handle,
    pub now: DateTime<Utc>,
}

impl<'a> Seen<'a> {
    /// In this workspace, now by the clock that all processes agree on.
    pub(crate) fn now(services: &Services, workspace: &'a Workspace) -> Self {
        Self { handle: &workspace.handle, now: now(services) }
    }
}

/// The time by the clock that all processes agree on.
pub(crate) fn now(services: &Services) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(services.registry.clock().now_millis()).unwrap_or_else(Utc::now)
}

/// Reads a stored word; one that this version doesn't know is a failure to decode the row.
pub(crate) fn word<T: FromStr<Err = UnknownWord>>(text: &str) -> sqlx::Result<T> {
    text.parse().map_err(|error: UnknownWord| sqlx::Error::Decode(Box::new(error)))
}
