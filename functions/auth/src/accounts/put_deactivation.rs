//! Deactivating somebody.

use axum::{extract, http::StatusCode};
use domain::policy::Action;
use function_host::{Path, Problem, extract::Authenticated};
use people::{Letter, letters};

use super::{PersonPath, ending, owners, store};
use crate::State;

/// Deactivates a person or a bot; anybody may deactivate themselves.
///
/// Their sessions, refresh tokens, API tokens and open invitations end at once, and they can't sign in. All that they said
/// and are members of stays. They are told by letter.
#[utoipa::path(
    put, path = "/w/{handle}/v1/people/{userId}/deactivation", operation_id = "deactivatePerson", tag = "auth",
    params(PersonPath),
    responses(
        (status = 204, description = "They are deactivated, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_deactivation(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<PersonPath>,
) -> Result<StatusCode, Problem> {
    let person = path.user_id;
    let (mut transaction, other) = auth.act_on(&caller, person, |role| Action::ManagePerson { person, role }).await?;
    if !other.active {
        return Ok(StatusCode::NO_CONTENT);
    }
    owners::may_go(&mut transaction, &other).await?;
    store::deactivate(&mut transaction, person).await?;
    ending::everything(&mut transaction, person).await?;
    people::person_changed(&mut transaction, person).await?;
    if let Some(email) = &other.email {
        letters::expect(&auth.services.registry, &caller.workspace).await?;
        letters::write(&mut transaction, email, &Letter::Deactivated { user: person }).await?;
    }
    auth.publish(&caller.workspace, transaction).await?;
    Ok(StatusCode::NO_CONTENT)
}
