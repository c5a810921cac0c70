//! Saying what one is doing.

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
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
use crate::answer::{WorkspacePath, now};

/// What the caller is doing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"emoji": "🌴", "text": "On holiday", "until": "2099-08-31T18:00:00Z"}))]
pub(crate) struct PutStatus {
    /// One emoji; empty if absent. It or the text says something.
    #[serde(default)]
    #[schema(max_length = 32)]
    emoji: String,
    /// In words, up to 100 characters in one line; empty if absent.
    #[serde(default)]
    #[schema(max_length = 100)]
    text: String,
    /// Over from then on, a time in the future; for ever if absent.
    until: Option<DateTime<Utc>>,
}

/// Says what the caller is doing, in the place of what they said before. Nobody is shown it once it is over.
#[utoipa::path(
    put, path = "/w/{handle}/v1/me/status", operation_id = "putStatus", tag = "directory", params(WorkspacePath, IfMatch),
    request_body = PutStatus,
    responses(
        (status = 200, body = Me, description = "The status is this, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_status(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    conditions: Conditions,
    Json(body): Json<PutStatus>,
) -> Result<Response, Problem> {
    let status = profile::status(&body.emoji, &body.text, body.until, now(&services))?;
    services.access.authorise(&caller, On::Workspace, Action::ChangeOwnProfile).await?;

    let change = Change { status: Some(status), ..Change::default() };
    change_me(&services, &caller, &change, &conditions).await
}
