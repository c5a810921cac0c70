//! Erasing somebody. The row stays, so that what was said keeps an author; nothing of the person is left in it.

use std::time::Duration;

use axum::{extract, http::StatusCode};
use domain::{Name, policy::Action};
use function_host::{Path, Problem, Query, extract::Authenticated};
use people::pictures;
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::IntoParams;

use super::{AccountError, Facts, PersonPath, ending, owners, store};
use crate::{State, attempts, store as sessions};

/// What everybody who was erased is called.
const NAME_OF_ERASED: &str = "Deleted person";

/// The word that oneself is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Confirmation {
    /// Needed to erase oneself: one's own e-mail address, in any case, or display name.
    confirm: Option<String>,
}

/// Erases a person or a bot, for good: for owners, and for oneself.
///
/// Gone are the account's name, address, profile, picture, password, second factor, recovery codes, identities at
/// issuers, sessions with where they came from, API tokens, tickets, letters and invitations to the address, counts of
/// failed sign-ins, and the memberships of channels and teams. The picture leaves the object store within seconds, or once
/// the store answers; one that was being uploaded leaves it within a day. What stays: the messages, in the channels that they were posted in, by the id of
/// this person, who is called "Deleted person" from now on; direct and group conversations, for the others in them; which
/// channels, teams and invitations the id made. Events in the log that told of the name age out with it.
#[utoipa::path(
    delete, path = "/w/{handle}/v1/people/{userId}", operation_id = "erasePerson", tag = "auth",
    params(PersonPath, Confirmation),
    responses(
        (status = 204, description = "They are erased, now or before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn erase_person(
    extract::State(auth): extract::State<State>,
    Authenticated(caller): Authenticated,
    Path(path): Path<PersonPath>,
    Query(query): Query<Confirmation>,
) -> Result<StatusCode, Problem> {
    let person = path.user_id;
    let (mut transaction, other) = auth.act_on(&caller, person, |_| Action::ErasePerson { person }).await?;
    if other.erased {
        return Ok(StatusCode::NO_CONTENT);
    }
    if person == caller.user && !query.confirm.is_some_and(|text| names(&other, text.trim())) {
        return Err(AccountError::ConfirmationNeeded.into());
    }
    owners::may_go(&mut transaction, &other).await?;
    pictures::expect(&auth.services.registry, &caller.workspace, Duration::ZERO).await?;
    erase(&mut transaction, &other).await?;
    auth.publish(&caller.workspace, transaction).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn names(person: &Facts, text: &str) -> bool {
    let by_email = person.email.as_ref().is_some_and(|email| email.to_lowercase() == text.to_lowercase());
    by_email || person.display_name == text
}

async fn erase(connection: &mut PgConnection, person: &Facts) -> Result<(), Problem> {
    // The password before sessions, as whoever signs in.
    sessions::delete_password(connection, person.id).await?;
    ending::everything(connection, person.id).await?;
    for channel in store::channels_of(connection, person.id).await? {
        people::take_out(connection, channel, person.id).await?;
    }
    for team in store::teams_of(connection, person.id).await? {
        people::take_out_of_team(connection, team, person.id).await?;
    }
    store::erase_keys(connection, person.id).await?;
    store::erase_letters(connection, person.id, person.email.as_deref()).await?;
    attempts::forget_account(connection, person.id, person.email.as_deref()).await?;
    pictures::leave_all(connection, person.id).await?;
    store::erase_person(connection, person.id, &Name::lenient(NAME_OF_ERASED, NAME_OF_ERASED)).await?;
    people::person_changed(connection, person.id).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::{AccountKind, Role, UserId};

    use super::*;

    #[test]
    fn oneself_is_named_by_address_or_name_and_by_nothing_else() {
        let facts = |email: Option<&str>| Facts {
            id: UserId::random(),
            email: email.map(str::to_owned),
            display_name: "Ada".to_owned(),
            role: Role::Member,
            kind: AccountKind::Person,
            active: true,
            erased: false,
            version: 1,
        };
        let ada = facts(Some("Ada@acme.example"));
        for good in ["ada@ACME.example", "Ada"] {
            assert!(names(&ada, good), "{good}");
        }
        for bad in ["", "ada", "yes", "@"] {
            assert!(!names(&ada, bad), "{bad}");
        }
        assert!(!names(&facts(None), ""));
    }
}
