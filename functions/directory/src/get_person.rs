//! One person.

use axum::{Json, extract::State};
use domain::policy::Action;
use function_host::{On, Path, Problem, Services, extract::Authenticated};

use crate::{
    answer::{Person, PersonPath},
    error::DirectoryError,
    store,
};

/// Shows a person, also a deactivated one.
#[utoipa::path(
    get, path = "/w/{handle}/v1/people/{userId}", operation_id = "getPerson", tag = "directory", params(PersonPath),
    responses(
        (status = 200, body = Person),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_person(
    State(services): State<Services>,
    Authenticated(caller): Authenticated,
    Path(path): Path<PersonPath>,
) -> Result<Json<Person>, Problem> {
    services.access.authorise(&caller, On::Workspace, Action::SeePeople).await?;

    let pool = services.pool(&caller.workspace).await?;
    let person = store::person(&pool, &caller.workspace.handle, path.user_id).await?;
    Ok(Json(person.ok_or(DirectoryError::PersonNotFound)?))
}
