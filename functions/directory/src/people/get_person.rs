//! One person.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::policy::Action;
use function_host::{
    On, Path, Problem, Services,
    etag::{Conditions, IfNoneMatch, versioned},
    extract::Authenticated,
};
use serde::Serialize;

use super::{
    answer::{Person, PersonPath},
    check_seen, store,
};
use crate::{answer::Seen, error::DirectoryError};

/// Shows a person, also a deactivated one. To a guest, people with whom they share no channel and no team do not exist.
#[utoipa::path(
    get, path = "/w/{handle}/v1/people/{userId}", operation_id = "getPerson", tag = "directory", params(PersonPath, IfNoneMatch),
    responses(
        (status = 200, body = Person, description = "`ETag` is the version"),
        (status = 304, description = "The caller has this version"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_person(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<PersonPath>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let reader = services.access.authorise(&caller, On::Workspace, Action::SeePeople).await?;

    let pool = services.pool(&caller.workspace).await?;
    check_seen(&pool, &reader, path.user_id).await?;
    let seen = Seen::now(&services, &caller.workspace);
    let person = store::person(&pool, &seen, path.user_id).await?.ok_or(DirectoryError::PersonNotFound)?;
    Ok(shown_as(&conditions, person.version, person.status_is_over, person))
}

/// A status that has ended changes what is shown without another version: then nobody is told that they have it.
pub(crate) fn shown_as<T: Serialize>(conditions: &Conditions, version: i64, status_is_over: bool, body: T) -> Response {
    if status_is_over { versioned(StatusCode::OK, version, body) } else { conditions.answer(version, body) }
}
