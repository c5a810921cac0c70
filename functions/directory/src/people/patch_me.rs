//! Changing one's profile.

use axum::{extract::State, response::Response};
use domain::policy::Action;
use function_host::{
    Json, On, Problem, Services,
    etag::{Conditions, IfMatch},
    extract::Authenticated,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::Me,
    change_me,
    profile::{self, Change},
};
use crate::answer::WorkspacePath;

/// What is to be another; what is absent or null stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "displayName": "Ada Lovelace", "title": "Countess", "about": "Engines, and what they might do.",
    "timeZone": "Europe/London"
}))]
pub(crate) struct PatchMe {
    /// As shown to others: 1 to 80 characters that are seen, in one line; white space at the ends is removed. One that
    /// only looks like somebody else's is nobody's.
    #[schema(min_length = 1, max_length = 80)]
    display_name: Option<String>,
    /// What the caller does: up to 80 characters in one line.
    #[schema(max_length = 80)]
    title: Option<String>,
    /// What the caller says of themselves: up to 500 characters, in one line or several.
    #[schema(max_length = 500)]
    about: Option<String>,
    /// A name of the IANA database.
    #[schema(max_length = 64)]
    time_zone: Option<String>,
}

impl PatchMe {
    fn change(&self) -> Result<Change, Problem> {
        let name = self.display_name.as_deref().map(str::parse).transpose();
        Ok(Change {
            name: name.map_err(|error| Problem::invalid_name(error, "displayName"))?,
            title: self.title.as_deref().map(profile::title).transpose()?,
            about: self.about.as_deref().map(profile::about).transpose()?,
            time_zone: self.time_zone.as_deref().map(profile::time_zone).transpose()?,
            status: None,
        })
    }
}

/// Changes the caller's profile. With `If-Match`, only the version that is named; a change that was made already is
/// answered as if it were made now.
#[utoipa::path(
    patch, path = "/w/{handle}/v1/me", operation_id = "patchMe", tag = "directory", params(WorkspacePath, IfMatch),
    request_body = PatchMe,
    responses(
        (status = 200, body = Me, description = "The profile is this, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn patch_me(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    conditions: Conditions,
    Json(body): Json<PatchMe>,
) -> Result<Response, Problem> {
    let change = body.change()?;
    services.access.authorise(&caller, On::Workspace, Action::ChangeOwnProfile).await?;

    change_me(&services, &caller, &change, &conditions).await
}
