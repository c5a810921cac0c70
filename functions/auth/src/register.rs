//! Signing up. The id is the client's, so a retry names the same person; the password shows that it is a retry.

use axum::{
    extract,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{AccountKind, Name, Role, SessionId, UserId};
use function_host::{Json, Problem, client::Client, extract::Stranger};
use people::{Admission, Letter, NewPerson, letters};
use serde::Deserialize;
use tenancy::{SignUp, Workspace};
use utoipa::ToSchema;

use crate::{
    State,
    attempts::{self, Attempt, Wish},
    email::Email,
    error::AuthError,
    passwords::Password,
    person::Account,
    session::{Entrance, Opened, Origin, Session},
    store::{self, Holder},
};

/// Somebody new.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "userId": "019a5c1e-7b5a-7c1d-9f3e-2a4b6c8d0e1f", "email": "ada@acme.example",
    "password": "correct horse battery", "displayName": "Ada Lovelace",
    "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a",
}))]
pub(crate) struct Register {
    /// Made by the client, a UUIDv7; the same in every retry.
    user_id: UserId,
    /// One address is one person, whatever its case.
    #[schema(max_length = 320, example = "ada@acme.example")]
    email: String,
    /// 10 to 128 characters.
    #[schema(min_length = 10, max_length = 128)]
    password: String,
    /// 1 to 80 characters, no control characters; white space at the ends is dropped.
    #[schema(max_length = 80, example = "Ada Lovelace")]
    display_name: String,
    /// Made by the client, a UUIDv7: the session to open; the same in every retry, so that no second one is opened.
    session_id: Option<SessionId>,
}

/// Signs up and in. Everybody starts as a member: only a ticket gives more, since only it proves the address. Who often finds
/// an address taken waits before the next try, as who signs in in vain.
#[utoipa::path(
    post, path = "/w/{handle}/v1/auth/register", operation_id = "register", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")), request_body = Register,
    responses(
        (status = 201, body = Session, description = "Registered"),
        (status = 200, body = Session, description = "Registered before, with the same id, address and password"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "`too-many-attempts`: try again after `Retry-After` seconds"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn register(
    extract::State(auth): extract::State<State>,
    Stranger(workspace): Stranger,
    client: Client,
    Json(body): Json<Register>,
) -> Result<Response, Problem> {
    let email: Email = body.email.parse()?;
    let name: Name = body.display_name.parse().map_err(|error| Problem::invalid_name(error, "displayName"))?;
    let password: Password = body.password.parse()?;
    match workspace.sign_up {
        SignUp::Open => {}
        SignUp::Domain(_) => return Err(AuthError::EmailProofNeeded.into()),
        SignUp::Invitation => return Err(AuthError::SignUpNotAllowed.into()),
    }

    let entrance = Entrance { client: &client, origin: Origin::Password, asked: body.session_id, code: None };
    let pool = auth.services.pool(&workspace).await?;
    let attempt = Attempt::to_register(&pool, &client.network()).await?;
    let holders = store::holders(&pool, Some(body.user_id), email.as_str()).await?;
    let mut known = attempt.count_failure(judge(holders, body.user_id)).await?;
    if known.is_none() {
        let hash = auth.hasher.hash(&workspace.id, body.password.clone()).await?;
        let person = NewPerson {
            id: body.user_id,
            email: Some(email.as_str()),
            email_proved: false,
            name: &name,
            role: Role::Member,
            kind: AccountKind::Person,
        };
        let news = auth.services.relay.expect(&workspace).await?;
        if auth.mailer.is_on() {
            letters::expect(&auth.services.registry, &workspace).await?;
        }
        if let Some(opened) = enrol(&auth, &workspace, person, &hash, &entrance).await? {
            news.committed().await;
            let session = auth.answer(&workspace, opened)?;
            return Ok((StatusCode::CREATED, axum::Json(session)).into_response());
        }
        // Another request with this id or address was faster.
        known = judge(store::holders(&pool, Some(body.user_id), email.as_str()).await?, body.user_id)?;
    }
    let (password, wrong) = (password.into_text(), AuthError::UserIdTaken);
    let opened = auth.open_by_password(&workspace, email.as_str(), known, password, &entrance, wrong).await?;
    Ok(axum::Json(auth.answer(&workspace, opened)?).into_response())
}

/// The account that a retry is about, or none; everybody else who holds the id or the address is in the way.
fn judge(holders: Vec<Holder>, user: UserId) -> Result<Option<Account>, AuthError> {
    let mut id_taken = false;
    for Holder { account, same_email } in holders {
        match (account.person.id == user, same_email) {
            (true, true) => return Ok(Some(account)),
            (false, _) => return Err(AuthError::EmailTaken),
            (true, false) => id_taken = true,
        }
    }
    if id_taken { Err(AuthError::UserIdTaken) } else { Ok(None) }
}

/// Makes the person, and asks them to prove their address; nothing if the id or the address is taken.
async fn enrol(
    auth: &State,
    workspace: &Workspace,
    person: NewPerson<'_>,
    password_hash: &str,
    entrance: &Entrance<'_>,
) -> Result<Option<Opened>, Problem> {
    let mut transaction = auth.services.pool(workspace).await?.begin().await?;
    people::check_name(&mut transaction, person.id, person.name).await?;
    if people::admit(&mut transaction, &workspace.settings.limits, person).await? == Admission::Taken {
        return Ok(None);
    }
    if let Some(email) = person.email.filter(|_| auth.mailer.is_on())
        && attempts::may_write(&mut transaction, Wish::Verification, email, &entrance.client.network()).await?
    {
        letters::write(&mut transaction, email, &Letter::VerifyEmail { user: person.id }).await?;
    }
    let Some(person) = store::person(&mut transaction, person.id).await? else { return Ok(None) };
    store::insert_password(&mut transaction, person.id, password_hash).await?;
    let opened = auth.open(workspace, &mut transaction, person, entrance).await?;
    transaction.commit().await?;
    Ok(Some(opened))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Person;

    fn holder(id: UserId, same_email: bool) -> Holder {
        let person = Person {
            id,
            email: Some("ada@acme.example".to_owned()),
            display_name: "Ada".to_owned(),
            role: Role::Member,
            active: true,
            version: 1,
        };
        Holder { account: Account { person, password_hash: None }, same_email }
    }

    #[test]
    fn only_the_same_id_with_the_same_address_may_be_a_retry() {
        let (me, other) = (UserId::random(), UserId::random());
        let judged = |holders| judge(holders, me).map(|account| account.map(|account| account.person.id));
        assert_eq!(judged(vec![]), Ok(None));
        assert_eq!(judged(vec![holder(me, true)]), Ok(Some(me)));
        assert_eq!(judged(vec![holder(me, false)]), Err(AuthError::UserIdTaken));
        assert_eq!(judged(vec![holder(other, true)]), Err(AuthError::EmailTaken));
        assert_eq!(judged(vec![holder(me, false), holder(other, true)]), Err(AuthError::EmailTaken));
    }
}
